from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.recording.camera import Shot
from tests.recording.film import LAST_SECONDS, LONGEST_SECONDS, MOST_SECONDS, VERDICT_SECONDS, durations, write_film
from tests.recording.screen import styled
from tests.recording.show import ROOT

KEPT = sorted((ROOT / "docs" / "recordings").iterdir())
MOST_BYTES = 2_000_000


def test_what_does_not_move_is_cut_short_and_a_verdict_stays():
    assert durations([0, 0.3, 9], [[], ["✅ Recovery"], ["Demo 3"]]) == [0.3, VERDICT_SECONDS, LAST_SECONDS]
    assert durations([0, 9], [[], []]) == [LONGEST_SECONDS, LAST_SECONDS]


def test_a_long_film_is_shown_faster():
    assert sum(durations([float(number) for number in range(100)], [[]] * 100)) == pytest.approx(MOST_SECONDS)


def test_headings_and_verdicts_have_colours_and_passwords_are_not_shown():
    lines = ["====", "Demo 1", "====", "Scene: x", "✅ good", "The password of every demo user is abc"]
    shown = [("title", "Demo 1"), ("", "Scene: x"), ("good", "✅ good")]
    assert styled(lines) == [*shown, ("", "The password of every demo user is …")]


def test_a_window_that_dies_is_another_picture():
    assert Shot(1.0, 3, (b"a",), (True,)).shows_the_same(Shot(2.0, 5, (b"a",), (True,)))
    assert not Shot(1.0, 3, (b"a",), (True,)).shows_the_same(Shot(1.0, 3, (b"a",), (False,)))


def test_a_film_keeps_its_pictures_and_how_long_they_stay(tmp_path: Path):
    write_film(tmp_path / "film.webp", [picture("red"), picture("blue")], [0.4, 1.6])
    with Image.open(tmp_path / "film.webp") as film:
        assert (film.n_frames, length_of(film)) == (2, pytest.approx(2.0))


def picture(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return file.getvalue()


def length_of(film: Image.Image) -> float:
    seconds = 0.0
    for number in range(film.n_frames):
        film.seek(number)
        film.load()
        seconds += film.info["duration"] / 1000
    return seconds


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_the_films_of_the_documents_move_and_take_a_minute_at_most(path: Path):
    with Image.open(path) as film:
        assert film.is_animated
        assert length_of(film) <= 60


def test_the_films_are_small_enough_for_the_repository():
    assert sum(path.stat().st_size for path in KEPT) < MOST_BYTES
