from xml.etree import ElementTree

import pytest

from tests.drawings.__main__ import DRAWINGS, FOLDER, WORDS, files

MOST_BYTES = 15_000
SVG = "{http://www.w3.org/2000/svg}"
FILES = files()


def test_the_folder_holds_what_the_program_draws():
    assert {file.name: file.read_text() for file in FOLDER.iterdir()} == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_drawing_is_small_and_says_what_it_shows(name: str):
    root = ElementTree.fromstring(FILES[name])
    title, description = (root.findtext(f"{SVG}{part}") for part in ("title", "desc"))
    assert (bool(title), len(description or "") > 80) == (True, True)
    assert len(FILES[name].encode()) < MOST_BYTES


def test_every_word_is_translated_and_no_other():
    drawings = DRAWINGS.values()
    words = {word for each in drawings for word in (each.title, each.description, *each.texts)}
    assert set(WORDS) == words


@pytest.mark.parametrize("name", DRAWINGS)
def test_both_languages_show_the_same_number_of_texts(name: str):
    texts = [
        len(ElementTree.fromstring(FILES[file]).findall(f".//{SVG}text"))
        for file in (f"{name}.svg", f"{name}.zh-hans.svg")
    ]
    assert texts == [len(DRAWINGS[name].texts)] * 2
