from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.ops.moving.importing import import_file
from chat.ops.problem import Problem
from tests.unit.ops.moving import Lines, empty, everything, exported, lines_of, packed

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = st.integers(-2, 40) | st.sampled_from([2**31, 2**53 - 1, 2**53, 2**63, 2**70]) | st.floats(allow_nan=False)
SAID = ["ann", "group", "direct", "system", "text", "left", "2026-01-01T00:00:00Z", "\x00"]
WORDS = st.text(max_size=8) | st.sampled_from(SAID)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=4,
)


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_file_says_it_comes_whole_or_is_refused(file: Path, lines: Lines, data: st.DataObject):
    """And what is wrong is found before anything is written, not by the database."""
    changed = deepcopy(lines)
    for _ in range(data.draw(st.integers(1, 3))):
        _change(data, data.draw(st.sampled_from(changed[1:-1])), changed)
    file.write_bytes(packed(changed))
    said = _imported(file)
    if said:
        assert "line " in said
        assert everything() == [0, 0, 0, 0, 0]
    else:
        assert len(lines_of(exported())) == len(changed)
        empty()


def _change(data: st.DataObject, line: dict[str, Any], others: Lines) -> None:
    """One field of a line, or of an object in it: another value, one of another line, or none."""
    inside = [value for value in line.values() if isinstance(value, dict) and value]
    line = data.draw(st.sampled_from([line, *inside]))
    field = data.draw(st.sampled_from(sorted(line)))
    if field != "type" and data.draw(st.booleans()):
        del line[field]
    else:
        line[field] = data.draw(VALUES | st.sampled_from([None, *(other[field] for other in others if field in other)]))


def _imported(file: Path) -> str:
    """What was said against it, or nothing."""
    try:
        import_file(file)
    except Problem as problem:
        return str(problem)
    return ""
