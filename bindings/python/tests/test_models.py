"""Models: read late, checked when a program makes them, and never changed."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime, timezone

import pytest

from syfthub_sdk import models
from syfthub_sdk.models import (
    AccountingTransaction,
    AuthTokens,
    DataSourceQueryResult,
    Document,
    Endpoint,
    EndpointPublic,
    EndpointType,
    Message,
    RegisterResult,
    SourceInfo,
    User,
    UserRole,
    Visibility,
)
from syfthub_sdk.models.moments import moment

NOW = "2026-01-31T12:00:00.25Z"
ALICE = {"id": 7, "username": "alice", "email": "a@b.org", "full_name": "Alice", "role": "admin", "created_at": NOW}
NOTES = {
    "id": 1,
    "user_id": 7,
    "owner_username": "alice",
    "name": "Notes",
    "slug": "notes",
    "type": "data_source",
    "visibility": "private",
    "connect": [{"type": "http", "config": {"url": "http://space"}}],
    "tags": ["river"],
    "created_at": NOW,
    "updated_at": NOW,
}


def test_fields_are_attributes_of_their_types():
    endpoint = Endpoint.model_validate(NOTES)
    assert endpoint.type is EndpointType.DATA_SOURCE
    assert endpoint.visibility == "private"
    assert endpoint.connect[0].config["url"] == "http://space"
    assert endpoint.created_at == datetime(2026, 1, 31, 12, 0, 0, 250000, tzinfo=timezone.utc)
    assert (endpoint.stars_count, endpoint.organization_id, endpoint.owner_type) == (0, None, "user")
    assert endpoint.path == "alice/notes"


@pytest.mark.parametrize("make", [User.model_validate, User._of])
def test_what_is_dumped_is_read_again(make):
    user = make(ALICE)
    assert user.model_dump()["role"] is UserRole.ADMIN
    assert user.model_dump(mode="json")["created_at"] == "2026-01-31T12:00:00.250000Z"
    assert User.model_validate(user.model_dump()) == user
    assert User.model_validate_json(user.model_dump_json()) == user
    assert User(**user.model_dump()) == user
    assert dict(user) == user.model_dump()


def test_copies_are_equal_and_changes_are_new_ones():
    user = User._of(ALICE)
    assert pickle.loads(pickle.dumps(user)) == copy.copy(user) == copy.deepcopy(user) == user
    assert hash(copy.copy(user)) == hash(user)
    renamed = user.model_copy(update={"full_name": "Alice L"})
    assert (renamed.full_name, user.full_name, renamed == user) == ("Alice L", "Alice", False)
    with pytest.raises(AttributeError, match="User cannot be changed"):
        user.full_name = "Eve"
    with pytest.raises(AttributeError):
        del user.full_name


def test_parts_can_be_dumped():
    user = User.model_validate(ALICE)
    assert user.model_dump(include={"id", "role"}) == {"id": 7, "role": UserRole.ADMIN}
    assert "bio" not in user.model_dump(exclude_none=True)
    assert set(user.model_dump(exclude_unset=True)) == set(ALICE) == user.model_fields_set
    assert "is_active" not in user.model_dump(exclude_defaults=True)
    assert User.model_fields["id"].is_required()


def test_names_of_other_services_are_read_and_written_on_request():
    paid = {"id": "1", "amount": 2, "status": "completed", "createdBy": "sender", "createdAt": NOW}
    paid.update(senderEmail="a@b.org", recipientEmail="c@d.org")
    transaction = AccountingTransaction.model_validate(paid)
    assert transaction.sender_email == "a@b.org"
    assert (transaction.is_completed, transaction.is_pending, transaction.amount) == (True, False, 2.0)
    assert transaction.model_dump(by_alias=True)["createdBy"] == "sender"


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: Message(role="user"), TypeError, "needs `content`"),
        (lambda: Message(role="user", content=7), TypeError, "Message.content is of type str, not int"),
        (lambda: Message(role="user", content="x", colour="red"), TypeError, "no field `colour`"),
        (lambda: Endpoint.model_validate({**NOTES, "type": "robot"}), ValueError, "Endpoint.type is one of 'model'"),
        (lambda: Endpoint.model_validate({**NOTES, "tags": "river"}), TypeError, "Endpoint.tags is of type list"),
        (lambda: Endpoint.model_validate({**NOTES, "tags": [1]}), TypeError, r"Endpoint.tags\[0\]"),
        (lambda: Endpoint.model_validate({**NOTES, "connect": [{}]}), TypeError, "Connection needs `type`"),
        (lambda: Endpoint.model_validate({**NOTES, "created_at": "today"}), ValueError, "Endpoint.created_at"),
        (lambda: Endpoint.model_validate([]), TypeError, "read from a mapping"),
        (lambda: User.model_validate({**ALICE, "id": True}), TypeError, "User.id is of type int, not bool"),
    ],
)
def test_what_does_not_fit_is_told_by_its_field(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_numbers_may_be_written_as_text_and_unknown_fields_are_left_out():
    user = User.model_validate({**ALICE, "id": "7", "colour": "red"})
    assert user.id == 7
    assert not hasattr(user, "colour")


def test_a_word_of_a_newer_hub_is_kept_as_text():
    info = SourceInfo._of({"path": "a/b", "documents_retrieved": 0, "status": "asleep"})
    assert info.status == "asleep"
    assert info.model_dump(mode="json")["status"] == "asleep"


def test_defaults_are_not_shared():
    first, second = (EndpointPublic._of({"name": "n", "slug": "s"}) for _ in range(2))
    first.tags.append("mine")
    assert (first.tags, second.tags) == (["mine"], [])


def test_no_model_prints_its_secrets():
    tokens = AuthTokens(access_token="aaa-secret", refresh_token="rrr-secret")
    assert "secret" not in repr(tokens) + str(tokens)
    assert tokens.model_dump()["access_token"] == "aaa-secret"


def test_who_registered_is_a_user_and_has_one():
    made = RegisterResult._of_answer({"user": ALICE, "access_token": None})
    assert isinstance(made, User)
    assert (made.username, made.user, made.requires_email_verification) == ("alice", User._of(ALICE), False)
    assert RegisterResult(user=made.user) == made
    assert RegisterResult.model_validate({"user": ALICE}) == made


def test_what_a_source_found_is_a_list_and_has_one():
    found = DataSourceQueryResult([Document(content="Reeds")])
    assert isinstance(found, list)
    assert [document.content for document in found] == [found.documents[0].content] == ["Reeds"]
    assert found.model_dump()["documents"][0]["content"] == "Reeds"


@pytest.mark.parametrize("digits", ["", ".1", ".123", ".123456", ".123456789"])
@pytest.mark.parametrize("zone", ["Z", "+00:00", "-01:30", ""])
def test_every_way_to_write_a_time_is_read(digits, zone):
    read = moment(f"2026-01-31T12:00:00{digits}{zone}")
    assert (read.tzinfo is None) == (zone == "")
    assert read.microsecond == int(f"{digits[1:7]:0<6}")


def test_every_model_can_be_made_by_its_name():
    for name in models.__all__:
        assert getattr(models, name).__doc__, name
    assert isinstance(Visibility.PUBLIC, str)
