"""What does not work raises one class for each kind, with everything that is known of it."""

from __future__ import annotations

import asyncio
import pickle
import socket

import pytest

from syfthub_sdk import SyftHubClient
from syfthub_sdk import exceptions as e
from syfthub_sdk._failures import exception_of

BY_STATUS = [
    (400, e.RefusedError),
    (401, e.AuthenticationError),
    (403, e.AuthorizationError),
    (404, e.NotFoundError),
    (409, e.ConflictError),
    (413, e.RefusedError),
    (422, e.ValidationError),
    (429, e.RateLimitedError),
    (500, e.ServerError),
    (504, e.GatewayDeadlineError),
]


def calling(server, **options):
    options = {"api_token": "syft_pat_fixture", "retries": 0, **options}
    return SyftHubClient(base_url=server.url, **options)._connection


@pytest.mark.parametrize(("status", "kind"), BY_STATUS)
def test_each_status_has_its_class_and_all_its_attributes(server, status, kind):
    detail = {"code": "FIXTURE", "message": "because"}
    server.answer_all(status, {"detail": detail})
    with pytest.raises(kind) as raised:
        calling(server).call("auth.me", {})
    error = raised.value
    assert type(error) is kind
    assert (error.status, error.status_code, error.code) == (status, status, "FIXTURE")
    assert (error.detail, error.message, str(error)) == (detail, "because", f"[{status}] because")
    assert len(error.correlation_id) == 36


def test_nobody_there_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    client = SyftHubClient(base_url=url, api_token="syft_pat_fixture", retries=0)
    with pytest.raises(e.UnreachableError) as raised:
        client._connection.call("auth.me", {})
    assert isinstance(raised.value, e.NetworkError)
    assert raised.value.status is None


def test_silence_past_the_deadline_is_a_deadline(server):
    with pytest.raises(e.DeadlineError) as raised:
        calling(server, timeout=0.2).call("auth.me", {})
    assert raised.value.status is None


def test_an_answer_that_is_no_json_of_a_hub_is_a_protocol_error(server):
    server.answer_all(200, ["what is this?"])
    with pytest.raises(e.ProtocolError):
        calling(server).call("auth.me", {})


def test_a_connection_that_breaks_is_interrupted(server):
    connection = calling(server)
    pages = connection.open("endpoints.public", {})
    import threading

    breaking = threading.Thread(target=lambda: server.request().break_off())
    breaking.start()
    with pytest.raises(e.NetworkError):
        next(pages)
    breaking.join()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"username": 1, "password": "x"}, "username"),
        ({"username": "ada"}, "password"),
        ({"username": "ada", "password": "x", "otp": 1}, "otp"),
    ],
)
def test_an_argument_of_a_wrong_type_is_a_type_error_that_names_it(server, arguments, field):
    with pytest.raises(TypeError, match=f"`{field}`"):
        calling(server).call("auth.login", arguments)


def test_a_setting_that_cannot_be_used_is_named(monkeypatch):
    with pytest.raises(TypeError, match="`timeout_s`"):
        SyftHubClient(base_url="http://127.0.0.1", timeout="long")
    with pytest.raises(ValueError, match="`timeout_s`"):
        SyftHubClient(base_url="http://127.0.0.1", timeout=-1)
    with pytest.raises(e.ConfigurationError):
        SyftHubClient(base_url="hub")
    monkeypatch.delenv("SYFTHUB_URL", raising=False)
    with pytest.raises(e.ConfigurationError, match="SYFTHUB_URL"):
        SyftHubClient()


def test_what_cannot_be_json_is_a_type_error(server):
    with pytest.raises(TypeError, match="object"):
        calling(server).call("auth.login", {"username": object()})


def test_fields_that_the_server_refuses_are_told_by_name(server):
    issues = [{"type": "missing", "loc": ["body", "name"], "msg": "Field required", "input": None}]
    server.answer_all(422, {"detail": issues})
    with pytest.raises(e.ValidationError) as raised:
        calling(server).call("auth.me", {})
    assert raised.value.errors == {"name": ["Field required"]}


def test_a_panic_is_an_exception_and_the_next_call_works(client, stack, capfd):
    connection = client._connection
    with pytest.raises(e.InternalError, match="the sky fell"):
        connection.call("defect.call", {"reason": "the sky fell"})
    texts = connection.open("defect.stream", {"reason": "the sky fell"})
    assert next(texts) == "0"
    with pytest.raises(e.InternalError, match="the sky fell"):
        next(texts)
    assert list(texts) == []

    async def main():
        with pytest.raises(e.InternalError, match="the sky fell"):
            await connection._native.call_async("defect.call", '{"reason": "the sky fell"}')

    asyncio.run(main())
    with pytest.raises(e.InternalError, match="no operation"):
        connection.call("nothing.of_that_name", {})
    assert connection.call("auth.me", {})["username"] == stack["username"]


def test_failures_of_a_question_are_those_of_a_chat():
    def told(kind, status):
        text = (
            f'{{"kind": "{kind}", "message": "m", "status": {status}, "code": null, "detail": null,'
            ' "correlation_id": "c", "billing": {"total_cost": 0.25, "entries": []}}'
        )
        return exception_of(text, "chat.complete")

    refused = told("refused", 400)
    assert type(refused) is e.AggregatorError
    assert (refused.status_code, refused.billing.total_cost) == (400, 0.25)
    assert type(told("generation", "null")) is e.AggregatorError
    assert type(told("unusable", "null")) is e.EndpointResolutionError
    for kind, network in [
        ("unreachable", e.UnreachableError),
        ("interrupted", e.ConnectionInterruptedError),
        ("timeout", e.DeadlineError),
    ]:
        error = told(kind, "null")
        assert isinstance(error, e.AggregatorError)
        assert isinstance(error, network)


def test_every_exception_is_made_of_a_message_and_survives_pickling():
    classes = [value for value in vars(e).values() if isinstance(value, type) and issubclass(value, e.SyftHubError)]
    assert len(classes) > 20
    for kind in classes:
        error = kind("why")
        error.code, error.correlation_id = "CODE", "id"
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), vars(copy)) == (kind, str(error), vars(error))
