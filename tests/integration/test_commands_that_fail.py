"""What an operator sees when a command cannot go on, or is told to stop: one sentence, nothing half-done."""

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chat.proof.site import PROJECT, Site

TEXT = "0123456789 " * 90
BLOCK = 100_000
"""A limit for the size of files that lets Python start, and stops every copy of the database."""
STOP_SECONDS = 60
ATTEMPTS = 5


@pytest.fixture(scope="module")
def filled(each_site: Site) -> Site:
    """With enough in it that a copy does not fit where little room is."""
    (ann,) = each_site.people("ann")
    group = each_site.office.do("group", ann.id, [], "Group")
    each_site.office.do("fill", group, ann.id, [f"{TEXT}{number}" for number in range(3000)])
    each_site.office.do("let_go")
    return each_site


def begin(site: Site, *words: str | Path, limit: int | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=PROJECT,
        env=site.whole_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)) if limit else None,
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and the one sentence."""
    said, complaint = process.communicate(timeout=STOP_SECONDS * 2)
    assert said == ""
    assert complaint.count("\n") == 1, complaint
    return process.returncode, complaint.strip()


def backed_up(site: Site, file: Path) -> None:
    done = site.manage("backup", str(file))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["backup", "export_data"])
def test_a_disk_that_takes_no_more_is_said_and_nothing_is_left(filled: Site, tmp_path: Path, command: str):
    code, said = end(begin(filled, command, tmp_path / "file", limit=BLOCK))
    assert code == 1
    assert said.startswith("CommandError: ")
    assert "make room" in said
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_cannot_be_checked_for_want_of_room_is_not_called_damaged(filled: Site, tmp_path: Path):
    file = tmp_path / "site.tar.gz"
    backed_up(filled, file)
    code, said = end(begin(filled, "backup", "--verify", file, limit=BLOCK))
    assert (code, "takes no more" in said, "damaged" in said) == (1, True, False)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("command", "sign", "number"),
    [("backup", ".distchat-*", signal.SIGINT), ("export_data", ".file.*.part", signal.SIGTERM)],
)
def test_who_is_told_to_stop_says_so_and_leaves_nothing(
    filled: Site, tmp_path: Path, command: str, sign: str, number: signal.Signals
):
    for _ in range(ATTEMPTS):
        process = begin(filled, command, tmp_path / "file", "--force")
        wait_for(lambda: any(tmp_path.glob(sign)) or process.poll() is not None)  # noqa: B023 - called at once
        process.send_signal(number)
        if process.wait(STOP_SECONDS):
            break
        (tmp_path / "file").unlink()  # it was quicker than the signal
    assert end(process) == (128 + number, "CommandError: Stopped. No file was written.")
    assert list(tmp_path.iterdir()) == []


def test_a_restore_that_finds_no_room_leaves_the_database_as_it_is(filled: Site, tmp_path: Path):
    file = tmp_path / "site.tar.gz"
    backed_up(filled, file)
    (ann,) = filled.people("ann")
    group = filled.office.do("group", ann.id, [], "After the backup")
    before = filled.office.do("heads", [group])
    filled.office.do("let_go")
    code, said = end(begin(filled, "restore", "--force", file, limit=BLOCK))
    assert (code, "takes no more" in said) == (1, True)
    assert filled.office.do("heads", [group]) == before == {str(group): 1}
    filled.office.do("let_go")


def test_a_site_is_whole_after_a_restore_was_stopped(filled: Site, tmp_path: Path):
    file = tmp_path / "site.tar.gz"
    backed_up(filled, file)
    before = filled.office.do("text_bytes")
    filled.office.do("let_go")
    process = begin(filled, "restore", "--force", file)
    time.sleep(1.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=STOP_SECONDS)
    assert filled.office.do("text_bytes") == before


def test_an_import_that_is_stopped_wrote_all_or_nothing(filled: Site, sqlite_url, tmp_path: Path):
    file = tmp_path / "file"
    assert filled.manage("export_data", str(file)).returncode == 0
    with Site(tmp_path, database_url=sqlite_url(), redis_url="") as site:
        process = begin(site, "import_data", file)
        database = Path(site.database_url.removeprefix("sqlite:///"))
        # What is written goes to the log beside the database, long before it is committed.
        wait_for(lambda: _size(Path(f"{database}-wal")) > BLOCK or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        if process.wait(STOP_SECONDS):  # else it was quicker than the signal
            assert end(process) == (130, "CommandError: Stopped. Nothing was imported.")
            assert site.office.do("text_bytes") == 0
            assert site.manage("import_data", str(file)).returncode == 0
        assert site.office.do("text_bytes") == filled.office.do("text_bytes")


@pytest.mark.parametrize("words", [["backup"], ["export_data", "file"], ["import_data", "file"], ["prune"]])
def test_a_database_that_does_not_answer_is_said_in_one_sentence(tmp_path: Path, words: list[str]):
    site = Site(tmp_path, database_url="postgres://nobody@127.0.0.1:1/nothing", redis_url="")
    done = site.manage(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "./manage.py doctor" in done.stderr


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + STOP_SECONDS
    while not what():
        assert time.monotonic() < until
        time.sleep(0.002)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
