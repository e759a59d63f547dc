"""What the built-in model recognises, and what it says in English and Chinese."""

# ruff: noqa: E501 - sentences

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language; `found` and `nothing` by tool."""

    introduction: str
    found: dict[str, str]
    nothing: dict[str, str]


PATTERNS = (
    (
        "remind",
        re.compile(
            r"remind (?:me|us) in (?P<count>\d+(?:\.\d+)?) *(?P<unit>sec|min|hour|h\b|s\b|day)\w* *(?:to|that|of|about)? *(?P<text>.+)",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    (
        "remind",
        re.compile(
            r"(?P<count>\d+(?:\.\d+)?) *(?P<unit>秒|分钟|小时|天)[后之]*后?提醒[我们大家]*[，,：: ]*(?P<text>.+)",
            re.DOTALL,
        ),
    ),
    (
        "summarise_range",
        re.compile(
            r"(?:summar|总结|概括|摘要)\D{0,40}(?P<first>\d{1,15}) *(?:to|until|through|and|到|至|[-–—~]) *第?(?P<last>\d{1,15})",
            re.IGNORECASE,
        ),
    ),
    ("summarise_range", re.compile(r"summar|总结|概括|摘要", re.IGNORECASE)),
    ("messages_missed", re.compile(r"miss(?:ed)?\b|catch me up|错过|没看|未读", re.IGNORECASE)),
    ("search_history", re.compile(r"(?:search|find|look)(?: for)? (?P<query>.+)", re.IGNORECASE | re.DOTALL)),
    ("search_history", re.compile(r"(?:搜索|查找|找一下|搜一下)[：: ]*(?P<query>.+)", re.DOTALL)),
    ("list_members", re.compile(r"who(?: is|'s) (?:here|in)|members|成员|谁在|有谁", re.IGNORECASE)),
)
"""Tool and the request that calls for it; the first that fits."""

ENGLISH = Words(
    introduction=(
        "I am the assistant that is built into this server: a set of rules, not a language model, so about “{question}” I cannot think. "
        "What I can do here is look things up and keep time. Ask me “what did I miss?” and I list what you have not read; "
        "“summarise messages 10 to 40” and I say who spoke there, and some of what was said; "
        "“search for lunch” and I find the messages that say so; “who is here?” and I tell you who is in this conversation and when "
        "each of them last wrote; “remind me in 10 minutes to call Bob” and I say it here when it is due, even if the machine on which I "
        "run now has gone by then. To have me think as well, whoever runs this server can connect a language model: the documentation "
        "has a chapter about it, and nothing else changes, for a model gets the same tools, the same conversation and nothing beyond it."
    ),
    found={
        "search_history": "This is what I found:\n\n{result}",
        "messages_missed": "Since you last read here:\n\n{result}",
        "summarise_range": "What I can say of it without thinking is who spoke when, and some of what was said:\n\n{result}",
        "list_members": "Here are, with the time (UTC) of their last message:\n\n{result}",
        "remind": "I shall say it {result}.",
    },
    nothing={
        "search_history": "I found no message that says so.",
        "messages_missed": "You have missed nothing: everything here is read.",
        "summarise_range": "There are no such messages, or you have read them all: name a range, as in “summarise messages 10 to 40”.",
        "list_members": "Nobody is here.",
        "remind": "I could not keep that.",
    },
)

SIMPLIFIED_CHINESE = Words(
    introduction=(
        "我是这台服务器内置的助手：一套规则，不是语言模型，所以对“{question}”我没有办法思考。我能做的是查找和计时。问我“我错过了什么？”，我会列出你还没有读的消息；"
        "说“总结消息 10 到 40”，我会说出谁在那里发言、说了些什么；说“搜索 午饭”，我会找出提到它的消息；问“有谁在？”，我会告诉你这个会话里有谁、各人最后一次发言是什么时候；说“10分钟后提醒我给 Bob 打电话”，到时候我会在这里说出来，"
        "即使我现在运行的机器那时已经不在了。要让我也能思考，管理员可以接入一个语言模型：文档里有一章专门说明，其余一切不变，因为模型得到的是同样的工具、同样的会话，没有别的。"
    ),
    found={
        "search_history": "我找到了这些：\n\n{result}",
        "messages_missed": "你上次阅读之后：\n\n{result}",
        "summarise_range": "我不会思考，能说的是谁在什么时候发言，以及其中的一些话：\n\n{result}",
        "list_members": "这里有（最后一次发言的时间为 UTC）：\n\n{result}",
        "remind": "我会提醒：{result}。",
    },
    nothing={
        "search_history": "没有找到提到它的消息。",
        "messages_missed": "你没有错过什么：这里的消息都读过了。",
        "summarise_range": "没有这样的消息，或者你都读过了：请说明范围，例如“总结消息 10 到 40”。",
        "list_members": "这里没有人。",
        "remind": "这个我记不下来。",
    },
)
