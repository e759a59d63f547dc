"""A plot is one well-formed picture that says every number."""

from xml.etree import ElementTree

from benchmarks.plots import Bar, Panel, draw

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*bars, **how):
    return ElementTree.fromstring(draw("A <title>", [Panel("a & b", bars, **how)]))


def lengths(picture):
    return [float(bar.get("width")) for bar in picture.iter(f"{SVG}rect") if bar.get("fill")]


def test_bars_are_as_long_as_their_values():
    long, short = lengths(drawn(Bar("distchat", 40.0, "40"), Bar("seeds", 10.0, "10")))

    assert long == 4 * short


def test_on_a_logarithmic_scale_the_smallest_can_still_be_seen():
    long, middle, short = lengths(drawn(*(Bar("x", value, "") for value in (1000.0, 10.0, 0.1)), is_logarithmic=True))

    assert long > middle > short > 10.0


def test_labels_and_notes_are_written():
    texts = [text.text for text in drawn(Bar("distchat", 1.0, "<1>")).iter(f"{SVG}text")]

    assert texts == ["A <title>", "a & b", "distchat", "<1>"]


def test_nothing_measured_is_nothing_drawn():
    assert draw("empty", [Panel("a", [])]) == ""


def test_only_zeros_have_a_scale_too():
    assert lengths(drawn(Bar("distchat", 0.0, "0"), is_logarithmic=True)) == [1.0]
