"""What is logged: enough to find out what happened, and nothing that somebody wrote or that lets anybody in."""

import re
from uuid import uuid4

import httpx
import orjson

from chat.proof.cluster import Cluster
from chat.proof.device import Lost
from chat.proof.login import log_in, log_out
from chat.proof.raw import knock
from chat.proof.site import PASSWORD, Person, Site
from chat.proof.stage import Stage

JSON_LOGS = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", "EMAIL_URL": "dummymail://"}
CANARY = f"canary{uuid4().hex}"


async def say_everything(stage: Stage, ann: Person, bob: Person) -> None:
    """The canary in every field of text that there is, understood or not."""
    group = stage.group(ann, bob, title=CANARY)
    device, far = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    await device.post(group, CANARY)
    await device.draft(group, CANARY)
    await device.rename(group, CANARY)
    await far.wait_for(lambda far: far.cursor(group) == 3)
    for bad in (
        {"type": CANARY},
        {"type": "post", "text": CANARY, CANARY: 1},
        {"type": "create", "kind": "group", "title": CANARY, "members": [CANARY]},
        {"type": "edit", "conversation": group, "seq": 99, "text": CANARY},
        {"type": "react", "conversation": group, "seq": 2, "emoji": CANARY, "on": True},
        {"type": "hello", "device": CANARY, "device_name": CANARY},
    ):
        await device.send_raw(orjson.dumps(bad).decode())
    await device.ping()
    for frame in (f'{{"{CANARY}', f'"{CANARY}"', f'[[["{CANARY}"]]', CANARY * 20_000):
        probe = await stage.arrive(ann, 1)
        try:
            await probe.send_raw(frame)
        except Lost:
            pass
        await probe.wait_for(lambda probe: not probe.is_connected)


async def knock_with_everything(stage: Stage) -> str:
    """The canary in cookies, tokens, queries, origins and addresses; returns the CSRF token that was used."""
    url = stage.url(1)
    await knock(url, Cookie=f"sessionid={CANARY}; theme={CANARY}")
    await knock(url, origin=None, Authorization=f"Bearer {CANARY}")
    await knock(f"{url}?token={CANARY}", Cookie=f"sessionid={CANARY}")
    await knock(url, origin=f"https://{CANARY}.example")
    base = stage.cluster.http_url("server_1")
    async with httpx.AsyncClient(base_url=base, trust_env=False) as browser:
        await browser.get("/accounts/login/", params={"next": CANARY})
        token = str(browser.cookies["csrftoken"])
        form = {"csrfmiddlewaretoken": token}
        await browser.post("/accounts/login/", data={**form, "login": CANARY, "password": CANARY})
        await browser.post("/accounts/signup/", data={**form, "username": "x", "password1": CANARY, "password2": "y"})
        await browser.post("/accounts/password/reset/", data={**form, "email": f"{CANARY}@example.com"})
        await browser.post("/preferences", data={**form, "theme": CANARY})
        await browser.post("/preferences", content=CANARY, headers={"content-type": "application/json"})
        await browser.post("/accounts/login/", data={"csrfmiddlewaretoken": CANARY, "password": CANARY})
        for path in (f"/accounts/password/reset/key/1-{CANARY}/", f"/accounts/confirm-email/{CANARY}/"):
            await browser.get(path)
            await browser.request("DELETE", path)
    return token


async def test_nothing_that_people_say_or_prove_themselves_with_is_in_a_log(own_site: Site):
    async with own_site.cluster(2, **JSON_LOGS) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        await say_everything(stage, ann, bob)
        token = own_site.office.do("token", ann.id)
        await (await stage.arrive(ann, 2, token=token)).ping()
        cookies = await log_in(nodes.http_url("server_1"), ann.username, PASSWORD)
        await log_out(nodes.http_url("server_1"), cookies)
        csrf = await knock_with_everything(stage)
        secrets = [CANARY, PASSWORD, token, csrf, *values_of(ann.cookies, bob.cookies, cookies)]
        await stage.close()
        log = own_site.log_text(nodes)

    assert "access" in log
    assert [secret for secret in secrets if secret in log] == []
    assert "Traceback" not in log


def values_of(*cookies: str) -> list[str]:
    return [pair.partition("=")[2] for header in cookies for pair in header.split("; ")]


async def test_an_error_is_logged_without_what_was_sent(own_site: Site):
    """With the database gone every page is an error, and says so with a traceback."""
    async with own_site.cluster(1, **JSON_LOGS, DEBUG="false", SECRET_KEY="k3y!" * 16, DISTCHAT_HTTPS="false") as nodes:
        async with httpx.AsyncClient(base_url=nodes.http_url("server_1"), trust_env=False) as browser:
            await browser.get("/accounts/login/")
            form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "login": CANARY, "password": CANARY}
            break_database(own_site)
            answer = await browser.post(
                "/accounts/login/", data=form, headers={"cookie": f"x={CANARY}; {cookie(form)}"}
            )
            reset = await browser.get(f"/accounts/password/reset/key/1-{CANARY}/")
        log = own_site.log_text(nodes)

    assert (answer.status_code, reset.status_code) == (500, 500)
    assert CANARY not in answer.text + reset.text
    assert "Traceback" in log
    assert CANARY not in log


def cookie(form: dict[str, str]) -> str:
    return f"csrftoken={form['csrfmiddlewaretoken']}; sessionid={CANARY}"


def break_database(site: Site) -> None:
    import sqlite3

    with sqlite3.connect(site.database_url.removeprefix("sqlite:///")) as connection:
        connection.execute("ALTER TABLE accounts_user RENAME TO accounts_user_gone")
        connection.execute("ALTER TABLE django_session RENAME TO django_session_gone")


async def test_lines_are_structured_and_name_the_node(own_site: Site):
    async with own_site.cluster(2, **JSON_LOGS) as nodes:
        stage = Stage(own_site, nodes)
        (ann,) = stage.people("ann")
        await stage.arrive(ann, 1)
        await stage.close()
        lines = {name: structured(nodes, name) for name in nodes.names}

    for name, found in lines.items():
        assert {line["node"] for line in found} == {name}
        assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in found)
    visits = [line for line in lines["server_1"] if line["logger"] == "daphne.access"]
    assert [line["event"] for line in visits if line["event"].startswith("WSCONNECT")] == ["WSCONNECT /ws/"]
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+", line["client"]) for line in visits)


def structured(nodes: Cluster, name: str) -> list[dict[str, str]]:
    """The lines that the logging of the application has written; before it there are a few of Daphne's."""
    text = nodes.nodes[name].log.read_text()
    return [orjson.loads(line) for line in text.splitlines() if line.startswith("{")]
