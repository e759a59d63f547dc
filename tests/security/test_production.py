"""A production server as it starts: what it refuses, what its check says, and what its answers carry."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRONG_KEY = "q7W!e9R2t" * 6
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": STRONG_KEY,
    "ALLOWED_HOSTS": "chat.example.org",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CHANNEL_SECRET": "a secret of the channel layer",
    "DATABASE_URL": "sqlite:///:memory:",
}


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "distchat_site.settings", **PRODUCTION, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("proxy", ["true", "false"])
def test_the_check_for_deployment_finds_nothing(proxy: str):
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", DISTCHAT_TRUST_PROXY=proxy)
    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (2 silenced).")


@pytest.mark.parametrize(
    "unsafe",
    [
        {"SECRET_KEY": "development-only-key-never-use-it-in-production"},
        {"SECRET_KEY": "short"},
        {"SECRET_KEY": ""},
        {"ALLOWED_HOSTS": "*"},
        {"ALLOWED_HOSTS": ".example.org"},
        {"ALLOWED_HOSTS": ""},
        {"DEBUG": "true"},
        {"DEBUG": "true", "SECRET_KEY": "development-only-key-never-use-it-in-production"},
        {"DEBUG": "true", "ALLOWED_HOSTS": "localhost,1.2.3.4"},
    ],
    ids=str,
)
def test_what_is_unsafe_does_not_start(unsafe: dict[str, str]):
    done = run("-c", "import distchat_site.asgi", **unsafe)
    assert done.returncode == 1
    assert "refuses to start" in done.stderr.splitlines()[-1]
    assert STRONG_KEY not in done.stderr


@pytest.mark.parametrize("hosts", ["localhost,127.0.0.1", "192.168.1.7,chat.lan,localhost", "mybox", "10.1.2.3,[::1]"])
def test_on_this_machine_and_at_home_development_starts(hosts: str):
    assert run("-c", "import distchat_site.settings", DEBUG="true", ALLOWED_HOSTS=hosts).returncode == 0


COOKIES = """
import django; django.setup()
from django.conf import settings as s
print([[getattr(s, f"{name}_COOKIE_{what}") for what in ("SECURE", "HTTPONLY", "SAMESITE")]
       for name in ("SESSION", "CSRF", "LANGUAGE")], s.SECURE_HSTS_SECONDS >= 31_536_000, s.SECURE_SSL_REDIRECT,
      s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN, getattr(s, "SECURE_PROXY_SSL_HEADER", None))
"""


def test_cookies_are_secure_for_scripts_and_other_sites_unreadable():
    done = run("-c", COOKIES)
    assert done.stdout.strip() == f"{[[True, True, 'Lax']] * 3} True True False None"


def test_only_a_trusted_proxy_says_that_somebody_came_by_https():
    done = run("-c", COOKIES, DISTCHAT_TRUST_PROXY="true")
    assert done.stdout.strip().endswith("('HTTP_X_FORWARDED_PROTO', 'https')")
