"""What comes of refusals by a real hub, of answers that break off, and of arguments that the types would not let through."""

from __future__ import annotations

import asyncio
import json

import pytest

from syfthub_sdk import AsyncSyftHubClient, EndpointRef, SyftHubClient
from syfthub_sdk import exceptions as e

NOBODY = "http://127.0.0.1:1"
BEGUN = 'event: token\ndata: {"content": "Reeds and sedge"}\n\n'
MODEL = EndpointRef(url=NOBODY, slug="words")
PASSWORD = "correct horse 1"


@pytest.fixture(scope="module")
def ruth(stack):
    """Somebody who has just signed up."""
    client = SyftHubClient(base_url=stack["hub"])
    client.auth.register(username="ruth", email="ruth@example.org", password=PASSWORD, full_name="Ruth")
    return client


def refusals(hub, ruth):
    """What the hub refuses, with the class, the status and the code of the refusal."""
    stranger = SyftHubClient(base_url=hub)
    person = {"full_name": "R", "password": PASSWORD}
    return [
        (lambda: stranger.auth.login(username="ruth", password="x"), e.AuthenticationError, 401, None),
        (lambda: ruth.ledger.deposit("ruth", 1), e.AuthorizationError, 403, None),
        (lambda: ruth.ledger.confirm("018f0000-0000-7000-8000-000000000000"), e.NotFoundError, 404, "NOT_FOUND"),
        (
            lambda: stranger.auth.register(username="ruth", email="other@example.org", **person),
            e.UserAlreadyExistsError,
            409,
            "USER_ALREADY_EXISTS",
        ),
        (
            lambda: stranger.auth.register(username="rick", email="rick@example.org", full_name="R", password="a"),
            e.ValidationError,
            422,
            None,
        ),
    ]


def test_a_hub_refuses_each_in_its_own_way_and_says_under_which_id(stack, ruth):
    for call, kind, status, code in refusals(stack["hub"], ruth):
        with pytest.raises(kind) as raised:
            call()
        error = raised.value
        assert type(error) is kind
        assert (error.status, error.code) == (status, code)
        assert len(error.correlation_id) == 36
        assert error.detail


def test_a_hub_is_not_asked_by_whoever_is_not_signed_in(stack):
    with pytest.raises(e.AuthenticationError) as raised:
        SyftHubClient(base_url=stack["hub"]).auth.me()
    assert raised.value.correlation_id is None


def test_no_secret_is_seen_again_in_what_is_raised(stack):
    with pytest.raises(e.AuthenticationError) as raised:
        SyftHubClient(base_url=stack["hub"]).auth.login(username="ruth", password="open-sesame-99")
    assert "open-sesame" not in f"{raised.value!r} {vars(raised.value)}"


def test_who_comes_too_often_hears_when_to_come_back(server):
    client = SyftHubClient(base_url=server.url, retries=0)

    def answer():
        headers = {"retry-after": "7", "x-correlation-id": "c-7"}
        server.request().answer(429, {"detail": "slow down"}, headers)

    with pytest.raises(e.RateLimitedError) as raised, beside(answer):
        client.tokens.jwks()
    assert (raised.value.retry_after, raised.value.correlation_id) == (7, "c-7")


class beside:  # noqa: N801 - it reads as a word
    """Runs something in another thread meanwhile."""

    def __init__(self, work):
        import threading

        self._thread = threading.Thread(target=work)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *_):
        self._thread.join()


def streamed(server, asynchronous, after, text=BEGUN):
    """The events of an answer of which `text` comes and then `after` is done with the connection; the error behind it."""
    settings = {"base_url": NOBODY, "aggregator_url": server.url, "retries": 0, "stream_idle_timeout": 0.3}
    events = []

    def answer():
        exchange = server.request()
        exchange.begin_events(text)
        after(exchange)

    def listen():
        for event in SyftHubClient(**settings).chat.stream("Why?", model=MODEL, guest_mode=True):
            events.append(event)

    async def listen_from_asyncio():
        async for event in AsyncSyftHubClient(**settings).chat.stream("Why?", model=MODEL, guest_mode=True):
            events.append(event)

    with beside(answer):
        try:
            if asynchronous:
                asyncio.run(listen_from_asyncio())
            else:
                listen()
        except e.SyftHubError as error:
            return events, error
    return events, None


@pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
def asynchronous(request):
    return request.param


def test_an_answer_that_ends_before_its_end_was_announced_is_interrupted(server, asynchronous):
    events, error = streamed(server, asynchronous, lambda exchange: exchange.break_off())
    assert [event.content for event in events] == ["Reeds and sedge"]
    assert isinstance(error, e.ConnectionInterruptedError)
    assert error.correlation_id


def test_an_answer_that_breaks_within_an_event_is_interrupted(server, asynchronous):
    text = BEGUN + 'event: done\ndata: {"sour'
    events, error = streamed(server, asynchronous, lambda exchange: exchange.break_off(), text)
    assert len(events) == 1
    assert isinstance(error, e.ConnectionInterruptedError)


def test_an_answer_that_falls_silent_is_interrupted(server, asynchronous):
    events, error = streamed(server, asynchronous, lambda exchange: exchange.wait_until_left())
    assert len(events) == 1
    assert isinstance(error, e.ConnectionInterruptedError)


def test_an_answer_with_an_event_that_cannot_be_read_is_a_protocol_error(server, asynchronous):
    text = 'event: token\ndata: {"content":\n\n'
    events, error = streamed(server, asynchronous, lambda exchange: exchange.break_off(), text)
    assert events == []
    assert isinstance(error, e.ProtocolError)


def test_an_answer_in_which_the_model_fails_tells_what_was_paid_all_the_same(server, asynchronous):
    told = {"message": "no model", "error": "generation_failed", "billing": {"total_cost": 0.5, "entries": []}}
    text = f"{BEGUN}event: error\ndata: {json.dumps(told)}\n\n"
    events, error = streamed(server, asynchronous, lambda exchange: exchange.break_off(), text)
    assert error is None
    assert [event.type for event in events] == ["token", "error"]
    assert (events[1].message, events[1].billing.total_cost) == ("no model", 0.5)


def test_an_answer_that_arrives_byte_by_byte_is_whole(server, asynchronous):
    whole = 'event: token\ndata: {"content": "Reeds \U0001f33e"}\n\nevent: done\ndata: {"sources": {}}\n\n'.encode()

    def send(exchange):
        for byte in whole:
            exchange.connection.sendall(bytes([byte]))
        exchange.break_off()

    events, error = streamed(server, asynchronous, send, text="")
    assert error is None
    assert events[0].content == "Reeds \U0001f33e"
    assert events[-1].type == "done"


def nobody():
    return SyftHubClient(base_url=NOBODY, retries=0, api_token="syft_pat_fixture")


WRONG_TYPES = [
    ("amount", lambda hub: hub.ledger.pay("ada", "much")),
    ("amount", lambda hub: hub.ledger.pay("ada", None)),
    ("path", lambda hub: hub.hub.star(None)),
    ("organization", lambda hub: hub.organizations.get("seven")),
    ("tags", lambda hub: hub.my_endpoints.create({"name": "n", "type": "model", "tags": "plants"})),
    ("nmae", lambda hub: hub.my_endpoints.create({"nmae": "n", "name": "n", "type": "model"})),
    ("connect[0].type", lambda hub: hub.my_endpoints.create({"name": "n", "type": "model", "connect": [{"type": 7}]})),
]


@pytest.mark.parametrize(("field", "call"), WRONG_TYPES, ids=[field for field, _ in WRONG_TYPES])
def test_an_argument_of_a_wrong_type_is_a_type_error_that_names_it(field, call):
    with pytest.raises(TypeError) as raised:
        call(nobody())
    assert f"`{field}`" in str(raised.value)


USELESS = [
    ("amount", lambda hub: hub.ledger.pay("ada", -1)),
    ("amount", lambda hub: hub.ledger.pay("ada", 1e300)),
    ("path", lambda hub: hub.hub.star("ada")),
    ("type", lambda hub: hub.my_endpoints.create({"name": "n", "type": "robot"})),
    ("username", lambda hub: hub.auth.login(username="\ud83d", password="x")),
]


@pytest.mark.parametrize(("field", "call"), USELESS)
def test_an_argument_whose_value_cannot_be_used_is_a_validation_error_that_names_it(field, call):
    with pytest.raises(e.ValidationError) as raised:
        call(nobody())
    assert isinstance(raised.value, ValueError)
    assert list(raised.value.errors) == [field]
    assert raised.value.status is None
