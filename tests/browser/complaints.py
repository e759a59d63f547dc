"""What a page finds wrong: violations of the content security policy, errors of scripts, errors in the console."""

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

MARK = "Content Security Policy violated:"
WATCH = f"""
document.addEventListener("securitypolicyviolation", (event) => console.error(
  "{MARK}", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber, event.sample));
"""

BROKEN_NETWORK = ("WebSocket connection to", "net::ERR_", "Failed to fetch", "Failed to load resource")
"""What Chromium itself says, whatever the page does, when a server is gone."""

INSECURE_ORIGIN = ("Cross-Origin-Opener-Policy header has been ignored",)
"""What Chromium itself says of any page without TLS."""


class Complaints:
    """Gathers, from all pages of a context, what no page should ever give cause for."""

    def __init__(self, context: BrowserContext) -> None:
        self.found: list[str] = []
        self._excused: tuple[str, ...] = ()
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("requestfailed", self._on_failed_request)

    def excuse(self, *beginnings: str) -> None:
        """Pass over what contains one of these from now on."""
        self._excused += beginnings

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self._note("console", f"{message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: WebError) -> None:
        self._note("page", error.error.stack or error.error.message)

    def _on_failed_request(self, request: Request) -> None:
        if request.failure not in (None, "net::ERR_ABORTED"):  # a navigation aborts what the old page still fetched
            self._note("request", f"{request.url}: {request.failure}")

    def _note(self, where: str, text: str) -> None:
        if not any(each in text for each in self._excused):
            self.found.append(f"{where}: {text}")


async def watch_policy(context: BrowserContext) -> None:
    """Have violations told to the console, with what was blocked; before the first page is opened."""
    await context.add_init_script(WATCH)
