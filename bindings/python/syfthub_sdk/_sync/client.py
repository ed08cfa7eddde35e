"""The client of a hub."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from .._native import Hub
from ..exceptions import ConfigurationError
from ..models.users import AuthTokens
from .connection import Connection

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class SyftHubClient:
    """A hub, seen by one user. Threads may share it, and so may the tasks of several event loops.

    Addresses and the token for programs are taken from the environment where they are not given: from `SYFTHUB_URL`,
    `SYFTHUB_AGGREGATOR_URL` and `SYFTHUB_API_TOKEN`. Times are in seconds: `timeout` is the most a call may take,
    `connect_timeout` that for a connection, `answer_timeout` that for a model's complete answer, and
    `stream_idle_timeout` the longest silence within a stream. `retries` is how often what is safe to repeat is repeated.

    Raises `ConfigurationError` when there is no address, or it cannot be one.

    >>> client = SyftHubClient(base_url="https://hub.syft.com")
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        aggregator_url: str | None = None,
        api_token: str | None = None,
        connect_timeout: float | None = None,
        answer_timeout: float | None = None,
        stream_idle_timeout: float | None = None,
        retries: int | None = None,
    ) -> None:
        base_url = base_url or os.environ.get("SYFTHUB_URL")
        if not base_url:
            raise ConfigurationError("the address of the hub is missing: give `base_url`, or set SYFTHUB_URL")
        settings = {
            "base_url": base_url,
            "timeout_s": timeout,
            "aggregator_url": aggregator_url or os.environ.get("SYFTHUB_AGGREGATOR_URL"),
            "api_token": api_token or os.environ.get("SYFTHUB_API_TOKEN"),
            "connect_timeout_s": connect_timeout,
            "answer_timeout_s": answer_timeout,
            "stream_idle_timeout_s": stream_idle_timeout,
            "retries": retries,
        }
        self._base_url = base_url.rstrip("/")
        self._connection = Connection(Hub(json.dumps(settings)))

    @property
    def base_url(self) -> str:
        """The address of the hub."""
        return self._base_url

    @property
    def is_authenticated(self) -> bool:
        """Whether calls are made in somebody's name. It is known without asking the hub."""
        return bool(self._connection.call_here("session.is_signed_in"))

    def get_tokens(self) -> AuthTokens | None:
        """The tokens of the session, to be saved; None when nobody has signed in."""
        tokens = self._connection.call_here("session.tokens")
        return None if tokens is None else AuthTokens._of(tokens)

    def set_tokens(self, tokens: AuthTokens) -> None:
        """Goes on with a session whose tokens were saved."""
        self._connection.call_here("session.set", tokens=tokens)

    def close(self) -> None:
        """Nothing has to be closed: connections end with the client. It is here for `with` and for older programs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"
