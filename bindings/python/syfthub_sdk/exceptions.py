"""What a call raises when it does not work: one class for each way in which a program can act on it.

All are `SyftHubError`s, except for two of Python's own: an argument of a wrong type is a `TypeError`, and what Ctrl-C
raises passes through.
"""

from __future__ import annotations

from typing import Any


class SyftHubError(Exception):
    """A call that did not work.

    `message` says why, for people. The rest is None when it is not known: `status_code`, also called `status`, of the
    answer; `code`, the reason as a word for programs; `detail` of the answer as it came; and `correlation_id`, under which
    the server logged the request.
    """

    code: str | None = None
    correlation_id: str | None = None

    def __init__(self, message: str, status_code: int | None = None, detail: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.detail = detail

    @property
    def status(self) -> int | None:
        """The status of the answer; the same as `status_code`."""
        return self.status_code

    def __str__(self) -> str:
        return self.message if self.status_code is None else f"[{self.status_code}] {self.message}"


class AuthenticationError(SyftHubError):
    """Nobody is signed in, or the session is over."""

    def __init__(self, message: str = "nobody is signed in", detail: Any = None) -> None:
        super().__init__(message, 401, detail)


class AuthorizationError(SyftHubError):
    """The caller may not do this."""

    def __init__(self, message: str = "the caller may not do this", detail: Any = None) -> None:
        super().__init__(message, 403, detail)


class NotFoundError(SyftHubError):
    """The thing does not exist, or the caller may not see it."""

    def __init__(self, message: str = "there is no such thing here", detail: Any = None) -> None:
        super().__init__(message, 404, detail)


class ValidationError(SyftHubError, ValueError):
    """A value cannot be used: `errors` has what is wrong with each field that is known by name.

    Without a `status_code` the value was refused before anything was sent.
    """

    def __init__(
        self,
        message: str = "a value cannot be used",
        detail: Any = None,
        errors: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(message, 422, detail)
        self.errors = errors or {}


class APIError(SyftHubError):
    """The server refused or failed in a way that has no class above."""


class RefusedError(ValidationError, APIError):
    """The request was understood and refused, with another status than 422."""


class ConflictError(APIError):
    """It collides with something that exists."""


class UserAlreadyExistsError(ConflictError):
    """The name or the address of an account is taken; `field` says which."""

    def __init__(
        self,
        message: str = "the account exists already",
        field: str | None = None,
        status_code: int | None = 409,
        detail: Any = None,
    ) -> None:
        super().__init__(message, status_code, detail)
        self.field = field


class RateLimitedError(APIError):
    """Too many requests. `retry_after` is in seconds, when the server said when to come back."""

    retry_after: float | None = None


class ServerError(APIError):
    """The server failed."""


class NetworkError(SyftHubError):
    """The server could not be reached, or the connection to it broke."""

    def __init__(
        self,
        message: str = "the server could not be reached",
        cause: Exception | None = None,
        detail: Any = None,
    ) -> None:
        super().__init__(message, None, detail)
        self.cause = cause


class UnreachableError(NetworkError):
    """No connection could be made."""


class ConnectionInterruptedError(NetworkError):
    """The connection broke, or a stream ended before its end was announced."""


class DeadlineError(NetworkError):
    """No answer within the deadline."""


class GatewayDeadlineError(DeadlineError, APIError):
    """The server itself waited in vain: for a node, or for its peers."""


class ProtocolError(SyftHubError):
    """The answer cannot be read: perhaps the address is not that of a hub."""


class ConfigurationError(SyftHubError):
    """A setting or an argument cannot be used; nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class StorageError(SyftHubError):
    """The session's tokens could not be read from where they are kept, or written to it."""


class InternalError(SyftHubError):
    """A defect of this package, which was stopped before it could do harm. Please report it."""


class ChatError(SyftHubError):
    """A question could not be answered."""

    def __init__(self, message: str, detail: Any = None) -> None:
        super().__init__(message, None, detail)


class AggregatorError(ChatError):
    """The aggregator refused or failed. `billing` is what it cost all the same, if that was told."""

    def __init__(
        self,
        message: str = "the aggregator failed",
        status_code: int | None = None,
        detail: Any = None,
        billing: Any = None,
    ) -> None:
        super().__init__(message, detail)
        self.status_code = status_code
        self.billing = billing


class AggregatorUnreachableError(AggregatorError, UnreachableError):
    """No connection to the aggregator could be made."""


class AggregatorInterruptedError(AggregatorError, ConnectionInterruptedError):
    """The connection to the aggregator broke, or an answer ended before its end was announced."""


class AggregatorDeadlineError(AggregatorError, DeadlineError):
    """There was no answer within the deadline."""


class RetrievalError(ChatError):
    """A data source could not be asked: `source_path` says which."""

    def __init__(
        self,
        message: str = "a data source could not be asked",
        source_path: str | None = None,
        detail: Any = None,
    ) -> None:
        super().__init__(message, detail)
        self.source_path = source_path


class GenerationError(ChatError):
    """The model could not answer: `model_slug` says which."""

    def __init__(
        self,
        message: str = "the model could not answer",
        model_slug: str | None = None,
        detail: Any = None,
    ) -> None:
        super().__init__(message, detail)
        self.model_slug = model_slug


class EndpointResolutionError(ChatError):
    """An endpoint cannot be called: there is none at `endpoint_path`, or it is published in a way that allows no calls."""

    def __init__(
        self,
        message: str = "the endpoint cannot be called",
        endpoint_path: str | None = None,
        detail: Any = None,
    ) -> None:
        super().__init__(message, detail)
        self.endpoint_path = endpoint_path


class AccountingAccountExistsError(SyftHubError):
    """The address already has an account at the accounting service: registering needs that account's password."""

    requires_accounting_password = True

    def __init__(
        self,
        message: str = "the address already has an account at the accounting service",
        detail: Any = None,
    ) -> None:
        super().__init__(message, 409, detail)


class InvalidAccountingPasswordError(SyftHubError):
    """The accounting service does not take the password."""

    def __init__(self, message: str = "the accounting service does not take the password", detail: Any = None) -> None:
        super().__init__(message, 401, detail)


class AccountingServiceUnavailableError(SyftHubError):
    """The accounting service does not answer."""

    def __init__(self, message: str = "the accounting service does not answer", detail: Any = None) -> None:
        super().__init__(message, 503, detail)
