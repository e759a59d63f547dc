"""Which distchat this is."""

VERSION = "0.1.0"
"""That of pyproject.toml, which is not there where only the packages are installed."""
