"""Callers' tokens, judged by a service of one's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .._native import Verifier as Judge
from ..exceptions import ConfigurationError
from ..models.claims import SatelliteClaims
from .connection import Connection, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models.tokens import JwkSet


class Verifier:
    """Judges the satellite tokens that callers bring, without asking the hub about each.

    The hub's keys are fetched when they are first needed and kept for as long as it says; while it is away, the last known
    ones count. `audience` is whose service this is: a username, or the slug of an organization. `issuer` is what the hub
    calls itself, its address unless given. With `jwks` only those keys count, and the hub is never asked. Times are in
    seconds: `timeout` is the most that fetching the keys may take, and `pause` how long the hub is left alone after it
    was asked for a key that it does not have.

    >>> verifier = Verifier(audience="alice", base_url="https://hub.syft.com")
    """

    def __init__(
        self,
        *,
        audience: str,
        base_url: str | None = None,
        issuer: str | None = None,
        jwks: JwkSet | Mapping[str, Any] | None = None,
        timeout: float | None = None,
        pause: float | None = None,
    ) -> None:
        base_url = base_url or os.environ.get("SYFTHUB_URL")
        if not base_url:
            raise ConfigurationError("the address of the hub is missing: give `base_url`, or set SYFTHUB_URL")
        settings = {
            "base_url": base_url,
            "audience": audience,
            "issuer": issuer,
            "jwks": jwks,
            "timeout_s": timeout,
            "pause_s": pause,
        }
        self._connection = Connection(Judge(text_of(settings)))

    def verify(self, token: str) -> SatelliteClaims:
        """What a token says, if it counts now.

        Raises `AuthenticationError` when it does not: its `code` says why, such as `token_expired` or `audience_mismatch`.
        Raises `UnreachableError` when the hub's keys were never fetched and cannot be now.

        >>> claims = verifier.verify(token)
        >>> claims.role
        'user'
        """
        return SatelliteClaims._of(self._connection.call("verify", {"token": token}))
