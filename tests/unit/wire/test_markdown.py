import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.wire.limits import TEXT_CHARS
from chat.wire.markdown import _CLEANER, HTML_CHARS, MAX_ADDRESSES, MAX_LINES, MAX_MARKS, escape, render

EXAMPLES = int(os.environ.get("DISTCHAT_TEST_EXAMPLES", "200"))
REL = 'rel="noopener noreferrer nofollow"'


def link(address: str, text: str = "") -> str:
    return f'<a href="{address}" {REL}>{text or address}</a>'


@pytest.mark.parametrize(
    "text",
    ["hello", "你好，世界。", "a\nb\n\nc", "   indented", "a & b", "1 < 2 > 0", "snake_case_name", "&amp;",
     '"x"',
     "<script>alert(1)</script>", "<b>bold</b>", "1.5 apples", "#tag", "-1", "x - y", "a:b", "main.py",
     "www.example.com",
     "ann@example.com", "    code?", "[a]", "a | b", "+", "-", "#", ">", "1.", "---", "* * *", "http://", "http://。",
     "javascript:alert(1)", "[x](javascript:alert(1))", "[x](/logout)", "[x](data:text/html,x)", "//evil.example",
     "ftp://a.b/c",
     "[a]: b"],
)  # fmt: skip
def test_text_that_looks_the_same_escaped_has_no_html(text: str):
    assert render(text) == ""


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** *b* ~~c~~", "<p><strong>a</strong> <em>b</em> <s>c</s></p>"),
        ("**a**\nb", "<p><strong>a</strong><br>\nb</p>"),
        ("`a<b`", "<p><code>a&lt;b</code></p>"),
        ("```python\na < b\n```", '<pre><code class="language-python">a &lt; b\n</code></pre>'),
        ('```"><script>\na\n```', "<pre><code>a\n</code></pre>"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("# a", "<h1>a</h1>"),
        ("a **b** <i>c</i>", "<p>a <strong>b</strong> &lt;i&gt;c&lt;/i&gt;</p>"),
        ("*&amp;*", "<p><em>&amp;amp;</em></p>"),
        ("\\*a\\*", "<p>*a*</p>"),
        ("http://a.b/c?d=e", f"<p>{link('http://a.b/c?d=e')}</p>"),
        ("HTTPS://a.b", f"<p>{link('HTTPS://a.b')}</p>"),
        ("<https://a.b>", f"<p>{link('https://a.b')}</p>"),
        ("mailto:a@b.cn", f"<p>{link('mailto:a@b.cn')}</p>"),
        ("[x](https://a.b)", f"<p>{link('https://a.b', 'x')}</p>"),
        ("![x](https://a.b/i.png)", f"<p>!{link('https://a.b/i.png', 'x')}</p>"),
        ("`https://a.b`", "<p><code>https://a.b</code></p>"),
    ],
)
def test_markdown_becomes_html(text: str, html: str):
    assert render(text) == html


def test_a_table_becomes_one():
    cells = "<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>"
    assert render("|a|\n|:-|\n|1|") == f"<table>\n{cells}\n</table>"


@pytest.mark.parametrize("mark", "，。！？；：、…（）《》「」『』【】“”‘’")
def test_chinese_punctuation_ends_a_link(mark: str):
    assert render(f"看{mark}http://a.b/c{mark}https://d.e{mark}好") == (
        f"<p>看{mark}{link('http://a.b/c')}{mark}{link('https://d.e')}{mark}好</p>"
    )


def test_a_chinese_path_belongs_to_its_link():
    assert render("http://a.b/路径。") == f"<p>{link('http://a.b/%E8%B7%AF%E5%BE%84', 'http://a.b/路径')}。</p>"


# Bounded work: what is too much is shown as it was written


@pytest.mark.parametrize(
    "text",
    ["[" * TEXT_CHARS, "*" * TEXT_CHARS, "`a" * 4000, "*a _b " * 1300, "[a](" * 2000, "<a " * 2600, "a|" * 4000,
     "> " * 4000,
     "- a\n" * 2000, "http://a.b " * 727, "|a" * 300 + "\n" + "|-" * 300 + "\n|" * 300],
)  # fmt: skip
def test_noise_is_not_rendered(text: str):
    assert render(text) == ""


@pytest.mark.parametrize(
    ("text", "one_more"),
    [
        ("**a**" + "[" * (MAX_MARKS - 4), "["),
        ("**a**" + "\nb" * (MAX_LINES - 1), "\nb"),
        ("http://a.b " * MAX_ADDRESSES, "http://a.b"),
    ],
)
def test_the_bounds_are_where_they_are_said_to_be(text: str, one_more: str):
    assert (render(text) != "", render(text + one_more)) == (True, "")


def test_what_is_nested_too_deeply_is_shown_whole_rather_than_cut():
    nested = ["".join("  " * depth + "- a\n" for depth in range(levels)) for levels in (5, 30)]
    assert (render(nested[0]).count("a"), render(nested[1])) == (5, "")
    assert render("> " * 30 + "a") == ""


TAGS_SHOWN = {
    "p", "br", "strong", "em", "s", "a", "code", "pre", "blockquote", "ul", "ol", "li", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(st.text(st.sampled_from("中文 \n*_`~[]()<>!#-+|:1.\\/\"'&。h"), max_size=60))
def test_html_is_clean_and_never_long(text: str):
    html = render(text)
    assert len(html) <= HTML_CHARS
    assert set(re.findall(r"<(\w+)", html)) <= TAGS_SHOWN


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(st.text(st.sampled_from("中文 \n*_~<>!#-+:1.\\/\"'&。"), max_size=60).filter(lambda text: "~~~" not in text))
def test_no_word_is_lost_in_rendering(text: str):
    """Without fences, links and tables, whose language, address and surplus cells are not shown."""
    html = render(text)
    assert re.findall("[中文]", html or text) == re.findall("[中文]", text)


def test_many_threads_render_at_once():
    texts = [f"*x* http://a{number}.b" for number in range(300)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(render, texts))
    assert found == [f"<p><em>x</em> {link(text.split()[1])}</p>" for text in texts]


def test_escaping_makes_only_what_is_markup_harmless():
    assert escape("<a href='x'>&amp;\"") == "&lt;a href='x'&gt;&amp;amp;\""


@pytest.mark.parametrize(
    "address", ["/logout", "javascript:alert(1)", "//evil.example", "data:text/html,x", "http:evil"]
)
def test_the_sanitiser_keeps_no_other_address_even_if_the_parser_let_it_through(address: str):
    assert _CLEANER.clean(f'<a href="{address}" onclick="x()">x</a>') == f"<a {REL}>x</a>"
