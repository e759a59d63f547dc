"""The control of judged drills: whoever looks at a broken history has to see it, and a blind checker is found out."""

from dataclasses import replace

from chat.drills.sabotage import BREAKS, unnoticed
from chat.proof.checker import Case
from chat.proof.evidence import Member, Trigger, Violation
from chat.proof.history import History, Line

ANN, BOB, ASSISTANT = 1, 2, 3
GROUP = 7


def message(seq: int, **fields: object) -> dict[str, object]:
    return {"conversation": GROUP, "seq": seq, "kind": "text", "text": f"text {seq}", **fields}


def clean_case(posts: int = 3) -> Case:
    """Ann posts, Bob's device is given everything."""
    lines, log = [Line(0.0, "bob", "device", user=BOB), Line(0.0, "ann", "device", user=ANN)], []
    for device in ("ann", "bob"):
        lines.append(Line(0.1, device, "connected"))
        lines.append(Line(0.1, device, "resume", conversation=GROUP, via="snapshot"))
        lines.append(Line(0.1, device, "caught_up", conversation=GROUP, text="e"))
    for seq in range(1, posts + 1):
        act = f"act {seq}"
        lines.append(Line(seq, "ann", "post", conversation=GROUP, act=act, text=f"text {seq}"))
        lines.append(Line(seq + 0.1, "ann", "ok", act=act, seq=seq))
        lines += [
            Line(seq + 0.2, device, "received", GROUP, seq, seq, act, f"text {seq}", "live", ANN)
            for device in ("ann", "bob")
        ]
        log.append(message(seq, client_id=act, sender={"id": ANN}))
    return Case(History(lines), log, {"server_1": {GROUP: log}}, {GROUP: [Member(ANN), Member(BOB)]})


def test_a_clean_case_is_clean_and_every_break_of_it_is_noticed():
    case = clean_case()

    assert case.violations() == []
    assert unnoticed(case) == []
    assert set(BREAKS) == {"A", "B", "C", "D", "E", "H"}


def test_a_history_with_nothing_to_break_controls_nothing():
    assert unnoticed(clean_case(posts=1)) == ["nothing there to break"]


class Blind(Case):
    """A checker that never finds anything."""

    def violations(self, *, per_rule: int = 1) -> list[Violation]:
        return []


def test_a_blind_checker_is_found_out():
    case = clean_case()
    blind = Blind(case.history, case.log, case.finals, case.members)

    assert unnoticed(blind) == list(BREAKS)


def test_a_missing_answer_is_among_the_breaks_where_something_was_asked():
    case = clean_case()
    answer = message(4, sender={"id": ASSISTANT}, reply_to=3, client_id="turn")
    received = [
        Line(5.0, device, "received", GROUP, 4, 4, "turn", "text 4", "live", ASSISTANT, 3) for device in ("ann", "bob")
    ]
    log = [*case.log, answer]
    asked = replace(
        case,
        history=History([*case.history.lines, *received]),
        log=log,
        finals={"server_1": {GROUP: log}},
        triggers=[Trigger(GROUP, 3, ASSISTANT)],
    )

    assert asked.violations() == []
    assert unnoticed(asked) == []
