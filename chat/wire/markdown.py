"""What people write, as HTML that is safe to show; rendered once, when it is written."""

import re
import threading

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from chat.wire.limits import TEXT_CHARS
from chat.wire.links import Addresses

MAX_NESTING = 20
LINK_REL = "noopener noreferrer nofollow"

TAGS = {"p", "br", "strong", "em", "s", "a", "code", "pre", "blockquote", "ul", "ol", "li", "hr"}
TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}}
SCHEMES = {"http", "https", "mailto"}

# Whatever can begin markup that the parser knows: without any of it the text is plain.
_MARKUP = re.compile(r"[\\`*_\[<~|]|://|mailto:|^[ \t]*(?:[-+>#]|\d{1,9}[.)])", re.MULTILINE | re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
_ADDRESS_START = re.compile(r"://|mailto:", re.IGNORECASE)
_LANGUAGE = re.compile(r"language-[A-Za-z0-9+#_.-]{1,24}")

# What the parser's work grows with. A text that is so full of it is noise, and shown as it was written.
_MARKS = re.compile(r"[\\`*_\[\]<>~|]")
MAX_MARKS = 1000
MAX_ADDRESSES = 100
MAX_LINES = 1000
MAX_CELLS = 2000  # of tables; the parser fills short rows up to the width of the first
HTML_CHARS = 4 * TEXT_CHARS  # some short Markdown makes long HTML, and every device would pay for it


def escape(text: str) -> str:
    """The text with `&`, `<` and `>` made harmless: what a client shows when a message has no `html`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def render(text: str) -> str:
    """The sanitised HTML of Markdown `text`, or "" when it would say no more than the escaped text.

    CommonMark with strike-through, tables and links, where a line break is kept; without HTML, images, indented code,
    entities and references, which surprise people who only wanted to chat. Text that is nested too deeply, or is
    hardly more than marks, is not rendered: "". Any thread may call it.
    """
    if _MARKUP.search(text) is None or _is_noise(text):
        return ""
    tokens = _local.parser.parse(text)
    if any(map(_is_too_deep, tokens)) or not any(map(_says_something, tokens)):
        return ""
    html = _CLEANER.clean(_local.parser.renderer.render(tokens, _local.parser.options, {})).rstrip()
    return "" if html == _as_paragraph(text) or len(html) > HTML_CHARS else html


def _is_noise(text: str) -> bool:
    lines = text.count("\n") + 1
    return (
        lines > MAX_LINES
        or len(_MARKS.findall(text)) > MAX_MARKS
        or len(_ADDRESS_START.findall(text)) > MAX_ADDRESSES
        or lines * max(line.count("|") for line in text.split("\n")) > MAX_CELLS
    )


def _says_something(token: Token) -> bool:
    """A lone "+" or "#" is Markdown for an empty list or heading, but was not meant so."""
    return token.type in ("inline", "fence") and bool(token.content)


def _is_too_deep(token: Token) -> bool:
    """The parser silently drops what is inside the last level that it follows."""
    return token.nesting == 1 and token.level >= MAX_NESTING - 1


def _as_paragraph(text: str) -> str:
    lines = (line.strip() for line in escape(text).strip().split("\n"))
    return "<p>" + "<br>\n".join(lines) + "</p>"


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("a", "href") and not _ADDRESS.match(value):
        return None
    if attribute == "class" and not _LANGUAGE.fullmatch(value):
        return None
    return value


def _is_address(url: str) -> bool:
    return _ADDRESS.match(url) is not None


def _build_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": MAX_NESTING})
    parser.enable(["strikethrough", "table", "linkify"])
    parser.disable(["image", "code", "lheading", "reference", "entity", "html_block", "html_inline"])
    parser.linkify = Addresses()
    parser.validateLink = _is_address  # type: ignore[method-assign]  # how the library is told
    return parser


class _Local(threading.local):
    """A parser for each thread: linkify-it-py keeps the text that it is looking at on itself."""

    def __init__(self) -> None:
        self.parser = _build_parser()


_local = _Local()

_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    attribute_filter=_keep_attribute,
    url_schemes=SCHEMES,
    link_rel=LINK_REL,
)
