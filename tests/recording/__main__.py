"""`python -m tests.recording`: run the demo, watch it in three browsers, and write what was seen as animated WebP."""

import argparse
import asyncio
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, async_playwright

from chat.demo.language import TABLES, Language, text_of
from tests.browser.chromium import MISSING, chromium_program, start_chromium
from tests.recording import camera
from tests.recording.camera import Camera, Shot
from tests.recording.film import durations, write_film
from tests.recording.screen import open_screen, picture_of
from tests.recording.show import ROOT, Show

FOLDER = ROOT / "docs" / "recordings"
AFTER_SECONDS = 1.5


async def record(language: Language, folder: Path, kinds: dict[str, bool]) -> list[Path]:
    """One film for each kind, "demo" or "terminal"; the value says whether the terminal is alone in it."""
    program = chromium_program()
    assert program is not None, MISSING
    with TemporaryDirectory() as temporary:
        async with async_playwright() as playwright, Show(Path(temporary), language) as show:
            browser = await start_chromium(playwright, program)
            filming = await _perform(browser, show)
            shots, lines = filming.shots, show.story
            seats = [(user, node) for user, (node, _) in show.watchers.items()]
            films = []
            for name, alone in kinds.items():
                path = folder / f"{name}{'' if language == 'en' else '.' + language}.webp"
                await _develop(browser, path, shots, lines, seats, alone=alone)
                films.append(path)
            await browser.close()
    return films


async def _perform(browser: Browser, show: Show) -> Camera:
    """Film from the first line to the verdicts; the windows come when the demo says where they can look."""
    filming = Camera(show)
    task = asyncio.create_task(filming.film())
    try:
        await show.until(lambda _: bool(show.passwords))
        arriving = [camera.take_seat(browser, show, watcher) for watcher in show.watchers]
        windows = await asyncio.gather(*arriving)
        filming.seats = {
            watcher: (node, window) for (watcher, (node, _)), window in zip(show.watchers.items(), windows, strict=True)
        }
        await asyncio.sleep(AFTER_SECONDS)
        show.begin()
        await show.until(lambda lines: text_of(show.language, "assistant_heading") in lines)
        await asyncio.gather(*(camera.enter(window.page, camera.ASSISTANT_ROOM) for window in windows))
        await show.until(lambda _: len(show.passwords) > 1)
        await asyncio.gather(*(camera.comes_back(window.page) for window in windows))
        await asyncio.sleep(AFTER_SECONDS)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return filming


async def _develop(
    browser: Browser, path: Path, shots: list[Shot], lines: list[str], seats: list[tuple[str, str]], *, alone: bool
) -> None:
    page = await open_screen(browser, alone=alone)
    kept = _moments(shots, alone=alone)
    pictures = [await picture_of(page, shot, lines, seats, alone=alone) for shot in kept]
    starts = [0, *(shot.lines for shot in kept)]
    new = [lines[before:after] for before, after in itertools.pairwise(starts)]
    write_film(path, pictures, durations([shot.seconds for shot in kept], new))
    await page.close()


def _moments(shots: list[Shot], *, alone: bool) -> list[Shot]:
    """Those in which something but the clock has changed; with windows, from when they are there."""
    kept: list[Shot] = []
    for shot in shots if alone else [shot for shot in shots if shot.pictures]:
        if not kept or shot.lines != kept[-1].lines or not (alone or shot.shows_the_same(kept[-1])):
            kept.append(shot)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.recording", description=__doc__)
    parser.add_argument("--language", choices=list(TABLES), default="en")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the films go (default docs/recordings)")
    parser.add_argument("--terminal", action="store_true", help="another film, of the terminal alone")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    kinds = {"demo": False} | ({"terminal": True} if given.terminal else {})
    for path in asyncio.run(record(given.language, given.folder, kinds)):
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
