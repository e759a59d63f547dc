"""The story in plain lines, as a pipe gets it, and on a terminal."""

import io

import pytest
from rich.cells import cell_len

from chat.demo.story import Story, is_plain


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(language="en", **options) -> tuple[Story, io.StringIO]:
    output = io.StringIO()
    return Story(output, language, plain=True, **options), output


def test_a_heading_stands_between_rules():
    story, output = told("zh-hans")
    story.heading("title")
    assert output.getvalue() == f"\n{'=' * 60}\n分布式多端多机器对话演示\n{'=' * 60}\n"


def test_lines_are_indented_and_never_broken():
    story, output = told()
    story.line("posted", indent=1, client="client_1", text="x" * 300)
    assert output.getvalue() == f"  Client client_1: message sent - '{'x' * 300}'\n"


def test_what_people_write_is_not_markup():
    output = Terminal()
    Story(output, "en", plain=False).line("posted", client="c", text="[bold]{braces}[/bold]")
    assert "[bold]{braces}[/bold]" in output.getvalue()


def test_the_columns_of_a_table_stand_under_each_other_in_both_languages():
    story, output = told("zh-hans")
    story.table(["客户端", "消息"], [["client_1", "25"], ["client_10", "7"]])
    lines = output.getvalue().splitlines()
    assert lines == ["  客户端     消息", "  client_1     25", "  client_10     7"]
    assert {cell_len(line) for line in lines} == {17}


def test_waiting_prints_nothing_in_plain_lines():
    story, output = told()
    with story.waiting("messages_flow", lambda: [("a", "1")]):
        pass
    assert output.getvalue() == ""


def test_the_simple_demo_does_not_speak_of_several_servers():
    story, _ = told(is_simple=True)
    assert "nothing here was distributed" in story.text("state_summary")
    assert story.text("hello_text") == told()[0].text("hello_text")


@pytest.mark.parametrize(
    ("environment", "plain"),
    [({}, False), ({"NO_COLOR": "1"}, True), ({"TERM": "dumb"}, True), ({"NO_COLOR": ""}, False)],
)
def test_lines_are_plain_where_colours_are_not_wanted(monkeypatch: pytest.MonkeyPatch, environment, plain: bool):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_plain(Terminal()) is plain
    assert is_plain(io.StringIO())
