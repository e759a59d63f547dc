#!/usr/bin/env bash
# From a fresh clone to the test report: ./run_tests.sh [options of pytest]
set -euo pipefail
. "$(dirname "$0")/set_up.sh"

# tests/browser needs Chromium, tests/deploy nginx, Caddy and HAProxy. They are installed where that takes no question (tried once);
# elsewhere those tests skip, with a loud line.
install() {
  local what="$1"
  shift
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || [ -e "var/$what.log" ]; then return; fi
  say "Installing $what for the tests ..."
  local get="timeout 600 apt-get -y -q -o DPkg::Lock::Timeout=120" install="install --no-install-recommends $*"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  { $get $install || { $get update && $get $install; }; } >"var/$what.log" 2>&1 </dev/null || say "$what could not be installed; see var/$what.log."
}

# Debian starts a server that it installs, unless a policy forbids it, as in containers.
install_server() {
  if [ -x /usr/sbin/policy-rc.d ] && ! PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null; then install "$1" "$1"; fi
}

# The systems beside which the benchmark measures, by their locks; what cannot be fetched is skipped, with a loud line.
install_peers() {
  if [ -e var/peers.log ]; then return; fi
  say "Fetching the benchmark's peers for its tests ..."
  "$python" -m benchmarks.peers.install >var/peers.log 2>&1 </dev/null || say "Not all of them could be fetched; see var/peers.log."
}

set_up requirements-dev.txt
command -v chromium chromium-browser google-chrome >/dev/null || install chromium chromium
install_server nginx
install_server caddy
install_server haproxy
install_peers
"$python" -m chat.ops.redis_program var
let_others_go
exec "$python" -m pytest "$@"
