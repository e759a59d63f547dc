"""`python -m benchmarks.peers.install`: fetches what the peers need, by its locks, or says why not."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import which

FOLDER = Path(__file__).resolve().parent
NODE_FOLDER = FOLDER / "socketio_node"
REQUIREMENTS = FOLDER.parent / "requirements.txt"
ENVIRONMENT = FOLDER.parent.parent / "var" / "peers" / "python"
PYTHON = ENVIRONMENT / "bin" / "python"
APT = ("apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120", "install", "--no-install-recommends")
DEBIAN = ("nginx-light", "libnginx-mod-nchan")
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
POLICY = Path("/usr/sbin/policy-rc.d")
SECONDS = 600.0


def install() -> list[str]:
    """What could not be installed, one line each; what is there already is left alone."""
    return [problem for problem in (_python(), _node(), _nginx()) if problem]


def _python() -> str:
    if PYTHON.exists():
        return ""
    made = _ran([sys.executable, "-m", "venv", "--without-pip", str(ENVIRONMENT)])
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--disable-pip-version-check"]
    fetched = made or _ran([*pip, "--require-hashes", "--no-deps", "-r", str(REQUIREMENTS)])
    if fetched:
        PYTHON.unlink(missing_ok=True)
    return f"python-socketio: {fetched}" if fetched else ""


def _node() -> str:
    if (NODE_FOLDER / "node_modules").exists():
        return ""
    if which("npm") is None:
        return "Socket.IO: npm is not installed (apt install nodejs npm)"
    failed = _ran(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], NODE_FOLDER)
    return f"Socket.IO: {failed}" if failed else ""


def _nginx() -> str:
    if MODULE.exists():
        return ""
    if os.geteuid() != 0 or which("apt-get") is None or not _starts_nothing():
        return f"Nchan: not installed without being asked: apt install {' '.join(DEBIAN)}"
    failed = _ran([*APT, *DEBIAN])
    return f"Nchan: {failed}" if failed else ""


def _starts_nothing() -> bool:
    """Debian starts a server that it installs, unless it is there already or a policy forbids it, as in containers."""
    return os.access(POLICY, os.X_OK) or which("nginx", path="/usr/sbin") is not None


def _ran(command: Sequence[str], directory: Path = FOLDER) -> str:
    """ "" when it went well, else the last line that it said."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (run.stderr or run.stdout).strip().splitlines()
    return (said[-1] if said else f"{command[0]} ended with {run.returncode}") if run.returncode else ""


if __name__ == "__main__":
    problems = install()
    print("\n".join(problems) or "Everything that the peers need is here.")
    sys.exit(1 if problems else 0)
