"""Satellite tokens, and the keys that verify them."""

from __future__ import annotations

from collections.abc import Iterable

from ..models.tokens import Audiences, JwkSet, PeerTokenResponse, SatelliteTokenResponse, Verification
from .resource import Resource


class TokensResource(Resource):
    """Satellite tokens, and the keys that verify them; `client.tokens`."""

    def satellite(self, audience: str) -> SatelliteTokenResponse:
        """A token that proves the caller to the services of `audience`. One that lives long enough is handed out again.

        >>> token = client.tokens.satellite("bob")
        """
        return SatelliteTokenResponse._of(self._call("tokens.satellite", audience=audience))

    def guest(self, audience: str) -> SatelliteTokenResponse:
        """A token with which a guest may call the services of `audience`.

        >>> token = client.tokens.guest("bob")
        """
        return SatelliteTokenResponse._of(self._call("tokens.guest", audience=audience))

    def peer(self, targets: Iterable[str]) -> PeerTokenResponse:
        """A token for answers through a tunnel from these users.

        >>> token = client.tokens.peer(["bob"])
        """
        return PeerTokenResponse._of(self._call("tokens.peer", targets=list(targets)))

    def guest_peer(self, targets: Iterable[str]) -> PeerTokenResponse:
        """The same for somebody who is not signed in.

        >>> token = client.tokens.guest_peer(["bob"])
        """
        return PeerTokenResponse._of(self._call("tokens.guest_peer", targets=list(targets)))

    def jwks(self) -> JwkSet:
        """The hub's public keys.

        >>> [key.kid for key in (client.tokens.jwks()).keys]
        ['2026-01']
        """
        return JwkSet._of(self._call("tokens.jwks"))

    def verify(self, token: str) -> Verification:
        """Asks the hub to judge a token that was made for the caller's services. One that does not count is an answer.

        `Verifier` judges without asking the hub each time.

        >>> (client.tokens.verify("eyJ...")).valid
        False
        """
        return Verification._of(self._call("tokens.verify", token=token))

    def audiences(self, *, search: str | None = None, skip: int = 0, limit: int = 20) -> Audiences:
        """Whose services the hub makes tokens for.

        >>> names = (client.tokens.audiences(search="ali")).allowed_audiences
        """
        return Audiences._of(self._call("tokens.audiences", search=search, skip=skip, limit=limit))
