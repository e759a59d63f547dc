"""When the static files have to be collected again, and what they are called before that."""

import os
import time
from pathlib import Path

import pytest
from pytest_django import Settings

from chat.ops.static_files import _is_fresh
from distchat_site.static_files import StaticFiles


@pytest.fixture
def manifest(tmp_path: Path, settings: Settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    return tmp_path / "staticfiles.json"


def test_nothing_is_fresh_before_it_was_collected(manifest: Path):
    assert _is_fresh() is False


def test_what_was_collected_after_the_last_edit_is_fresh(manifest: Path):
    manifest.write_text("{}")
    os.utime(manifest, (time.time() + 60, time.time() + 60))
    assert _is_fresh() is True


def test_what_was_collected_before_an_edit_is_not(manifest: Path):
    manifest.write_text("{}")
    os.utime(manifest, (0, 0))
    assert _is_fresh() is False


def test_names_stay_as_they_are_until_anything_is_collected(tmp_path: Path):
    assert StaticFiles(location=tmp_path, base_url="/static/").url("chat/icon.svg") == "/static/chat/icon.svg"


def test_names_are_those_of_the_manifest_with_debug_too(tmp_path: Path, settings: Settings):
    settings.DEBUG = True
    (tmp_path / "staticfiles.json").write_text('{"version": "1.1", "hash": "", "paths": {"a.js": "a.123.js"}}')
    assert StaticFiles(location=tmp_path, base_url="/static/").url("a.js") == "/static/a.123.js"
