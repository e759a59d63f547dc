"""A program that fills the database of DATABASE_URL: a plan as JSON on stdin, cookies and ids on stdout."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "distchat_site.settings")
django.setup()

from benchmarks.systems.rows import fill  # noqa: E402  Django has to be set up before what follows is imported

if __name__ == "__main__":
    json.dump(fill(**json.load(sys.stdin)), sys.stdout)
