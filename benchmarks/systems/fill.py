"""A program that fills the blank database of DATABASE_URL: a plan on stdin (null: make it blank), ids on stdout."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "distchat_site.settings")
django.setup()

from benchmarks.systems.rows import fill, make_blank  # noqa: E402  Django has to be set up before what follows is imported

if __name__ == "__main__":
    plan = json.load(sys.stdin)
    json.dump(make_blank() if plan is None else fill(**plan), sys.stdout)
