"""Everybody tries every command and every page; a member is removed while others talk, with Redis and without."""

import asyncio
from dataclasses import dataclass
from typing import Self

import httpx

from chat.drills.criterion import at_least, at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.drills.waiting import NEVER, seconds_until
from chat.proof.device import Device, Lost, Refused
from chat.proof.every_command import commands_about
from chat.proof.evidence import Member
from chat.proof.raw import knock
from chat.proof.site import Person
from chat.proof.stage import Stage

COMMANDS = at_least("commands tried by those who are no members", 40)
ALLOWED = exactly("of them not refused with `not_found`", 0)
ANONYMOUS = exactly("sockets opened without a login", 0)
PAGES = at_least("pages asked for", 100)
FOREIGN = exactly("pages that showed a word of a foreign conversation, or failed with 500", 0)
LATE = at_most("from the removal of a member until their devices are told nothing more, with Redis", 1.0, "s")
LATE_WITHOUT = at_most("the same without Redis", 30.0, "s")

WORD = "quetzalcoatlus"
"""A word that stands nowhere but in the conversation."""

POSTS = 60
PAUSE_SECONDS = 0.05
LONGEST_SECONDS = 40.0


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes:
        async with scene.stage(nodes) as stage:
            await _try_everything(scene, stage)
        async with scene.stage(nodes) as stage:
            scene.measure(LATE, await _remove(scene, await Trio.gather(stage)))
        async with scene.stage(nodes) as stage:
            trio = await Trio.gather(stage)
            scene.redis.kill()
            scene.measure(LATE_WITHOUT, await _remove(scene, trio))


async def _try_everything(scene: Scene, stage: Stage) -> None:
    ann, bob, eve, staff, gone = stage.people("ann", "bob", "eve", "staff", "gone")
    group = stage.group(ann, bob, gone, title=f"about {WORD}")
    stage.site.office.do("make_staff", staff.id)
    owner = await stage.arrive(ann, 1)
    await owner.post(group, f"a {WORD} is a secret")
    await owner.remove(group, gone.id)
    strangers = [await stage.arrive(person, 2) for person in (eve, staff, gone)]
    for stranger in strangers:
        await _try_commands(scene, stranger, group, ann)
    status, _ = await knock(stage.url(1))
    scene.measure(ANONYMOUS, float(status != 4401))
    pages = stage.site.office.do("pages", group)
    tried = 0
    for cookies in ("", *(person.cookies for person in (eve, staff, gone))):
        tried += await _try_pages(scene, stage, pages, cookies)
    scene.measure(PAGES, tried)


async def _try_commands(scene: Scene, stranger: Device, group: int, member: Person) -> None:
    tried = 0
    for command in commands_about(group, member.id):
        said = {**command, "members": [stranger.user["username"]]} if command["type"] == "invite" else command
        tried += 1
        try:
            await stranger.ask(dict(said))
            scene.measure(ALLOWED, 1)
        except Refused as refused:
            scene.measure(ALLOWED, float(refused.code != "not_found"))
        except Lost:
            scene.measure(ALLOWED, 1)
    scene.measure(COMMANDS, 3 * tried)


async def _try_pages(scene: Scene, stage: Stage, pages: list[str], cookies: str) -> int:
    headers = {"Cookie": cookies} if cookies else {}
    async with httpx.AsyncClient(base_url=stage.cluster.http_url("server_1"), trust_env=False, timeout=30) as http:
        for page in pages:
            answer = await http.get(page, headers=headers)
            scene.measure(FOREIGN, float(WORD in answer.text or answer.status_code >= 500))
    return len(pages)


@dataclass(frozen=True, slots=True)
class Trio:
    """A group of three: its owner, one who posts, and one with a device on every node who will be removed."""

    stage: Stage
    people: list[Person]
    group: int
    owner: Device
    poster: Device
    removed: list[Device]

    @classmethod
    async def gather(cls, stage: Stage) -> Self:
        ann, bob, carol = people = stage.people("ann", "bob", "carol")
        group = stage.group(*people)
        owner, poster = await stage.arrive(ann, 1), await stage.arrive(carol, 3)
        return cls(stage, people, group, owner, poster, [await stage.arrive(bob, node) for node in (1, 2, 3)])


async def _remove(scene: Scene, trio: Trio) -> float:
    """Remove somebody while others post; seconds until the last thing that one of their devices was told."""
    stage, group, (ann, bob, carol) = trio.stage, trio.group, trio.people
    posting = asyncio.create_task(_post_on(trio.poster, group))
    await asyncio.sleep(10 * PAUSE_SECONDS)
    position = (await trio.owner.remove(group, bob.id))["seq"]
    committed, since = stage.history.clock(), len(stage.history)
    stage.conversations[group] = [ann, carol]
    await posting
    waits = [seconds_until(device, lambda device: group in device.left, LONGEST_SECONDS) for device in trio.removed]
    if max(await asyncio.gather(*waits)) == NEVER:
        return NEVER
    await stage.level()
    names = {device.name for device in trio.removed}
    told = [line.at for line in stage.history.lines[since:] if line.device in names and line.conversation == group]
    stays = {group: [Member(ann.id), Member(carol.id), Member(bob.id, left=position)]}
    await scene.judge(stage, stays)
    return max(told, default=committed) - committed


async def _post_on(device: Device, group: int) -> None:
    for number in range(POSTS):
        await device.post(group, f"talk {number}")
        await asyncio.sleep(PAUSE_SECONDS)


DRILL = Drill(
    name="authorisation",
    happens="strangers, staff, the removed and the anonymous try every command and every page; a member is removed",
    criteria=(COMMANDS, ALLOWED, ANONYMOUS, PAGES, FOREIGN, LATE, LATE_WITHOUT),
    run=run,
    control=Control("no_removal", "who is removed goes on hearing", ("H", LATE)),
)
