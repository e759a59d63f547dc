"""Files that are exported and imported."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.unit.ops.moving import Lines, a_site, empty, everything, exported, lines_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "site.ndjson"


@pytest.fixture
def refused(file: Path) -> Callable[..., str]:
    """Import what cannot be imported: the sentence, after nothing was written."""

    def importing(content: bytes, *options: str) -> str:
        file.write_bytes(content)
        before = everything()
        with pytest.raises(CommandError) as refusal:
            call_command("import_data", str(file), *options)
        assert everything() == before
        assert refusal.value.returncode == 1
        assert "\n" not in str(refusal.value)
        return str(refusal.value).replace(str(file), "FILE")

    return importing


@pytest.fixture
def lines(transactional_db: None) -> Lines:
    """The export of a site that is empty again."""
    a_site()
    found = lines_of(exported())
    empty()
    return found
