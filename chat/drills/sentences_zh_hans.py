"""The sentences of the drills in Chinese, by the English ones; a test sees to it that none is missing."""

SENTENCES: dict[str, str] = {}
