import json
import socket
from io import StringIO

import pytest
from django.core.management import call_command

from chat.ops.doctor import Finding, Status, examine, has_failed
from chat.ops.ports import free_port
from distchat_site.settings_table import DEVELOPMENT_KEY, as_markdown

pytestmark = pytest.mark.django_db(transaction=True)


def finding_of(name: str, ports: tuple[int, ...] = ()) -> Finding:
    found = {finding.name: finding for finding in examine(ports or (free_port(),))}
    return found[name]


def names(findings: list[Finding]) -> list[str]:
    return [finding.name for finding in findings]


def test_a_healthy_development_machine_has_no_failure(settings, redis_server):
    settings.DEBUG = True
    settings.REDIS_URLS = [redis_server.url]
    findings = examine((free_port(),))
    redis = f"redis 127.0.0.1:{redis_server.port}"
    assert [finding.name for finding in findings if finding.status is not Status.OK] == ["production"]
    assert not has_failed(findings)
    assert names(findings)[-5:] == [redis, f"{redis} modules", "redis hosts", "ports", "static files"]


def test_json_is_what_was_found(settings, redis_server):
    settings.DEBUG = True
    settings.REDIS_URLS = [redis_server.url]
    printed = StringIO()
    call_command("doctor", "--json", stdout=printed)
    found = json.loads(printed.getvalue())
    assert {tuple(finding) for finding in found} == {("name", "status", "detail", "fix")}
    assert [finding["name"] for finding in found] == names(examine())


def test_a_failure_is_exit_code_1_with_its_fix_on_the_next_line(settings):
    settings.REDIS_URLS = ["redis://ann:secret@127.0.0.1:1/0"]
    printed = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=printed)
    assert ended.value.code == 1
    assert (
        "FAIL   redis 127.0.0.1:1: no answer (ConnectionError)\n       → start it or correct REDIS_URL"
        in printed.getvalue()
    )
    assert "secret" not in printed.getvalue()


def test_the_development_key_on_a_server_fails(settings):
    settings.DEBUG = False
    settings.SECRET_KEY = DEVELOPMENT_KEY
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    assert finding_of("production") == Finding(
        "production", Status.FAIL, "SECRET_KEY is the development key or too short", "set 50 random characters or more."
    )


def test_no_redis_is_a_warning(settings):
    settings.REDIS_URLS = []
    assert finding_of("redis").status is Status.WARN


def test_other_hosts_make_another_list(settings):
    settings.REDIS_URLS = ["redis://127.0.0.1:1/0", "redis://127.0.0.1:2/0"]
    first = finding_of("redis hosts")
    settings.REDIS_URLS = ["redis://127.0.0.1:2/0", "redis://127.0.0.1:1/0"]
    assert finding_of("redis hosts") != first


def test_a_busy_port_names_its_way_out():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert finding_of("ports", (port,)) == Finding(
            "ports",
            Status.WARN,
            f"{port} in use",
            "end what uses them, or ./manage.py run_demo --base-port auto",
        )


def test_uncollected_static_files_fail_on_a_server(settings, tmp_path):
    settings.DEBUG = False
    settings.STATIC_ROOT = tmp_path
    assert finding_of("static files").fix == "./manage.py collectstatic --noinput"
    (tmp_path / "admin").mkdir()
    assert finding_of("static files").status is Status.OK


def test_the_table_of_settings_can_be_printed():
    printed = StringIO()
    call_command("doctor", "--show-settings", stdout=printed)
    assert printed.getvalue() == as_markdown()
