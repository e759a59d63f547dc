"""`--keep`: a person can watch the demo in a browser while it runs, and has the cluster until Ctrl-C."""

import asyncio
import sys

from chat.demo.stage import Stage

WATCHER = "watcher_{number}"


async def let_watch(stage: Stage) -> None:
    """One user per node, in the conversation of the story, and where to look; before the scenarios begin."""
    stage.watchers = [WATCHER.format(number=number) for number, _ in enumerate(stage.nodes, start=1)]
    await stage.enlist(stage.watchers)
    await stage.team()
    stage.story.heading("watch_heading")
    _tell_places(stage, stage.watchers)
    if stage.options.pause:
        stage.story.line("pause")
        await _enter_pressed()


async def _enter_pressed() -> None:
    """A line, or the end of what can be read. By the loop, not in a thread: Ctrl-C has to end it."""
    loop, pressed = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(sys.stdin, pressed.set)
    except PermissionError:  # a file: what it says has been said
        return
    try:
        await pressed.wait()
    finally:
        loop.remove_reader(sys.stdin)
    sys.stdin.readline()


async def keep(stage: Stage) -> None:
    """Leave the cluster to the person until Ctrl-C, which is no failure here."""
    await stage.leave(stage.connected)
    stage.story.heading("keep_heading")
    _tell_places(stage, [name for name in stage.people.names if name in _shown(stage)])
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
    stage.story.gap()


def _tell_places(stage: Stage, usernames: list[str]) -> None:
    story = stage.story
    for node in stage.nodes:
        story.line("keep_url", indent=1, node=node, place=stage.place(node))
    story.gap()
    story.table([story.text("column_user")], [[name] for name in usernames])
    story.line("keep_password", password=stage.people.password)
    if len(stage.nodes) > 1:
        story.line("keep_windows")


def _shown(stage: Stage) -> set[str]:
    """The users of the story; those of the crowds are too many to list."""
    return {*stage.watchers, *(client.username for client in [*stage.clients, *stage.devices])}
