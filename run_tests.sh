#!/usr/bin/env bash
# From a fresh clone to the test report: ./run_tests.sh [options of pytest]
set -euo pipefail
. "$(dirname "$0")/set_up.sh"

# tests/browser needs Chromium. It is installed where that takes no question (tried once); elsewhere those tests skip, with a loud line.
install_chromium() {
  if command -v chromium chromium-browser google-chrome >/dev/null || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return; fi
  if [ -e var/chromium.log ]; then return; fi
  say "Installing Chromium for the tests in a browser ..."
  local get="timeout 600 apt-get -y -q -o DPkg::Lock::Timeout=120" install="install --no-install-recommends chromium"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  { $get $install || { $get update && $get $install; }; } >var/chromium.log 2>&1 </dev/null || say "Chromium could not be installed; see var/chromium.log."
}

set_up requirements-dev.txt
install_chromium
"$python" -m chat.ops.redis_program var
let_others_go
exec "$python" -m pytest "$@"
