#!/usr/bin/env python
"""Django's command line for distchat."""

import os
import signal
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "distchat_site.settings")
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:  # while it was still loading: nothing has begun
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
