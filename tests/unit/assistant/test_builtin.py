import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from chat.assistant.builtin import BuiltIn, reply_to


def asked(text: str) -> AIMessage:
    return reply_to([HumanMessage(f"Ann: {text}")])


def called(text: str) -> tuple[str, dict[str, object]]:
    (call,) = asked(text).tool_calls
    return call["name"], call["args"]


@pytest.mark.parametrize(
    ("text", "tool", "arguments"),
    [
        ("@assistant search for the blue hat?", "search_history", {"query": "the blue hat"}),
        ("搜索 午饭", "search_history", {"query": "午饭"}),
        ("What did I miss?", "messages_missed", {}),
        ("我错过了什么？", "messages_missed", {}),
        ("Summarise messages 10 to 40", "summarise_range", {"first": 10, "last": 40}),
        ("a summary of 3-5, please", "summarise_range", {"first": 3, "last": 5}),
        ("总结第10到第40条消息", "summarise_range", {"first": 10, "last": 40}),
        ("summarize", "summarise_range", {}),
        ("总结一下", "summarise_range", {}),
        ("who is here?", "list_members", {}),
        ("有谁在", "list_members", {}),
        ("remind me in 10 minutes to call Bob", "remind", {"minutes": 10.0, "text": "call Bob"}),
        ("Remind us in 1.5 hours: go home", "remind", {"minutes": 90.0, "text": ": go home"}),
        ("remind me in 30 seconds to breathe", "remind", {"minutes": 0.5, "text": "breathe"}),
        ("10分钟后提醒我给 Bob 打电话", "remind", {"minutes": 10.0, "text": "给 Bob 打电话"}),
    ],
)
def test_it_knows_these_requests(text: str, tool: str, arguments: dict[str, object]):
    assert called(text) == (tool, arguments)


def test_it_says_what_it_is_in_the_language_of_the_question():
    assert "not a language model" in str(asked("What is the meaning of life?").content)
    assert "不是语言模型" in str(asked("人生的意义是什么").content)


def test_it_tells_what_a_tool_gave_and_when_it_gave_nothing():
    question = HumanMessage("Ann: search for hats")
    found = ToolMessage("- Bob: my hat", name="search_history", tool_call_id="1")
    nothing = ToolMessage("", name="search_history", tool_call_id="1")
    assert reply_to([question, found]).content == "This is what I found:\n\n- Bob: my hat"
    assert reply_to([question, nothing]).content == "I found no message that says so."


async def test_it_streams_word_by_word_what_it_says_whole():
    messages = [HumanMessage("Ann: hello")]
    pieces = [str(each.content) async for each in BuiltIn(pace_seconds=0).astream(messages)]
    assert len(pieces) > 50
    assert "".join(pieces) == reply_to(messages).content
