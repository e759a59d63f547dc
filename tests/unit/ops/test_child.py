import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chat.ops.child import Child

READ_SECONDS = 30
PARENT = """
import sys, time
from pathlib import Path
from chat.ops.child import Child
child = Child(["/bin/sleep", "600"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_ends_with_its_parent_however_that_ends(tmp_path: Path, end: signal.Signals):
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(end)
        parent.wait(READ_SECONDS)
    assert has_ended(child)


def test_a_stopped_child_has_ended_even_if_it_was_frozen(tmp_path: Path):
    child = Child(["/bin/sleep", "600"], log=tmp_path / "log")
    handle = os.pidfd_open(child.pid)
    child.signal(signal.SIGSTOP)
    child.stop()
    assert has_ended(handle)


def test_a_released_child_outlives_its_watcher(tmp_path: Path):
    child = Child(["/bin/sleep", "600"], log=tmp_path / "log")
    child.release()
    os.kill(child.pid, 0)
    os.kill(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)


def has_ended(handle: int) -> bool:
    """Whether the process of this pidfd ends in time."""
    ready, _, _ = select.select([handle], [], [], READ_SECONDS)
    os.close(handle)
    return bool(ready)
