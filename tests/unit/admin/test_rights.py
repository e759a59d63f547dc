"""Who gets into the admin, what each right allows, and what nobody may do there."""

import re
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import ApiToken, AuditEntry, Device, User
from chat.models import ChatSession, Message, Turn
from tests.unit.accounts.people import PASSWORD
from tests.unit.admin.rows import LISTS, newest, populate, signed_in, with_rights

pytestmark = pytest.mark.django_db
What = AuditEntry.What
OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations.md"

ACTIONS = sorted(
    (name, action) for name, model in LISTS.items() for action in admin.site._registry[model].actions or [] if action
)


def state() -> list[object]:
    """All that an action could change."""
    users = User.objects.order_by("pk").values_list("is_active", "access_version")
    return [
        list(users),
        Device.objects.live().count(),
        ApiToken.objects.valid().count(),
        list(Message.objects.values_list("deleted", flat=True)),
        ChatSession.objects.count(),
        list(Turn.objects.values_list("status", flat=True)),
    ]


def test_every_kind_of_row_has_its_actions():
    assert [f"{name} {action}" for name, action in ACTIONS] == [
        "accounts/apitoken revoke",
        "accounts/device revoke",
        "accounts/user disable",
        "accounts/user enable",
        "accounts/user end_sessions",
        "accounts/user reset_second_factor",
        "chat/chatsession clear",
        "chat/chatsession disconnect",
        "chat/chatsession inspect",
        "chat/chatsession rebuild",
        "chat/message remove",
        "chat/turn stop",
    ]


@pytest.mark.parametrize(("name", "action"), [each for each in ACTIONS if each[1] != "inspect"])
def test_staff_who_may_only_look_are_refused_and_nothing_happens(name: str, action: str):
    populate(range(1))
    row, audited = newest(name), AuditEntry.objects.count()
    client = signed_in(with_rights(f"view_{LISTS[name]._meta.model_name}"))
    before = state()
    for words in ({}, {"confirmed": "yes"}, {"index": "0", "confirmed": "yes"}):
        answer = client.post(f"/admin/{name}/", {"action": action, "_selected_action": [row.pk], **words})
        assert answer.status_code == 403
    assert (state(), AuditEntry.objects.count()) == (before, audited)
    page = client.get(f"/admin/{name}/{row.pk}/change/")
    assert (page.status_code, page.context["buttons"]) == (200, [("inspect", "Inspect as JSON")] * ("session" in name))


@pytest.mark.parametrize(("name", "action"), ACTIONS)
def test_staff_without_any_right_see_and_do_nothing(name: str, action: str):
    populate(range(1))
    row = newest(name)
    client = signed_in(with_rights())
    before = state()
    words = {"action": action, "confirmed": "yes", "_selected_action": [row.pk]}
    assert client.post(f"/admin/{name}/", words).status_code == 403
    assert [client.get(f"/admin/{name}/{path}").status_code for path in ("", f"{row.pk}/change/")] == [403, 403]
    assert state() == before


@pytest.mark.parametrize(("name", "action"), [each for each in ACTIONS if each[1] != "inspect"])
def test_every_action_asks_before_it_does_anything(staff: Client, name: str, action: str):
    populate(range(2))
    before, audited = state(), AuditEntry.objects.count()
    asked = staff.post(f"/admin/{name}/", {"action": action, "_selected_action": [newest(name).pk]})
    assert (asked.status_code, asked.templates[0].name) == (200, "admin/confirm_action.html")
    assert f'name="_selected_action" value="{newest(name).pk}"' in asked.content.decode()
    assert asked.content.decode().count('name="_selected_action"') == 1
    assert (state(), AuditEntry.objects.count()) == (before, audited)


@pytest.mark.parametrize("action", ["delete_selected", "nonsense", "__class__"])
@pytest.mark.parametrize("name", LISTS)
def test_what_is_not_offered_is_refused_also_to_superusers(staff: Client, name: str, action: str):
    populate(range(1))
    words = {"action": action, "post": "yes", "confirmed": "yes", "_selected_action": [newest(name).pk]}
    assert staff.post(f"/admin/{name}/", words).status_code == 403
    assert LISTS[name].objects.filter(pk=newest(name).pk).exists()


def test_nothing_is_done_without_the_token_against_forgery():
    populate(range(1))
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend")
    words = {"action": "revoke", "confirmed": "yes", "_selected_action": [Device.objects.get().pk]}
    assert client.post("/admin/accounts/device/", words).status_code == 403
    assert Device.objects.live().count() == 1


