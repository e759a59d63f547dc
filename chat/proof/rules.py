"""The promises as rules A to J; each looks at the evidence and yields what broke it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from chat.proof.evidence import NEVER, Act, Evidence, Member, Row, Trigger, row_of
from chat.proof.history import BESIDE, DELETED, Line
from chat.proof.trail import Trail

Rule = Callable[[Evidence], Iterator[str]]


def no_loss(evidence: Evidence) -> Iterator[str]:
    """A: every write that was answered with ok is in the log and on every device of every member."""
    written: set[tuple[int, int]] = set()
    for act in evidence.acts.values():
        if act.status == "ok":
            yield from _missing_in_log(evidence, act)
            written.update((act.conversation, seq) for seq in ([act.seq] if act.seq else act.places))
    for trail in evidence.trails.values():
        for row, shown in _owed(evidence, trail):
            if (shown is None or shown.changed_seq < row.changed_seq) and (trail.conversation, row.seq) in written:
                yield f"{trail.device} {'lacks' if shown is None else 'has an old'} {trail.conversation}:{row.seq}"
    yield from _overwritten(evidence)


def exactly_once(evidence: Evidence) -> Iterator[str]:
    """B: no change reaches a device twice after its cursor, no post has two places, in answers, log or devices."""
    yield from evidence.log_repeats
    for act in evidence.acts.values():
        if len(set(act.places)) > 1:
            yield f"{act.what} {act.name} was answered with places {sorted(set(act.places))}"
    for trail in evidence.trails.values():
        for line in trail.repeated:
            yield f"{_name(line)} came twice"
        yield from _double_posts(trail)


def no_invention(evidence: Evidence) -> Iterator[str]:
    """C: what is in the log or on a device was posted so by its sender; what was refused is nowhere."""
    answers = {(trigger.conversation, trigger.assistant, trigger.seq) for trigger in evidence.triggers}
    for conversation, rows in evidence.log.items():
        for row in rows.values():
            known_before = row.seq <= evidence.existing.get(conversation, 0)
            if row.kind == "text" and not known_before and (conversation, row.user, row.reply_to) not in answers:
                yield from _unwritten(evidence, conversation, row)
    yield from _unwritten_looks(evidence)
    for (conversation, _), line in evidence.states.items():
        if line.seq not in evidence.log.get(conversation, {}):
            yield f"{_name(line)} is not in the log"


def order_without_gaps(evidence: Evidence) -> Iterator[str]:
    """D: each device gets the positions of a conversation ascending; only `caught_up` lets one be left out."""
    for trail in evidence.trails.values():
        for line in trail.backwards:
            yield f"{_name(line)} came after a later position"
        for first, last in trail.skipped:
            yield f"{trail.device} was never given positions {first}-{last} of {trail.conversation}"


def agreement(evidence: Evidence) -> Iterator[str]:
    """E: all devices, all final reads and the log agree on every message and its latest state."""
    for known, line in evidence.disagreements:
        yield f"{_name(line)} differs from what {known.device} was given"
    for trail in evidence.trails.values():
        for row, shown in _owed(evidence, trail):
            if shown is None or shown.text != row.look or shown.act != row.act:
                yield f"{trail.device} disagrees with the log on {trail.conversation}:{row.seq}"
    for reader, conversations in evidence.finals.items():
        for conversation, messages in conversations.items():
            yield from _final_differences(reader, conversation, messages, evidence.log.get(conversation, {}))


def real_time_order(evidence: Evidence) -> Iterator[str]:
    """F: a post that was acknowledged before another one was sent has the lower seq."""
    posts: dict[int, list[tuple[Act, int]]] = defaultdict(list)
    places = {(conversation, row.act): row.seq for conversation, rows in evidence.log.items() for row in rows.values()}
    for act in evidence.acts.values():
        seq = act.places[0] if act.places else places.get((act.conversation, act.name), 0)
        if act.what == "post" and seq:
            posts[act.conversation].append((act, seq))
    for conversation, placed in posts.items():
        yield from _inversions(conversation, placed)


def causes_before_effects(evidence: Evidence) -> Iterator[str]:
    """G: whoever posts reads the own post; a reply comes after what it answers, in the log and on every device."""
    yield from _own_posts_missing(evidence)
    for conversation, rows in evidence.log.items():
        for row in rows.values():
            if row.reply_to and (row.reply_to >= row.seq or row.reply_to not in rows):
                yield f"{conversation}:{row.seq} answers {row.reply_to}, which is not before it"
    for trail in evidence.trails.values():
        for reply, parent in trail.early_replies:
            yield f"{trail.device} was given the reply {trail.conversation}:{reply} before {parent}"


def isolation(evidence: Evidence) -> Iterator[str]:
    """H: nothing of a conversation reaches a device whose user is not a member then."""
    for (device, conversation), lines in evidence.lines.items():
        stays = _stays(evidence, device, conversation)
        if not any(stay.left is None and stay.since == -NEVER for stay in stays):
            yield from (_leak(line) for line in lines if not _may_have(stays, line))
    for line in evidence.heard:
        if not _may_have(_stays(evidence, line.device, line.conversation), line):
            yield _leak(line)


def recovery_in_time(evidence: Evidence) -> Iterator[str]:
    """I: what was acknowledged before a fault was healed is everywhere within the time that the fault allows."""
    for healed in evidence.healed:
        if healed.reply_to:
            for trail, seq, late in late_deliveries(evidence, healed.at):
                if late > healed.reply_to / 1000:
                    yield f"{trail.device} got {trail.conversation}:{seq} {late:.3f} s after {healed.text}"


def one_answer(evidence: Evidence) -> Iterator[str]:
    """J: the assistant answers each trigger with exactly one final message."""
    for trigger in evidence.triggers:
        answers = [row.seq for row in evidence.log.get(trigger.conversation, {}).values() if _answers(row, trigger)]
        if len(answers) != 1:
            yield f"{trigger.conversation}:{trigger.seq} has {len(answers)} final answers: {answers}"


def kept_wire(evidence: Evidence) -> Iterator[str]:
    """W: no device was sent anything that the protocol does not allow (what it saw itself while running)."""
    for line in evidence.self_reported:
        if line.act == "W":
            yield f"{line.device}: {line.text}"


RULES: dict[str, Rule] = {
    "A": no_loss,
    "B": exactly_once,
    "C": no_invention,
    "D": order_without_gaps,
    "E": agreement,
    "F": real_time_order,
    "G": causes_before_effects,
    "H": isolation,
    "I": recovery_in_time,
    "J": one_answer,
    "W": kept_wire,
}


def late_deliveries(evidence: Evidence, healed_at: float) -> Iterator[tuple[Trail, int, float]]:
    """Posts acknowledged before `healed_at` that a device known by then got later: its trail, seq, seconds."""
    earlier = [
        (act.conversation, act.places[0])
        for act in evidence.acts.values()
        if act.what == "post" and act.answered <= healed_at
    ]
    by_conversation: dict[int, list[int]] = defaultdict(list)
    for conversation, seq in earlier:
        by_conversation[conversation].append(seq)
    for (device, conversation), trail in evidence.trails.items():
        if evidence.first_connected.get(device, NEVER) <= healed_at:
            for seq in by_conversation.get(conversation, ()):
                if trail.appeared.get(seq, 0) > healed_at:
                    yield trail, seq, trail.appeared[seq] - healed_at


def _owed(evidence: Evidence, trail: Trail) -> Iterator[tuple[Row, Line | None]]:
    """What the device has to hold, beside what it holds, where the two are not plainly the same."""
    reach, shown, floor = evidence.reach(trail), trail.shown, trail.floor
    for seq, row in evidence.log.get(trail.conversation, {}).items():
        if seq >= floor and row.changed_seq <= reach:
            line = shown.get(seq)
            if line is None or line.changed_seq != row.changed_seq or line.text != row.look or line.act != row.act:
                yield row, line


def _missing_in_log(evidence: Evidence, act: Act) -> Iterator[str]:
    rows = evidence.log.get(act.conversation, {})
    if act.what == "post":
        yield from (
            f"acknowledged post {act.name} is not in the log at {act.conversation}:{seq}"
            for seq in set(act.places)
            if seq not in rows or rows[seq].act != act.name
        )
    elif act.seq not in rows:
        yield f"acknowledged {act.what} of {act.conversation}:{act.seq}, which is not in the log"


def _overwritten(evidence: Evidence) -> Iterator[str]:
    """Acknowledged edits, deletes and reactions whose effect the log does not show, though nothing replaced them."""
    registers: dict[tuple[int, int, str], list[tuple[Act, str]]] = defaultdict(list)
    for act in evidence.acts.values():
        if act.what != "post" and act.status != "refused":
            name, value = _register(evidence, act)
            registers[act.conversation, act.seq, name].append((act, value))
    for (conversation, seq, name), writes in registers.items():
        row = evidence.log.get(conversation, {}).get(seq)
        if row is not None and any(act.status == "ok" for act, _ in writes) and not _explains(row, name, writes):
            lost = writes[-1][0].what
            yield f"the log shows {row.look!r} at {conversation}:{seq}, which forgets an acknowledged {lost}"


def _register(evidence: Evidence, act: Act) -> tuple[str, str]:
    if act.what == "react":
        return f"{act.text[:-1]} of {evidence.users.get(act.device, 0)}", act.text[-1]
    return act.what, act.text


def _explains(row: Row, name: str, writes: Sequence[tuple[Act, str]]) -> bool:
    """Whether what the log shows is the value of a write that no acknowledged later write replaced."""
    if name == "delete" or row.look == DELETED:
        return row.look == DELETED
    last_start = max(act.sent for act, _ in writes if act.status == "ok")
    values = {value for act, value in writes if act.answered >= last_start}
    text, _, reactions = row.look.partition(BESIDE)
    if name == "edit":
        return text in values
    emoji, _, user = name.rpartition(" of ")
    return ("+" if _has_reacted(reactions, emoji, user) else "-") in values


def _has_reacted(reactions: str, emoji: str, user: str) -> bool:
    _, found, rest = reactions.partition(f"({emoji!r}, [")
    return bool(found) and user in rest.partition("]")[0].split(", ")


def _double_posts(trail: Trail) -> Iterator[str]:
    seen: dict[str, int] = {}
    for seq, line in trail.shown.items():
        if line.act and seen.setdefault(line.act, seq) != seq:
            yield f"{trail.device} shows post {line.act} twice: {seen[line.act]} and {seq}"


def _unwritten(evidence: Evidence, conversation: int, row: Row) -> Iterator[str]:
    act = evidence.acts.get(row.act)
    if act is None or act.what != "post" or act.conversation != conversation:
        yield f"nobody posted {conversation}:{row.seq} {row.look!r}"
    elif act.status == "refused":
        yield f"{conversation}:{row.seq} is in the log though {row.act} was refused"
    elif row.user and row.user != evidence.users.get(act.device, row.user):
        yield f"{conversation}:{row.seq} stands under user {row.user}, but {act.device} posted it"


def _unwritten_looks(evidence: Evidence) -> Iterator[str]:
    written: dict[tuple[int, int], set[str]] = defaultdict(set)
    for act in evidence.acts.values():
        if act.what in ("edit", "delete") and act.status != "refused":
            written[act.conversation, act.seq].add(DELETED if act.what == "delete" else act.text)
    for (conversation, _), line in evidence.states.items():
        post = evidence.acts.get(line.act)
        text = line.text.partition(BESIDE)[0]
        if post is not None and text != post.text and text not in written[conversation, line.seq]:
            yield f"nobody wrote {text!r} at {conversation}:{line.seq}"


def _final_differences(
    reader: str, conversation: int, messages: Iterable[Mapping[str, Any]], rows: Mapping[int, Row]
) -> Iterator[str]:
    read = {row.seq: row for row in map(row_of, messages)}
    for seq in sorted(read.keys() | rows.keys()):
        if read.get(seq) != rows.get(seq):
            yield f"the final read through {reader} differs from the log at {conversation}:{seq}"


def _inversions(conversation: int, placed: Sequence[tuple[Act, int]]) -> Iterator[str]:
    moments = [(act.sent, 1, seq) for act, seq in placed] + [
        (act.answered, 0, act.places[0]) for act, _ in placed if act.places
    ]
    highest = 0
    for _, is_sent, seq in sorted(moments):
        if not is_sent:
            highest = max(highest, seq)
        elif seq < highest:
            yield f"{conversation}:{seq} was sent after {highest} had been acknowledged"


def _own_posts_missing(evidence: Evidence) -> Iterator[str]:
    for act in evidence.acts.values():
        trail = evidence.trails.get((act.device, act.conversation))
        if act.what == "post" and act.status == "ok" and trail is not None:
            seq = act.places[0]
            row = evidence.log.get(act.conversation, {}).get(seq)
            is_owed = seq >= trail.floor and row is not None and row.changed_seq <= evidence.reach(trail)
            if is_owed and seq not in trail.shown:
                yield f"{act.device} does not see its own post {act.conversation}:{seq}"


def _stays(evidence: Evidence, device: str, conversation: int) -> list[Member]:
    user = evidence.users.get(device, 0)
    return [stay for stay in evidence.members.get(conversation, ()) if stay.user == user]


def _may_have(stays: Sequence[Member], line: Line) -> bool:
    return any(
        stay.since <= line.at <= stay.until and (stay.left is None or line.changed_seq <= stay.left) for stay in stays
    )


def _leak(line: Line) -> str:
    return f"{line.device} is no member of {line.conversation} and was given {line.via or line.what} {line.changed_seq}"


def _answers(row: Row, trigger: Trigger) -> bool:
    return row.user == trigger.assistant and row.reply_to == trigger.seq


def _name(line: Line) -> str:
    return f"{line.conversation}:{line.seq} (position {line.changed_seq}) on {line.device}"
