"""How a message travels, how a session comes back, how an answer outlives its speaker."""

from tests.drawings.sequence import Do, Part, Say, sequence

MESSAGE_FLOW = sequence(
    "The way of a message",
    "Ann's phone posts to server_1. The SQL transaction gives the message position 42 and commits; only then"
    " Ann's phone"
    " gets its answer. server_1 publishes the change through Redis, server_2 delivers it to Bob's laptop. When the hint"
    " through Redis is lost, server_2 sees that the log is ahead, reads it, and delivers.",
    [
        ("Ann's phone", "device"),
        ("server_1", "node"),
        ("SQL", "the truth"),
        ("Redis", "hints"),
        ("server_2", "node"),
        ("Bob's laptop", "device"),
    ],
    [
        Say(0, 1, "post, with a client_id"),
        Say(1, 2, "change", "truth"),
        Do(2, "position 42", "truth", "committed: it exists"),
        Say(2, 1, "committed", "truth"),
        Say(1, 0, "ok, position 42"),
        Say(1, 3, "publish, once", "hint"),
        Say(3, 4, "to the group", "hint"),
        Do(4, "42 follows 41", "", "the hub delivers, once"),
        Say(4, 5, "message 42"),
        Part("When the hint is lost"),
        Say(1, 3, "43 is committed; publish", is_lost=True),
        Do(4, "compares with the log", "", "every 2 s"),
        Say(4, 2, "what came after 42?", "truth"),
        Say(2, 4, "43", "truth"),
        Say(4, 5, "message 43"),
    ],
)

RECOVERY = sequence(
    "How a session comes back on another node",
    "Ann's laptop is on server_3, which saves her session as a LangGraph checkpoint in Redis. server_3 is"
    " killed. Others"
    " post 43 to 48. The laptop says hello to server_1 with its cursor 42. server_1 restores the session from the"
    " checkpoint and from SQL, and replays exactly 43 to 48; then the conversation goes on live.",
    [
        ("Ann's laptop", "device"),
        ("server_3", "node"),
        ("Redis", "checkpoints"),
        ("SQL", "the truth"),
        ("server_1", "node"),
    ],
    [
        Say(0, 1, "post, read, draft"),
        Say(1, 3, "committed up to 42", "truth"),
        Say(1, 2, "checkpoint, behind", "hint"),
        Do(1, "kill -9", "bad"),
        Say(4, 3, "others post 43 to 48", "truth"),
        Say(0, 4, "hello: I am this device, and have all up to 42"),
        Say(4, 2, "the checkpoint, if there is one", "hint"),
        Say(4, 3, "what SQL knows since", "truth"),
        Say(4, 0, "welcome: the same session"),
        Say(4, 0, "43, 44, 45, 46, 47, 48: each once, in order"),
        Do(4, "live from here on", "", "without a seam"),
    ],
)

ASSISTANT_FAILOVER = sequence(
    "An answer outlives its speaker",
    "A question and a turn are committed in one transaction. server_1 takes the turn with a lease and streams"
    " the answer"
    " to every device. server_1 is killed. The lease runs out, server_2 begins attempt 2, and the devices replace what"
    " was said. The answer and the end of the turn are one transaction. Should server_1 come back late, it is refused.",
    [("Every device", "on any node"), ("server_1", "node"), ("SQL", "the truth"), ("server_2", "node")],
    [
        Say(0, 1, "a question"),
        Say(1, 2, "question and turn", "truth"),
        Say(1, 2, "lease, attempt 1", "truth"),
        Say(1, 0, "I am the assistant that"),
        Do(1, "kill -9", "bad"),
        Do(2, "the lease runs out", "truth"),
        Say(3, 2, "lease, attempt 2", "truth"),
        Say(3, 0, "attempt 2 replaces attempt 1"),
        Say(3, 2, "answer and end of turn", "truth"),
        Say(3, 0, "one answer, the same everywhere"),
        Say(1, 2, "late? refused", is_lost=True),
    ],
)