def test_the_audit_log_is_only_read_also_by_superusers(staff: Client):
    populate(range(1))
    entry = AuditEntry.objects.values().get()
    path = f"/admin/accounts/auditentry/{entry['id']}"
    answers = [
        staff.get("/admin/accounts/auditentry/add/"),
        staff.post("/admin/accounts/auditentry/add/", {"who": "forged", "what": "deleted"}),
        staff.post(f"{path}/change/", {"who": "forged"}),
        staff.get(f"{path}/delete/"),
        staff.post(f"{path}/delete/", {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert AuditEntry.objects.values().get() == entry


def test_nobody_deletes_a_user(staff: Client):
    populate(range(1))
    user = User.objects.get(username="person0")
    assert staff.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_staff_do_not_give_themselves_rights():
    clerk = with_rights("view_user", "change_user", "add_user", "view_group", "change_group")
    group = Group.objects.create(name="all")
    client = signed_in(clerk)
    path = f"/admin/accounts/user/{clerk.pk}/change/"
    words = {"username": "clerk", "display_name": "Clerk", "is_staff": "on", "is_superuser": "on", "groups": [group.pk]}
    assert client.post(path, words).status_code == 302
    clerk.refresh_from_db()
    assert (clerk.display_name, clerk.is_superuser, clerk.groups.count()) == ("Clerk", False, 0)
    assert client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "mine"}).status_code == 403


@pytest.mark.parametrize("target", [{"is_staff": True}, {"is_superuser": True, "is_staff": True}])
def test_only_superusers_give_staff_another_password_or_address(target: dict[str, bool]):
    boss = User.objects.create(username="boss", email="boss@example.com", password="!x", **target)
    address = EmailAddress.objects.create(user=boss, email="boss@example.com")
    client = signed_in(with_rights("view_user", "change_user", "view_emailaddress", "change_emailaddress"))
    words = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    answers = [
        client.post(f"/admin/accounts/user/{boss.pk}/password/", words),
        client.post(f"/admin/accounts/user/{boss.pk}/change/", {"username": "boss", "email": "mine@example.com"}),
        client.post(f"/admin/account/emailaddress/{address.pk}/change/", {"email": "mine@example.com"}),
        client.post("/admin/account/emailaddress/add/", {"user": boss.pk, "email": "mine@example.com"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    boss.refresh_from_db()
    assert (boss.password, boss.email, EmailAddress.objects.get().email) == ("!x", *["boss@example.com"] * 2)


def test_what_a_form_changed_is_audited_by_name_and_not_by_value(staff: Client):
    populate(range(1))
    user = User.objects.get(username="person0")
    words = {"username": "person0", "display_name": "A secret name", "email": "", "language": "", "theme": "system"}
    assert staff.post(f"/admin/accounts/user/{user.pk}/change/", words).status_code == 302
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.who, entry.what, entry.object_id, entry.address) == ("root", "changed", str(user.pk), "127.0.0.1")
    assert entry.details == {"fields": ["Display name"]}
    words = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert staff.post(f"/admin/accounts/user/{user.pk}/password/", words).status_code == 302
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.what, PASSWORD in str(entry.details)) == ("changed", False)


def test_the_admin_login_is_the_throttled_one():
    response = Client().get("/admin/login/")
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=%2Fadmin%2Flogin%2F")
    root = User.objects.create_superuser("root", password=PASSWORD)
    words = {"login": root.username, "password": "wrong", "next": "/admin/"}
    for _ in range(20):
        answer = Client().post("/accounts/login/", words)
    assert "Too many failed login attempts" in answer.content.decode() or answer.status_code == 429
    late = Client()
    late.post("/accounts/login/", {**words, "password": PASSWORD})
    assert late.get("/admin/").status_code == 302


def test_a_user_who_is_not_staff_is_refused():
    client = signed_in(User.objects.create(username="ann"))
    assert client.get("/admin/", follow=True).status_code == 403


def test_staff_without_a_second_factor_are_sent_to_set_one_up_where_it_is_required(settings: Settings):
    populate(range(1))
    settings.ADMIN_REQUIRES_SECOND_FACTOR = True
    root = User.objects.create_superuser("root", password="!x")
    client = signed_in(root)
    words = {"action": "revoke", "confirmed": "yes", "_selected_action": [Device.objects.get().pk]}
    assert client.post("/admin/accounts/device/", words).status_code == 302
    assert Device.objects.live().count() == 1
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/2fa/"
    TOTP.activate(root, generate_totp_secret())
    assert client.get("/admin/").status_code == 200


def test_the_table_of_actions_in_the_documents_is_true():
    rows = re.findall(
        r"^\| ([a-zA-Z ]+) \| ([^|]+) \| `([a-z_.]+)` \| `([a-z_]+)` \|$", OPERATIONS.read_text(), re.MULTILINE
    )
    whats = set(AuditEntry.What.values) - {What.ADDED, What.CHANGED, What.DELETED}
    told = {what for *_, what in rows}
    assert len(rows) == len(ACTIONS)
    assert {what for what in whats if not what.startswith(("node", "announce"))} == told
    for page, words, permission, _what in rows:
        (name,) = (name for name, model in LISTS.items() if str(model._meta.verbose_name_plural) == page)
        model_admin = admin.site._registry[LISTS[name]]
        request = RequestFactory().get("/")
        request.user = with_rights(permission.split(".")[1], name=f"{page} {words}"[:100])
        offered = [str(description) for _action, _name, description in model_admin.get_actions(request).values()]
        begun = words.partition(":")[0].partition(";")[0].strip().lower()
        assert any(each.lower().startswith(begun) for each in offered), (page, begun, offered)
