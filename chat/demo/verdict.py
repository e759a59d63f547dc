"""What came out of a scenario: its numbers, and whatever was not as promised."""

from dataclasses import dataclass, field
from typing import Any

from chat.demo.language import Language, text_of


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as promised; `key` names its text in the language tables."""

    key: str
    fields: dict[str, Any] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        return text_of(language, self.key, **self.fields)


@dataclass(slots=True)
class Verdict:
    """`numbers` go to the JSON file as they are; a scenario has passed when there are no findings."""

    scenario: str
    numbers: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.findings

    def blame(self, key: str, **fields: Any) -> None:
        """Add a finding."""
        self.findings.append(Finding(key, fields))

    def expect(self, key: str, *, expected: Any, found: Any, **fields: Any) -> None:
        """Add a finding unless both are equal."""
        if expected != found:
            self.blame(key, expected=expected, found=found, **fields)
