# Sourced by quick_start.sh and run_tests.sh: a Python, a .venv with the locked requirements, and a database of the newest shape.

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "distchat needs Python 3.11 or newer and found none. Next: sudo apt install python3.11 python3.11-venv (or set PYTHON to one)."
}

wait_for_our_turn() {
  mkdir -p var
  exec 9>var/set_up.lock
  if ! flock -n 9; then
    say "Another run is setting up here; waiting for it."
    flock -w 900 9 || fail "The other run did not finish in 15 minutes. Next: end it, then start again."
  fi
}

let_others_go() { flock -u 9; exec 9>&-; }

# Debian ships pip and venv as packages of their own: without ensurepip, the pip of the base Python installs into our .venv.
make_venv() {
  if .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return; fi
  rm -rf .venv
  say "Making .venv with $("$1" --version)."
  if "$1" -m venv .venv >var/set_up.log 2>&1; then return; fi
  rm -rf .venv
  if "$1" -m venv --without-pip .venv >>var/set_up.log 2>&1 && "$1" -m pip --python .venv/bin/python --version >>var/set_up.log 2>&1; then return; fi
  rm -rf .venv
  fail "This Python can make no virtual environment: ensurepip is missing. Next: sudo apt install $("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
}

pip_for_venv() {
  if .venv/bin/python -c 'import pip' 2>/dev/null; then
    .venv/bin/python -m pip "$@"
  else
    "$base_python" -m pip --python .venv/bin/python "$@"
  fi
}

# .venv/installed names the requirement files, by hash, that this .venv satisfies.
install_requirements() {
  local wanted file="$1"
  wanted="$(sha256sum "$file" | cut -d' ' -f1)"
  if grep -qsx "$wanted" .venv/installed; then return; fi
  say "Installing the packages of $file (a few minutes the first time) ..."
  rm -f .venv/installed
  if ! pip_for_venv install --disable-pip-version-check --no-input --retries 2 --require-hashes --no-deps -r "$file" >var/set_up.log 2>&1; then
    explain_failed_install "$file"
  fi
  # The development lock holds all of the other one.
  if [ "$file" = requirements-dev.txt ]; then sha256sum requirements.txt | cut -d' ' -f1 >.venv/installed.new; fi
  printf '%s\n' "$wanted" >>.venv/installed.new
  mv .venv/installed.new .venv/installed
}

explain_failed_install() {
  if grep -qiE 'connection|resolution|timed out|unreachable|No matching distribution' var/set_up.log; then
    fail "The packages could not be fetched: the package index cannot be reached or lacks one. Next: check the network (or pip's index), then run this again; details are in var/set_up.log."
  fi
  if grep -qi 'hashes' var/set_up.log; then
    fail "A package does not have the hash that $1 names, so nothing was installed. Next: check which package index pip uses; details are in var/set_up.log."
  fi
  if grep -qi 'no space left' var/set_up.log; then
    fail "The disk is full. Next: free about 1 GB, then run this again."
  fi
  fail "pip could not install $1. Next: read the end of var/set_up.log."
}

set_up() {
  cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
  export PYTHONUNBUFFERED=1
  command -v flock >/dev/null || fail "The program flock is missing. Next: sudo apt install util-linux"
  base_python="$(find_python)" || exit 1
  wait_for_our_turn
  make_venv "$base_python"
  install_requirements "$1"
  python="$PWD/.venv/bin/python"
}

migrate() {
  if ! "$python" manage.py migrate --noinput --verbosity 0 >var/set_up.log 2>&1; then
    fail "The database could not be brought up to date: $(tail -n 1 var/set_up.log) Next: ./.venv/bin/python manage.py doctor"
  fi
}
