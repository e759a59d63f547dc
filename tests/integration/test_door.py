"""Who gets in, and who is put out: origins, cookies, tokens, logout, new passwords, revoked devices."""

from uuid import uuid4

import httpx
import pytest

from chat.proof.device import Device, Refused
from chat.proof.login import cookie_value, log_in, log_out
from chat.proof.raw import knock
from chat.proof.site import PASSWORD, Person
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUT_SECONDS = 6.0
"""The budget is 2 s; a busy machine gets more."""


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "http://127.0.0.1", "http://localhost.evil.example", "null", "file://"),
        *("http://127.0.0.1:1/", "//127.0.0.1"),
    ],
)
async def test_a_page_from_elsewhere_cannot_open_a_socket_even_with_the_cookie(stage: Stage, origin: str):
    (ann,) = stage.people("ann")

    assert await knock(stage.url(1), origin=origin, Cookie=ann.cookies) == (403, [])


@pytest.mark.parametrize("origin", ["nonsense", "http://", "http://[::1", "javascript:alert(1)"])
async def test_an_origin_that_is_none_is_refused_by_the_handshake_itself(stage: Stage, origin: str):
    (ann,) = stage.people("ann")

    assert await knock(stage.url(1), origin=origin, Cookie=ann.cookies) == (400, [])


async def test_a_browser_has_an_origin_and_a_page_of_ours_is_let_in(stage: Stage):
    (ann,) = stage.people("ann")

    assert await knock(stage.url(1), origin=None, Cookie=ann.cookies) == (403, [])
    assert await knock(stage.url(1), Cookie=ann.cookies) == (0, [])


@pytest.mark.parametrize(
    "cookies",
    ["", "sessionid=", "sessionid=abcdefghijklmnopqrstuvwxyz01234", "sessionid=../../etc/passwd", "sessionid=\xff;;=,"],
)
async def test_who_is_not_logged_in_is_told_so_and_closed_with_4401(stage: Stage, cookies: str):
    assert await knock(stage.url(2), Cookie=cookies) == (4401, [{"type": "bye", "reason": "not_logged_in"}])


