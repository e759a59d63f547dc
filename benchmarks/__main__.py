"""`python -m benchmarks`: one command, one run, every system."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "distchat_site.settings")
django.setup()

from benchmarks.run import main  # noqa: E402  Django has to be set up before what follows is imported

sys.exit(main())
