#!/usr/bin/env bash
# From a fresh clone to the test report: ./run_tests.sh [options of pytest]
set -euo pipefail
. "$(dirname "$0")/set_up.sh"

set_up requirements-dev.txt
"$python" -m chat.ops.redis_program var
let_others_go
exec "$python" -m pytest "$@"
