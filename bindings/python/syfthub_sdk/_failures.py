"""Which exception a failure of the compiled half becomes."""

from __future__ import annotations

import json
from typing import Any

from . import exceptions as e

_BY_CODE: dict[str, type[e.SyftHubError]] = {
    "ACCOUNTING_ACCOUNT_EXISTS": e.AccountingAccountExistsError,
    "INVALID_ACCOUNTING_PASSWORD": e.InvalidAccountingPasswordError,
    "ACCOUNTING_SERVICE_UNAVAILABLE": e.AccountingServiceUnavailableError,
    "USER_ALREADY_EXISTS": e.UserAlreadyExistsError,
}

_BY_KIND: dict[str, type[e.SyftHubError]] = {
    "usage": e.ConfigurationError,
    "not_signed_in": e.AuthenticationError,
    "forbidden": e.AuthorizationError,
    "not_found": e.NotFoundError,
    "conflict": e.ConflictError,
    "refused": e.RefusedError,
    "rate_limited": e.RateLimitedError,
    "server": e.ServerError,
    "timeout": e.DeadlineError,
    "unreachable": e.UnreachableError,
    "interrupted": e.ConnectionInterruptedError,
    "protocol": e.ProtocolError,
    "unusable": e.EndpointResolutionError,
    "generation": e.GenerationError,
    "storage": e.StorageError,
    "argument_value": e.ValidationError,
    "panic": e.InternalError,
}

# Of a question: the aggregator is what refuses, fails or cannot be reached, and what is not found is an endpoint.
_OF_CHAT: dict[str, type[e.SyftHubError]] = {
    "conflict": e.AggregatorError,
    "rate_limited": e.AggregatorError,
    "refused": e.AggregatorError,
    "server": e.AggregatorError,
    "generation": e.AggregatorError,
    "not_found": e.EndpointResolutionError,
    "timeout": e.AggregatorDeadlineError,
    "unreachable": e.AggregatorUnreachableError,
    "interrupted": e.AggregatorInterruptedError,
}


def exception_of(told: str, name: str) -> Exception:
    """The exception for a failure, told as a JSON object, of the operation `name`."""
    failure = json.loads(told)
    kind, message, field = failure["kind"], failure["message"], failure.get("field")
    if kind == "argument_type":
        return TypeError(f"{name}(): {_about(field, message)}")
    if kind == "argument_value":
        message = _about(field, message)
    status, detail = failure["status"], failure["detail"]
    error = _class_of(name, kind, status, failure["code"])(message)
    error.status_code = status
    error.detail = detail
    error.code = failure["code"]
    error.correlation_id = failure["correlation_id"]
    if isinstance(error, e.ValidationError):
        error.errors = {field: [failure["message"]]} if field else _fields_in(detail)
    elif isinstance(error, e.UserAlreadyExistsError) and isinstance(detail, dict):
        error.field = detail.get("field")
    elif isinstance(error, e.RateLimitedError):
        error.retry_after = failure.get("retry_after")
    elif isinstance(error, e.AggregatorError) and failure.get("billing") is not None:
        from .models.billing import Billing

        error.billing = Billing._of(failure["billing"])
    return error


def _class_of(name: str, kind: str, status: int | None, code: str | None) -> type[e.SyftHubError]:
    if code in _BY_CODE:
        return _BY_CODE[code]
    if kind in _OF_CHAT and name.startswith("chat."):
        return _OF_CHAT[kind]
    if kind == "refused" and status == 422:
        return e.ValidationError
    if kind == "timeout" and status is not None:
        return e.GatewayDeadlineError
    return _BY_KIND.get(kind, e.SyftHubError)


def _about(field: str | None, message: str) -> str:
    """The message, with the field that it is about."""
    return f"`{field}`: {message}" if field and f"`{field}`" not in message else message


def _fields_in(detail: Any) -> dict[str, list[str]]:
    """What is wrong with each field, out of a list of `{loc, msg}`."""
    found: dict[str, list[str]] = {}
    for issue in detail if isinstance(detail, list) else ():
        if isinstance(issue, dict) and isinstance(issue.get("loc"), list):
            place = ".".join(str(part) for part in issue["loc"][1:])
            found.setdefault(place, []).append(str(issue.get("msg", "")))
    return found
