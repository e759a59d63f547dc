"""One of the staff at the pages of the admin, as a browser sends what is clicked there."""

import html
import re
from types import TracebackType
from typing import Any, Self

import httpx

from chat.proof.login import cookie_value
from chat.proof.site import Person
from chat.proof.stage import Stage


class Desk:
    """`async with Desk(stage, root, node=1) as desk:`; the person becomes a superuser."""

    def __init__(self, stage: Stage, person: Person, *, node: int = 1) -> None:
        stage.site.office.do("hire", person.id)
        self._office = stage.site.office
        self._person = person
        base = stage.cluster.http_url(stage.cluster.names[node - 1])
        self._browser = httpx.AsyncClient(
            base_url=base,
            cookies={"sessionid": cookie_value(person.cookies, "sessionid")},
            headers={"Origin": base, "Referer": f"{base}/admin/"},
            follow_redirects=True,
            timeout=30,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._browser.aclose()

    def pk(self, kind: str, **values: Any) -> str:
        """The id of a row: of `chat.message` with `conversation=7, seq=2`."""
        return str(self._office.do("pk_of", kind, values))

    async def page(self, kind: str, pk: str) -> str:
        """The page of a row, as text."""
        answer = await self._browser.get(f"/admin/{kind.replace('.', '/')}/{pk}/change/")
        assert answer.status_code == 200
        return _text(answer.text)

    async def do(self, action: str, kind: str, *pks: str, asks: bool = True) -> str:
        """Choose an action for these rows, say yes, and give what the page then says."""
        path = f"/admin/{kind.replace('.', '/')}/"
        await self._browser.get(path)
        form: dict[str, Any] = {"csrfmiddlewaretoken": self._browser.cookies["csrftoken"], "action": action}
        asked = await self._browser.post(path, data={**form, "_selected_action": list(pks)})
        assert (asked.status_code, 'name="confirmed"' in asked.text) == (200, asks)
        if not asks:
            return _text(asked.text)
        shown = re.findall(r'name="_selected_action" value="([^"]+)"', asked.text)
        assert sorted(shown) == sorted(pks)
        done = await self._browser.post(path, data={**form, "confirmed": "yes", "_selected_action": shown})
        assert (done.status_code, _text(done.text) if done.status_code != 200 else "") == (200, "")
        found = re.search(r'<ul class="messagelist">(.*?)</ul>', done.text, re.DOTALL)
        return _text(found.group(1)) if found else ""

    def audit(self) -> list[list[str]]:
        """[what, kind, id] of all that this person did, in its order; each from this machine."""
        rows = self._office.do("audited", self._person.id)
        assert {address for *_, address in rows} <= {"127.0.0.1"}
        return [row[:3] for row in rows]


def _text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
