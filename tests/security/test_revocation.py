"""Every end of an access, with Redis up and down: nothing is accepted after it, and the sockets close."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from chat.edge.rounds import DEGRADED_REVALIDATE_SECONDS, REVALIDATE_SECONDS
from chat.ops.redis_server import RedisServer
from chat.proof.device import Device, Lost, Refused
from chat.proof.login import TOKEN_FIELD, cookie_value, log_in, log_out
from chat.proof.raw import knock
from chat.proof.site import PASSWORD, Person, Site
from chat.proof.stage import Stage

UP_SECONDS = 10.0
"""The budget is 1 s; a busy machine gets more."""
DOWN_SECONDS = 35.0

End = Callable[[Stage, Person, Device], Awaitable[int]]
"""Ends the access of a device, of which only node 1 hears by itself; the code with which its socket closes."""


async def logout(stage: Stage, person: Person, device: Device) -> int:
    await log_out(stage.cluster.http_url("server_1"), device.cookies)
    return 4401


async def new_password(stage: Stage, person: Person, device: Device) -> int:
    await press(stage, person, "/accounts/password/change/", oldpassword=PASSWORD, password1=NEW, password2=NEW)
    return 4401


async def deactivation(stage: Stage, person: Person, device: Device) -> int:
    stage.site.office.do("deactivate", person.id)
    return 4401


async def device_revoked(stage: Stage, person: Person, device: Device) -> int:
    await press(stage, person, f"/accounts/devices/{device.device_id}/revoke/")
    return 4403


async def all_others_revoked(stage: Stage, person: Person, device: Device) -> int:
    await press(stage, person, "/accounts/devices/revoke-others/")
    return 4403


async def token_revoked(stage: Stage, person: Person, device: Device) -> int:
    stage.site.office.do("end_tokens", person.id)
    return 4401


async def all_sessions_ended(stage: Stage, person: Person, device: Device) -> int:
    stage.site.office.do("log_out_everywhere", person.id)
    return 4401


ENDS: list[End] = [
    *(logout, new_password, deactivation, device_revoked, all_others_revoked, token_revoked, all_sessions_ended)
]
NEW = "another password of hers"


async def press(stage: Stage, person: Person, path: str, **fields: str) -> None:
    """Send a form of node 1 from another browser of this person."""
    base = stage.cluster.http_url("server_1")
    cookies = await log_in(base, person.username, PASSWORD)
    jar = {"sessionid": cookie_value(cookies, "sessionid")}
    async with httpx.AsyncClient(base_url=base, cookies=jar, trust_env=False, timeout=30) as browser:
        await browser.get("/accounts/password/change/")
        form = {**fields, TOKEN_FIELD: browser.cookies["csrftoken"]}
        answer = await browser.post(path, data=form, headers={"Origin": base, "Referer": base + path})
        assert answer.status_code == 302, answer.text[:2000]


async def arrive(stage: Stage, person: Person, end: End) -> Device:
    """A device on node 2, by a login of its own."""
    if end is token_revoked:
        return await stage.arrive(person, 2, token=stage.site.office.do("token", person.id))
    return await stage.arrive(person, 2, cookies=stage.site.office.do("log_in", person.id))


async def says_nothing_more(device: Device, group: int) -> bool:
    """Whether a change is refused, or finds the socket closed."""
    try:
        await device.ask({"type": "rename", "conversation": group, "title": "too late"})
    except (Refused, Lost):
        return True
    return False


async def stays_out(stage: Stage, device: Device) -> None:
    headers = {"Authorization": f"Bearer {device.token}"} if device.token else {"Cookie": device.cookies}
    origin = None if device.token else ""
    assert (await knock(stage.url(2), origin=origin, **headers))[0] == 4401


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
async def test_with_redis_the_socket_closes_at_once_and_nothing_is_accepted(
    stage: Stage, end: End, record_property: Callable[[str, object], None]
):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device, stays = await arrive(stage, ann, end), await stage.arrive(bob, 2)
    before = stage.site.office.do("heads", [group])

    code = await end(stage, ann, device)
    began = stage.history.clock()
    assert await says_nothing_more(device, group)
    await device.wait_for(lambda device: not device.is_connected, UP_SECONDS)

    record_property("closed after, seconds", round(stage.history.clock() - began, 3))
    assert (device.close_code, stage.site.office.do("heads", [group])) == (code, before)
    assert (await stays.ping())["type"] == "pong"
    await stays_out(stage, device)


async def test_without_redis_nothing_is_accepted_and_every_socket_closes(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        people = stage.people(*(end.__name__ for end in ENDS))
        group = stage.group(*people)
        devices = [await arrive(stage, person, end) for person, end in zip(people, ENDS, strict=True)]
        own_redis.kill()

        codes = []
        for person, device, end in zip(people, devices, ENDS, strict=True):
            codes.append(await end(stage, person, device))
            assert await says_nothing_more(device, group), end.__name__
        for device in devices:
            await device.wait_for(lambda device: not device.is_connected, DOWN_SECONDS)

        assert [device.close_code for device in devices] == codes
        assert own_site.office.do("heads", [group]) == {str(group): 1}
        for device in devices:
            await stays_out(stage, device)
        await stage.close()


async def test_who_is_silent_is_out_without_redis_too(own_site: Site, own_redis: RedisServer):
    """A socket that only listens does not ask the log; the rounds find it."""
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        people = stage.people(*(end.__name__ for end in ENDS))
        devices = [await arrive(stage, person, end) for person, end in zip(people, ENDS, strict=True)]
        own_redis.kill()

        codes = [await end(stage, *each) for end, *each in zip(ENDS, people, devices, strict=True)]
        for device in devices:
            await device.wait_for(lambda device: not device.is_connected, DOWN_SECONDS)

        assert [device.close_code for device in devices] == codes
        await stage.close()


def test_open_sockets_are_looked_at_twice_a_minute_and_more_often_without_redis():
    assert REVALIDATE_SECONDS <= 30
    assert DEGRADED_REVALIDATE_SECONDS <= 30


@pytest.mark.asyncio(loop_scope="session")
async def test_an_end_of_which_no_signal_tells_is_found_by_the_rounds(stage: Stage):
    (ann,) = stage.people("ann")
    device = await stage.arrive(ann, 2)

    stage.site.office.do("deactivate_silently", ann.id)
    await device.wait_for(lambda device: not device.is_connected, 2 * REVALIDATE_SECONDS)

    assert device.close_code == 4401
