#!/usr/bin/env bash
# From a fresh clone to the running demo: ./quick_start.sh [options of manage.py run_demo]
set -euo pipefail
. "$(dirname "$0")/set_up.sh"

set_up requirements.txt
migrate

demo=("$python" manage.py run_demo "$@")
case " $* " in
  *" --help "* | *" -h "* | *" --simple "*)
    let_others_go
    exec "${demo[@]}"
    ;;
  *" --keep "*) keep=(--keep) ;;
  *) keep=() ;;
esac
let_others_go
exec "$python" -m chat.ops.local_redis run "${keep[@]}" -- "${demo[@]}"
