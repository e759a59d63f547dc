"""What members choose for the assistant of a conversation: who may, what makes sense, and what everybody sees."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from accounts.programs import ensure_assistant
from chat.log.creating import create_direct, create_group
from chat.models import AssistantSettings
from tests.unit.running_node import running
from tests.unit.test_preferences import browser_of, send

DEFAULTS = {"speaks": "", "policy": "queue", "instructions": ""}


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return {name: User.objects.create(username=name) for name in ("ann", "bob", "eve")}


@pytest.fixture
def group(people: dict[str, User]) -> int:
    return create_group(people["ann"].pk, "Plans", [people["bob"].pk, ensure_assistant().pk]).conversation


@pytest.fixture
def node(group: int) -> Iterator[None]:
    with running():
        yield


def path(conversation: int) -> str:
    return f"/conversations/{conversation}/assistant"


def seen(client: Client, conversation: int) -> object:
    return client.get(path(conversation)).json()


@pytest.mark.usefixtures("node")
def test_an_owner_chooses_and_every_member_sees_it(people, group):
    owner, member = browser_of(people["ann"]), browser_of(people["bob"])
    assert seen(member, group) == DEFAULTS
    chosen = {"speaks": "always", "policy": "steer", "instructions": "Be kind."}
    assert send(owner, path(group), chosen).json() == chosen
    assert send(owner, path(group), {"policy": "reject"}).json() == {**chosen, "policy": "reject"}
    assert seen(member, group) == {**chosen, "policy": "reject"}


@pytest.mark.usefixtures("node")
def test_nobody_else_chooses(people, group):
    refused = [send(browser_of(people[name]), path(group), {"policy": "steer"}).status_code for name in ("bob", "eve")]
    assert refused == [403, 404]
    assert browser_of(people["eve"]).get(path(group)).status_code == 404
    assert browser_of(None).get(path(group)).status_code == 302
    assert AssistantSettings.objects.count() == 0


@pytest.mark.usefixtures("node")
def test_either_side_of_a_direct_conversation_chooses(people):
    direct = create_direct(people["bob"].pk, ensure_assistant().pk).conversation
    assert send(browser_of(people["bob"]), path(direct), {"speaks": "mentioned"}).status_code == 200


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize(
    "fields",
    [
        {"speaks": "loudly"},
        {"policy": ""},
        {"instructions": "x" * 2001},
        {"instructions": "\0"},
        ["speaks"],
        {"speaks": 1},
    ],
)
def test_nonsense_is_refused_and_nothing_is_kept(people, group, fields):
    assert send(browser_of(people["ann"]), path(group), fields).status_code == 400
    assert AssistantSettings.objects.count() == 0


@pytest.mark.usefixtures("node")
def test_what_is_not_to_be_chosen_is_left_alone(people, group):
    fields = {"model": "openai:dear", "summary": "lies", "policy": "queue"}
    assert send(browser_of(people["ann"]), path(group), fields).status_code == 200
    kept = AssistantSettings.objects.get()
    assert (kept.model, kept.summary) == ("", "")
