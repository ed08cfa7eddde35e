"""A space, administered and asked through the package, beside a real hub."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import urllib.request
from pathlib import Path

import pytest

from syfthub_sdk import AsyncSpaceClient, SpaceClient
from syfthub_sdk.exceptions import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ConnectionInterruptedError,
    GenerationError,
    NotFoundError,
    ValidationError,
)
from syfthub_sdk.models.space import AnswerDone, AnswerToken, Decision, EndpointItem, Part

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def admin(stack):
    """Where the space of the stack is administered, and the key for that."""
    kept = stack["state"] / "space"
    running = json.loads((kept / "running.json").read_text())
    return {"base_url": running["admin_url"], "key": (kept / "admin.key").read_text().strip()}


@pytest.fixture
def space(admin):
    return SpaceClient(**admin)


@pytest.fixture
def birds(space, tmp_path):
    """A dataset of one file, and an endpoint over it."""
    (tmp_path / "heron.md").write_text("# Herons\n\nA heron stands in shallow water.\n")
    configuration = {"filePaths": [{"path": str(tmp_path), "description": "Birds"}]}
    made = space.datasets.create(name="birds", dtype="local_file", configuration=configuration, tags="a,b")
    last = next(step for step in space.ingestion.follow(made.id) if step.ready and step.total)
    assert (last.dataset_name, last.done, last.percent) == ("birds", 1, 100.0)
    space.endpoints.create(name="Birds", slug="birds", dataset_id=made.id, response_type="raw")
    yield made
    space.datasets.delete("birds", force=True)


def test_every_operation_on_a_space_has_its_method():
    table = (REPOSITORY / "bindings/calls/src/space").glob("*.rs")
    known = {
        name for file in table for name in re.findall(r'^    (?:call|stream) "([a-z_.]+)"', file.read_text(), re.M)
    }
    resources = (REPOSITORY / "bindings/python/syfthub_sdk/_async/space").glob("*.py")
    text = "".join(file.read_text() for file in resources)
    called = set(re.findall(r'(?:_call|_pages|_events|connection\.call)\(\s*"([a-z_.]+)"', text))
    of_parts = re.findall(r'_call\(f"\{self\._group\}\.([a-z_]+)"|_named\("([a-z_]+)"', text)
    called |= {f"{group}.{one or other}" for one, other in of_parts for group in ("datasets", "models")}
    assert called == known


def test_answers_are_exactly_what_the_space_sends(space, admin, birds):
    def sent(path):
        request = urllib.request.Request(f"{admin['base_url']}api/v1/{path}")
        request.add_header("Authorization", f"Bearer {admin['key']}")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    endpoint = space.endpoints.get("birds")
    limit = {"limit": "9/m"}
    policy = space.policies.create(name="exact", policy_type="rate_limit", endpoint_id=endpoint.id, configuration=limit)
    asked = {
        "datasets/": ("datasets.list", {}),
        "datasets/birds": ("datasets.get", {"dataset": "birds"}),
        "datasets/types/": ("datasets.types", {}),
        "datasets/types/local_file/schema": ("datasets.schema", {"dtype": "local_file"}),
        "datasets/provisioners/": ("provisioners.list", {}),
        "datasets/browse": ("browse", {}),
        "models/": ("models.list", {}),
        "models/types/extractive": ("models.type", {"dtype": "extractive"}),
        "endpoints/": ("endpoints.list", {}),
        "endpoints/birds": ("endpoints.get", {"slug": "birds"}),
        "endpoints/data/listings": ("endpoints.listings", {"slug": "data"}),
        "policies/": ("policies.list", {}),
        "policies/types/": ("policies.types", {}),
        f"policies/{policy.id}": ("policies.get", {"policy": policy.id}),
        "policies/check?endpoint=birds&email=b": ("policies.check", {"endpoint": "birds", "email": "b"}),
        f"ingestion/datasets/{birds.id}/status": ("ingestion.status", {"dataset": birds.id}),
        f"ingestion/datasets/{birds.id}/jobs": ("ingestion.jobs", {"dataset": birds.id}),
        "marketplaces/": ("marketplaces.list", {}),
        "settings/proxy": ("settings.proxy", {}),
        "settings/public-url": ("settings.public_url", {}),
        "tenants": ("tenants.list", {}),
    }
    for path, (name, arguments) in asked.items():
        assert space._connection.call(name, arguments) == sent(path), name
    assert [change.model_dump(mode="json") for change in space.node.changes()] == sent("audit?limit=1000")
    assert space.datasets.health("birds").model_fields_set == sent("datasets/birds/health").keys()
    assert space.models.health("extractive").model_fields_set == sent("models/extractive/health").keys()


def test_a_space_says_what_it_is_at_both_of_its_addresses(space, stack):
    assert "administration" in space.index().message
    with SpaceClient(stack["space"]) as callers:
        assert (callers.health().status, callers.ready().status) == ("healthy", "healthy")
        assert callers.models.health("extractive").is_healthy
        assert not callers.models.health("nothing of this name").is_healthy
        with pytest.raises(AuthenticationError):
            callers.datasets.list()


def test_a_folder_becomes_a_dataset_that_answers(space, birds):
    status = space.ingestion.status(birds.id)
    assert (status.completed, status.is_settled) == (1, True)
    page = space.ingestion.jobs(birds.id, status="completed", limit=5)
    assert (page.total, page.jobs[0].file_name) == (1, "heron.md")
    detail = space.endpoints.get("birds")
    assert (detail.dataset.name, detail.model, detail.policies) == ("birds", None, [])
    answer = space.endpoints.query("birds", "Where does a heron stand?", limit=1)
    assert "shallow water" in answer.references.documents[0].content
    assert answer.text == ""
    with pytest.raises(ConflictError):
        space.datasets.delete("birds")


def test_what_is_changed_keeps_the_rest(space, birds):
    changed = space.datasets.update("birds", summary="What stands in water")
    assert (changed.summary, changed.tags, changed.configuration) == (
        "What stands in water",
        "a,b",
        birds.configuration,
    )
    assert space.datasets.list() == [space.datasets.get(part.name) for part in space.datasets.list()]
    assert space.endpoints.archive("birds").is_archived
    assert not space.endpoints.unarchive("birds").is_archived


def test_models_are_read_back_from_what_they_dump(space, birds):
    for model, value in ((Part, space.datasets.get("birds")), (EndpointItem, space.endpoints.list()[0])):
        assert model.model_validate_json(value.model_dump_json()) == value


def test_an_answer_is_written_piece_by_piece_and_ends_with_the_whole(space):
    messages = [
        {"role": "system", "content": "Retrieved documents:\n[1] Reeds grow near the river."},
        {"role": "user", "content": "What grows near the river?"},
    ]
    *pieces, last = space.endpoints.stream("extractive", messages)
    assert pieces
    assert all(isinstance(piece, AnswerToken) for piece in pieces)
    assert isinstance(last, AnswerDone)
    assert last.answer.text == "".join(piece.content for piece in pieces)


def test_policies_guard_an_endpoint(space):
    endpoint = space.endpoints.get("extractive")
    limit = {"limit": "50/m", "applied_to": ["*"]}
    made = space.policies.create(
        name="fair use", policy_type="rate_limit", endpoint_id=endpoint.id, configuration=limit
    )
    try:
        assert made.configuration["applied_to"] == ["*"]
        assert space.policies.check("extractive", "bob@example.org").allowed
        assert space.policies.update(made.id, name="less").name == "less"
        assert made.id in [policy.id for policy in space.policies.list()]
    finally:
        space.policies.delete(made.id)
    with pytest.raises(NotFoundError):
        space.policies.get(made.id)


def test_callers_are_answered_and_what_was_decided_is_kept(space, stack, client):
    token = client._connection.call("tokens.satellite", {"audience": stack["username"]})["target_token"]
    answer = SpaceClient(stack["space"], key=token).endpoints.query("data", "Where does the kingfisher nest?")
    assert "bank" in answer.references.documents[0].content
    (decision,) = space.policies.decisions(endpoint="data", page_size=1).take(1)
    assert isinstance(decision, Decision)
    assert (decision.outcome, decision.status) == ("success", 200)
    assert space.policies.export_decisions(endpoint="data", since=decision.at).startswith("id,at,")
    assert space.policies.export_decisions(endpoint="nowhere") == ""


def test_endpoints_are_listed_at_the_hub_and_changes_are_told_page_by_page(space, stack):
    (hub,) = space.marketplaces.list()
    assert hub.username == stack["username"]
    (listing,) = space.endpoints.publish("extractive").results
    assert (listing.marketplace_id, listing.success) == (hub.id, True)
    assert space.endpoints.listings("extractive")[0].state == "listed"
    check = space.endpoints.validate_slug("nobody-has-this", check_all=True)
    assert (check.local_available, check.marketplaces[0].available) == (True, True)
    pages = list(space.node.changes(page_size=2).pages())
    assert all(len(page) == 2 for page in pages[:-1])
    numbers = [change.id for page in pages for change in page]
    assert len(numbers) > 2
    assert numbers == sorted(numbers, reverse=True) == [change.id for change in space.node.changes()]


def test_accounts_act_for_their_tenant_and_tokens_do_not_show(space, admin):
    login = {"email": "ada@example.org", "password": "correct horse 1"}
    assert space.accounts.register(**login).tenant_name == "root"
    session = space.accounts.login(**login)
    assert session.access_token not in repr(session)
    assert SpaceClient(admin["base_url"], key=session.access_token).models.list()
    with pytest.raises(AuthenticationError):
        space.accounts.login(email=login["email"], password="wrong")


def test_an_argument_that_does_not_fit_is_named_and_nothing_is_sent(space):
    with pytest.raises(TypeError, match="dataset_id"):
        space.endpoints.create(name="x", slug="x-y", dataset_id=7)
    with pytest.raises(TypeError, match="colour"):
        space.endpoints.query("birds", "x", colour="red")
    with pytest.raises(TypeError, match="messages"):
        space.endpoints.query("birds", 7)
    with pytest.raises(ValidationError, match="policy"):
        space.policies.get("no id")
    with pytest.raises(ConfigurationError, match="space"):
        SpaceClient("space")


def test_a_client_without_an_address_says_what_is_missing(monkeypatch):
    monkeypatch.delenv("SYFTHUB_SPACE_ADMIN_URL", raising=False)
    with pytest.raises(ConfigurationError, match="SYFTHUB_SPACE_ADMIN_URL"):
        SpaceClient()


def test_asyncio_asks_the_same(admin):
    async def story():
        async with AsyncSpaceClient(**admin) as space:
            names = [dataset.name for dataset in await space.datasets.list()]
            newest = await space.node.changes(page_size=3).take(1)
            step = await space.ingestion.follow().__anext__()
            return names, newest, step

    names, newest, step = asyncio.run(story())
    assert step.dataset_name in names
    assert newest[0].actor


FRAMES = {"content": "It "}, {"error": {"message": "no weights"}, "detail": "no weights"}


@pytest.mark.parametrize(
    ("frames", "error"),
    [(FRAMES[:1], ConnectionInterruptedError), (FRAMES, GenerationError)],
    ids=["cut off", "failing"],
)
def test_an_answer_that_does_not_end_well_is_an_error(server, frames, error):
    body = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames)

    def write():
        exchange = server.request()
        exchange.begin_events(body)
        exchange.break_off()

    threading.Thread(target=write, daemon=True).start()
    events = SpaceClient(server.url, key="k").endpoints.stream("x", "?")
    assert next(events).content == "It "
    with pytest.raises(error):
        next(events)