async def test_a_program_with_a_token_needs_no_origin(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    token = stage.site.office.do("token", ann.id)

    assert await knock(stage.url(1), origin=None, Authorization=f"Bearer {token}") == (0, [])
    bad = await knock(stage.url(1), origin=None, Authorization=f"Bearer {token[:-1]}x")
    assert bad == (4401, [{"type": "bye", "reason": "not_logged_in"}])
    program = await stage.arrive(ann, 3, token=token)
    await program.post(group, "beep")
    await stage.level()


async def test_a_token_does_not_open_the_door_to_pages_from_elsewhere(stage: Stage):
    (ann,) = stage.people("ann")
    token = stage.site.office.do("token", ann.id)

    answer = await knock(stage.url(1), origin="https://evil.example", Authorization=f"Bearer {token}")

    assert answer == (403, [])


async def test_logging_in_like_a_browser_opens_the_door_of_every_node(stage: Stage):
    (ann,) = stage.people("ann")
    cookies = await log_in(stage.cluster.http_url("server_1"), ann.username, PASSWORD)

    for node in (1, 2, 3):
        device = await stage.arrive(ann, node, cookies=cookies)
        assert device.user == {"id": ann.id, "username": ann.username, "name": ann.username}


async def put_out(stage: Stage, devices: list[Device], code: int) -> None:
    """All of these devices are closed with this code, and what ended does not open the door again."""
    for device in devices:
        await device.wait_for(lambda device: not device.is_connected, OUT_SECONDS)
    assert [device.close_code for device in devices] == [code] * len(devices)


async def test_logging_out_closes_the_sockets_of_that_browser_on_every_node(stage: Stage):
    (ann,) = stage.people("ann")
    first = await log_in(stage.cluster.http_url("server_1"), ann.username, PASSWORD)
    second = await log_in(stage.cluster.http_url("server_1"), ann.username, PASSWORD)
    out = [await stage.arrive(ann, node, cookies=first) for node in (1, 2, 3)]
    stays = await stage.arrive(ann, 2, cookies=second)

    await log_out(stage.cluster.http_url("server_3"), first)

    await put_out(stage, out, 4401)
    assert (await stays.ping())["type"] == "pong"
    assert (await knock(stage.url(1), Cookie=first))[0] == 4401


async def test_a_new_password_closes_every_socket_of_the_user(stage: Stage):
    (ann,) = stage.people("ann")
    devices = [await stage.arrive(ann, node) for node in (1, 2, 3)]

    stage.site.office.do("set_password", ann.id)

    await put_out(stage, devices, 4401)
    assert (await knock(stage.url(1), Cookie=ann.cookies))[0] == 4401


async def test_a_deactivated_user_is_out_everywhere_and_cannot_come_back(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    token = stage.site.office.do("token", ann.id)
    devices = [await stage.arrive(ann, 1), await stage.arrive(ann, 2, token=token)]

    stage.site.office.do("deactivate", ann.id)

    for device in devices:
        await device.wait_for(lambda device: not device.is_connected, OUT_SECONDS)
    assert {device.close_code for device in devices} <= {4401, 4403}
    assert (await knock(stage.url(3), Cookie=ann.cookies))[0] == 4401
    assert (await knock(stage.url(3), origin=None, Authorization=f"Bearer {token}"))[0] == 4401
    assert stage.site.office.do("heads", [group]) == {str(group): 1}


async def test_a_revoked_token_closes_what_it_opened(stage: Stage):
    (ann,) = stage.people("ann")
    program = await stage.arrive(ann, 2, token=stage.site.office.do("token", ann.id))
    browser = await stage.arrive(ann, 2)

    stage.site.office.do("end_tokens", ann.id)

    await put_out(stage, [program], 4401)
    assert (await browser.ping())["type"] == "pong"


async def revoke_over_http(stage: Stage, person: Person, device_id: str) -> None:
    """Press the button of the devices page, on node 1."""
    base = stage.cluster.http_url("server_1")
    cookies = {"sessionid": cookie_value(person.cookies, "sessionid")}
    async with httpx.AsyncClient(base_url=base, cookies=cookies, trust_env=False) as browser:
        await browser.get("/")
        page = await browser.get("/accounts/password/change/")
        token = browser.cookies["csrftoken"]
        assert page.status_code == 200
        answer = await browser.post(
            f"/accounts/devices/{device_id}/revoke/",
            data={"csrfmiddlewaretoken": token},
            headers={"Origin": base, "Referer": base + "/"},
        )
        assert answer.status_code == 302


async def test_a_revoked_device_is_out_on_every_node_and_stays_out(stage: Stage):
    (ann,) = stage.people("ann")
    lost_cookies = stage.site.office.do("log_in", ann.id)
    lost = await stage.arrive(ann, 2, cookies=lost_cookies)
    mine = await stage.arrive(ann, 3)

    await revoke_over_http(stage, ann, lost.device_id)

    await put_out(stage, [lost], 4403)
    assert lost.bye["reason"] == "revoked"
    assert (await mine.ping())["type"] == "pong"
    assert (await knock(stage.url(1), Cookie=lost_cookies))[0] == 4401


async def test_nothing_is_accepted_after_a_revocation_of_which_no_node_has_heard(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    lost = await stage.arrive(ann, 2)
    await lost.post(group, "from the drawer")
    head = stage.site.office.do("heads", [group])

    stage.site.office.do("revoke_unheard", ann.id, lost.device_id)
    with pytest.raises(Refused) as refused:
        await lost.ask({"type": "post", "conversation": group, "client_id": str(uuid4()), "text": "from other hands"})

    assert refused.value.code == "not_ready"
    await put_out(stage, [lost], 4403)
    assert lost.bye["reason"] == "revoked"
    assert stage.site.office.do("heads", [group]) == head


async def test_the_hello_of_a_revoked_device_is_refused_whatever_session_it_has(stage: Stage):
    (ann,) = stage.people("ann")
    lost = await stage.arrive(ann, 2, cookies=stage.site.office.do("log_in", ann.id))
    stage.site.office.do("revoke", ann.id, lost.device_id)
    await put_out(stage, [lost], 4403)

    again = stage.device(ann, device_id=lost.device_id)
    with pytest.raises((ConnectionError, Refused)):
        await again.connect(stage.url(1))

    assert (again.close_code, again.bye) == (4403, {"type": "bye", "reason": "revoked"})
