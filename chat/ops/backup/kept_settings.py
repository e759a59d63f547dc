"""The settings that a backup keeps, to be compared after a disaster: values without secrets."""

import os
from collections.abc import Mapping

from distchat_site.settings_table import TABLE

SECRET_WORDS = frozenset({"KEY", "SECRET", "TOKEN", "PASSWORD", "URL"})
"""A URL may carry a password."""
HIDDEN = "(set, not kept)"


def is_secret(name: str) -> bool:
    return not SECRET_WORDS.isdisjoint(name.split("_"))


def given_settings(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Every setting of the table that the environment or `.env` gives; of a secret only that it is given."""
    given = [row.name for row in TABLE if environment.get(row.name)]
    return {name: HIDDEN if is_secret(name) else environment[name] for name in given}
