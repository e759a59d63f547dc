"""How devices become known and are thrown out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.devices import (
    LIVE_DEVICES,
    Sight,
    note_devices,
    rename_device,
    revoke_device,
    revoke_other_devices,
)
from accounts.models import Device, User
from tests.unit.accounts.people import register_device

from .people import session_of

pytestmark = pytest.mark.django_db


def test_a_new_device_is_kept_with_what_it_said(ann: User):
    uuid = uuid4()
    register_device(ann, uuid, name=" Firefox ", platform="Linux", address="10.0.0.7", session_key="k1")
    device = Device.objects.get()
    assert (device.user, device.uuid, device.name, device.platform, device.address, device.session_key) == (
        ann,
        uuid,
        "Firefox",
        "Linux",
        "10.0.0.7",
        "k1",
    )
    assert device.last_seen_at is not None


def test_a_device_that_returns_keeps_its_name_and_changes_the_rest(ann: User):
    uuid = uuid4()
    first = register_device(ann, uuid, name="Firefox", platform="Linux", session_key="k1")
    rename_device(first, "my laptop")
    register_device(ann, uuid, name="Firefox", platform="Windows", session_key="k2")
    device = Device.objects.get()
    assert (device.pk, device.name, device.platform, device.session_key) == (first.pk, "my laptop", "Windows", "k2")


def test_a_device_seen_a_moment_ago_costs_one_query(ann: User, django_assert_num_queries: DjangoAssertNumQueries):
    uuid = uuid4()
    register_device(ann, uuid, session_key="k1")
    with django_assert_num_queries(1):
        register_device(ann, uuid, session_key="k1")


def test_the_same_uuid_of_two_users_is_two_devices(ann: User, bob: User):
    uuid = uuid4()
    assert register_device(ann, uuid).pk != register_device(bob, uuid).pk


def test_names_longer_than_the_column_are_cut(ann: User):
    device = register_device(ann, uuid4(), name="n" * 500, platform="p" * 500)
    assert (len(device.name), len(device.platform)) == (80, 80)


def test_what_cannot_be_stored_or_shown_is_left_out_of_a_name(ann: User):
    device = register_device(ann, uuid4(), name="a\x00b\ud800\n\u202e我的手机", platform="\x00")
    device.refresh_from_db()
    assert (device.name, device.platform) == ("ab我的手机", "")


def test_the_longest_unseen_devices_give_way_but_revocations_stay(ann: User):
    revoked = register_device(ann, uuid4(), name="revoked")
    revoke_device(ann, revoked)
    long_ago = timezone.now() - timedelta(days=9)
    devices = [register_device(ann, uuid4(), name=str(number)) for number in range(LIVE_DEVICES)]
    Device.objects.filter(pk=devices[7].pk).update(last_seen_at=long_ago)
    register_device(ann, uuid4(), name="newest")
    names = set(Device.objects.values_list("name", flat=True))
    assert names == {"newest", "revoked"} | {str(number) for number in range(LIVE_DEVICES) if number != 7}


def test_a_revoked_device_may_not_come_back(ann: User):
    device = register_device(ann, uuid4())
    revoke_device(ann, device)
    here = register_device(ann, device.uuid, name="again", session_key="k2")
    assert here.revoked_at is not None
    assert Device.objects.get().session_key == ""


def test_many_come_at_once_in_two_queries(ann: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries):
    long_ago = timezone.now() - timedelta(days=9)
    uuids = [uuid4() for _ in range(10)]
    first = [register_device(user, uuid, name="first") for user in (ann, bob) for uuid in uuids]
    Device.objects.update(last_seen_at=long_ago)
    revoke_device(ann, first[0])
    sights = [Sight(user.pk, uuid, platform=f"{user} {uuid}") for user in (ann, bob) for uuid in uuids]
    with django_assert_num_queries(2):
        found = note_devices(sights)

    assert [found[sight].pk for sight in sights] == [device.pk for device in first]
    rows = list(Device.objects.order_by("pk").values_list("platform", "last_seen_at"))
    assert rows[0] == ("", long_ago)
    assert [platform for platform, _ in rows[1:]] == [sight.platform for sight in sights[1:]]
    assert min(seen for _, seen in rows[1:]) > long_ago


def test_old_and_new_devices_may_come_together_but_none_of_those_who_are_gone(ann: User, bob: User):
    known = register_device(ann, uuid4())
    gone = User.objects.create(username="gone", is_active=False)
    sights = [Sight(ann.pk, known.uuid), Sight(bob.pk, known.uuid), Sight(bob.pk, uuid4()), Sight(gone.pk, uuid4())]
    found = note_devices(sights)

    assert [(sight.user_id, found[sight].user.username) for sight in sights[:3]] == [
        (ann.pk, "ann"),
        (bob.pk, "bob"),
        (bob.pk, "bob"),
    ]
    assert sights[3] not in found
    assert Device.objects.count() == 3


def test_revoking_logs_the_browser_out_of_database_and_cache(
    ann: User, browser: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
):
    assert browser.get("/").status_code == 200
    device = register_device(ann, uuid4(), session_key=browser.session.session_key)
    with django_capture_on_commit_callbacks(execute=True):
        revoke_device(ann, device)
    assert Session.objects.count() == 0
    assert browser.get("/").status_code == 302


def test_another_users_device_cannot_be_revoked(ann: User, bob: User):
    device = register_device(bob, uuid4())
    with pytest.raises(Device.DoesNotExist):
        revoke_device(ann, device)
    assert Device.objects.live().count() == 1


@pytest.mark.parametrize("act", ["revoke", "rename"])
def test_another_users_device_is_not_found(bob: User, browser: Client, act: str):
    device = register_device(bob, uuid4(), name="bob's phone")
    assert browser.post(f"/accounts/devices/{device.uuid}/{act}/", {"name": "mine"}).status_code == 404
    device.refresh_from_db()
    assert (device.name, device.revoked_at) == ("bob's phone", None)


@pytest.mark.parametrize("act", ["revoke", "rename"])
def test_an_anonymous_visitor_changes_no_device(ann: User, act: str):
    device = register_device(ann, uuid4(), name="phone")
    assert Client().post(f"/accounts/devices/{device.uuid}/{act}/", {"name": "mine"}).status_code == 302
    device.refresh_from_db()
    assert (device.name, device.revoked_at) == ("phone", None)


def test_the_pages_rename_and_revoke_ones_own_device(ann: User, browser: Client):
    device = register_device(ann, uuid4(), name="phone")
    assert browser.post(f"/accounts/devices/{device.uuid}/rename/", {"name": "old phone"}).url == "/devices/"
    device.refresh_from_db()
    assert device.name == "old phone"
    assert browser.post(f"/accounts/devices/{device.uuid}/revoke/").url == "/devices/"
    device.refresh_from_db()
    assert device.revoked_at is not None


@pytest.mark.parametrize("path", ["revoke-others/", f"{uuid4()}/revoke/", f"{uuid4()}/rename/"])
def test_devices_are_changed_by_post_only(browser: Client, path: str):
    assert browser.get(f"/accounts/devices/{path}").status_code == 405


def test_revoking_all_others_keeps_this_browser_and_other_users(ann: User, bob: User, browser: Client):
    here = register_device(ann, uuid4(), session_key=browser.session.session_key)
    register_device(ann, uuid4(), session_key=session_of(ann).session_key)
    of_bob = register_device(bob, uuid4(), session_key=session_of(bob).session_key)
    assert browser.post("/accounts/devices/revoke-others/").url == "/devices/"
    assert set(Device.objects.live()) == {here, of_bob}
    kept = set(Session.objects.values_list("session_key", flat=True))
    assert kept == {browser.session.session_key, of_bob.session_key}


def test_a_session_shared_with_the_device_that_asks_is_spared(ann: User):
    session_key = session_of(ann).session_key
    here, there = (register_device(ann, uuid4(), session_key=session_key) for _ in range(2))
    assert revoke_other_devices(ann, keep=[here.uuid], keep_session=session_key) == 1
    assert list(Device.objects.live()) == [here]
    assert Session.objects.filter(session_key=session_key).exists()
    assert there.pk != here.pk
