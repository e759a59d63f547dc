"""Tells a run of drills to the person at the terminal, in the manner of the demo."""

from typing import Any

from chat.demo.language import Language
from chat.demo.story import BAD, GOOD, Story
from chat.drills import sentences_zh_hans, words_en, words_zh_hans
from chat.drills.drill import Drill
from chat.drills.outcome import Outcome
from chat.drills.report import Controlled, Report

WORDS: dict[Language, dict[str, str]] = {"en": words_en.WORDS, "zh-hans": words_zh_hans.WORDS}
LONGEST_SENTENCE = 58


class DrillStory(Story):
    """The demo's way of speaking, with words of its own."""

    def text(self, key: str, **fields: Any) -> str:
        return WORDS[self.language][key].format(**fields)

    def sentence(self, english: str) -> str:
        """A sentence of a drill; what has no translation stays as it is."""
        return sentences_zh_hans.SENTENCES.get(english, english) if self.language == "zh-hans" else english

    def begin(self, report: Report, logs: str) -> None:
        scale = report.scale
        self.heading("title")
        key = "scale_full" if scale.is_full else "scale_short"
        self.line(key, people=scale.people, groups=scale.groups, rate=scale.posts_per_second, patience=scale.patience)
        self.line("ground")
        self.line("logs", logs=logs)

    def open_drill(self, drill: Drill, number: int, count: int) -> None:
        self.heading("heading", number=number, count=count, name=drill.name)
        self.line("happens", text=self.sentence(drill.happens))

    def close_drill(self, drill: Drill, outcome: Outcome) -> None:
        header = [self.text(f"column_{name}") for name in ("verdict", "measured", "limit", "criterion")]
        rows = [[GOOD if row.is_met else BAD, row.measured, row.limit, self.sentence(row.text)] for row in outcome.rows]
        self.table(header, rows)
        if outcome.judgements:
            counts = outcome.counts
            self.line(
                "counts",
                posts=outcome.posts,
                deliveries=outcome.deliveries,
                lost=counts["A"],
                doubled=counts["B"],
                bad=counts["D"] + counts["F"],
            )
        (self.good if outcome.passed else self.bad)(
            "passed" if outcome.passed else "failed", name=drill.name, seconds=outcome.seconds
        )

    def close_control(self, controlled: Controlled) -> None:
        if controlled.is_noticed:
            self.good("noticed", failed="; ".join(map(self.sentence, controlled.failed)))
        else:
            self.bad("not_noticed")

    def sum_up(self, report: Report, seconds: float, logs: str) -> None:
        self.gap()
        self.line("summary")
        for number, (drill, outcome) in enumerate(report.played, start=1):
            self.line(
                "summary_line",
                number=number,
                mark=GOOD if outcome.passed else BAD,
                verdict="PASS" if outcome.passed else "FAIL",
                name=drill.name,
                seconds=outcome.seconds,
            )
        totals = report.totals()
        bad = totals["lost"] + totals["doubled"] + totals["reordered"]
        self.line("totals", posts=totals["posts acknowledged"], deliveries=totals["deliveries"], bad=bad)
        self._conclude(report, seconds, logs)

    def _conclude(self, report: Report, seconds: float, logs: str) -> None:
        count, failed = len(report.played), sum(not outcome.passed for _, outcome in report.played)
        unnoticed = [each.drill for each in report.controls if not each.is_noticed]
        self.gap()
        if failed:
            self.bad("some_failed", bad=failed, count=count, logs=logs)
        if unnoticed:
            self.bad("controls_failed", names=", ".join(unnoticed))
        if report.passed:
            self.good("all_passed", count=count, minutes=seconds / 60)
