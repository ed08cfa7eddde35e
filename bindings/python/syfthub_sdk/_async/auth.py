"""Signing up, in and out, and the tokens that prove who somebody is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..models.ledger import TransactionTokens
from ..models.tokens import PeerTokenResponse, SatelliteTokenResponse
from ..models.users import AuthConfig, RegisterResult, User
from .resource import AsyncResource

if TYPE_CHECKING:
    from .connection import AsyncConnection


class AsyncAuthResource(AsyncResource):
    """Signing up, in and out, and the tokens that prove who somebody is; `client.auth`."""

    def __init__(self, connection: AsyncConnection, api_token: str | None = None) -> None:
        super().__init__(connection)
        self._api_token = api_token

    def get_access_token(self) -> str | None:
        """The token that calls are made with, of the session or for programs; None when nobody is signed in."""
        tokens = self._connection.call_here("session.tokens")
        return self._api_token if tokens is None else str(tokens["access_token"])

    async def register(
        self,
        *,
        username: str,
        email: str,
        password: str,
        full_name: str,
        accounting_service_url: str | None = None,
        accounting_password: str | None = None,
    ) -> RegisterResult:
        """Makes an account and signs in with it, unless the hub wants its address verified first: see `verify_otp`.

        Raises `UserAlreadyExistsError` when the name or the address is taken, `ValidationError` when a field breaks its
        rule, and `AccountingAccountExistsError` when the address already has an account at the accounting service whose
        password was not given.

        >>> made = await client.auth.register(
        ...     username="alice", email="alice@example.com", password="secret123", full_name="Alice"
        ... )
        >>> made.username, made.requires_email_verification
        ('alice', False)
        """
        made = await self._call(
            "auth.register",
            body={
                "username": username,
                "email": email,
                "password": password,
                "full_name": full_name,
                "accounting_service_url": accounting_service_url,
                "accounting_password": accounting_password,
            },
        )
        return RegisterResult._of_answer(made)

    async def login(self, *, username: str | None = None, password: str, email: str | None = None) -> User:
        """Signs in with a username or an e-mail address, and tells who that is.

        Raises `AuthenticationError` when the two do not belong together.

        >>> user = await client.auth.login(email="alice@example.com", password="secret123")
        >>> user.username
        'alice'
        """
        name = username if username is not None else email
        if name is None:
            raise TypeError("login() needs `username` or `email`")
        return User._of(await self._call("auth.login", username=name, password=password))

    async def logout(self) -> None:
        """Ends the session, here and at the hub.

        >>> await client.auth.logout()
        """
        await self._call("auth.logout")

    async def refresh(self) -> None:
        """Renews the session's tokens now. Calls do that by themselves when it is time.

        >>> await client.auth.refresh()
        """
        await self._call("auth.refresh")

    async def me(self) -> User:
        """The signed-in user. Raises `AuthenticationError` when nobody is.

        >>> (await client.auth.me()).email
        'alice@example.com'
        """
        return User._of(await self._call("auth.me"))

    async def change_password(self, *, current_password: str, new_password: str) -> None:
        """Sets a new password. This session goes on, the user's other sessions end.

        >>> await client.auth.change_password(current_password="secret123", new_password="secret456")
        """
        await self._call(
            "auth.change_password", body={"current_password": current_password, "new_password": new_password}
        )

    async def get_auth_config(self) -> AuthConfig:
        """What the hub asks of those who sign up.

        >>> (await client.auth.get_auth_config()).require_email_verification
        False
        """
        return AuthConfig._of(await self._call("auth.config"))

    async def verify_otp(self, *, email: str, code: str) -> User:
        """Verifies an address with the code that was mailed there, and signs in.

        >>> user = await client.auth.verify_otp(email="alice@example.com", code="123456")
        """
        return User._of(await self._call("auth.verify_otp", email=email, code=code))

    async def resend_otp(self, *, email: str) -> None:
        """Has another code mailed. Nobody learns whether there is such an account.

        >>> await client.auth.resend_otp(email="alice@example.com")
        """
        await self._call("auth.resend_otp", email=email)

    async def request_password_reset(self, *, email: str) -> None:
        """Has a code mailed with which a new password can be set. Nobody learns whether there is such an account.

        >>> await client.auth.request_password_reset(email="alice@example.com")
        """
        await self._call("auth.request_password_reset", email=email)

    async def confirm_password_reset(self, *, email: str, code: str, new_password: str) -> None:
        """Sets a new password with the code that was mailed. All sessions of the user end.

        >>> await client.auth.confirm_password_reset(email="alice@example.com", code="123456", new_password="secret456")
        """
        await self._call("auth.confirm_password_reset", email=email, code=code, new_password=new_password)

    async def get_satellite_token(self, audience: str) -> SatelliteTokenResponse:
        """A new token that proves the caller to the services of `audience`, the name of a user or an organization.

        `client.tokens.satellite` hands out one again that lives long enough.

        >>> token = await client.auth.get_satellite_token("bob")
        >>> headers = {"Authorization": f"Bearer {token.target_token}"}
        """
        return SatelliteTokenResponse._of(await self._call("tokens.mint", audience=audience))

    async def get_satellite_tokens(self, audiences: Iterable[str]) -> dict[str, str]:
        """Tokens for the services of several owners, all asked for at once. An owner that has none is left out.

        >>> sorted(await client.auth.get_satellite_tokens(["bob", "acme", "nobody"]))
        ['acme', 'bob']
        """
        return await self._several(audiences, False)

    async def get_guest_satellite_token(self, audience: str) -> SatelliteTokenResponse:
        """A token with which somebody who is not signed in may call the services of `audience`.

        >>> token = await client.auth.get_guest_satellite_token("bob")
        """
        return SatelliteTokenResponse._of(await self._call("tokens.guest", audience=audience))

    async def get_guest_satellite_tokens(self, audiences: Iterable[str]) -> dict[str, str]:
        """Guest tokens for the services of several owners, all asked for at once; see `get_satellite_tokens`.

        >>> tokens = await client.auth.get_guest_satellite_tokens(["bob", "acme"])
        """
        return await self._several(audiences, True)

    async def _several(self, audiences: Iterable[str], guest: bool) -> dict[str, str]:
        answer = await self._call("tokens.satellites", audiences=list(audiences), guest=guest)
        tokens: dict[str, str] = answer["tokens"]
        return tokens

    async def get_peer_token(self, target_usernames: Iterable[str]) -> PeerTokenResponse:
        """A token for answers through a tunnel from these users.

        >>> token = await client.auth.get_peer_token(["bob"])
        """
        return PeerTokenResponse._of(await self._call("tokens.peer", targets=list(target_usernames)))

    async def get_guest_peer_token(self, target_usernames: Iterable[str]) -> PeerTokenResponse:
        """The same for somebody who is not signed in.

        >>> token = await client.auth.get_guest_peer_token(["bob"])
        """
        return PeerTokenResponse._of(await self._call("tokens.guest_peer", targets=list(target_usernames)))

    async def get_transaction_tokens(self, owner_usernames: Iterable[str]) -> dict[str, dict[str, str]]:
        """Tokens with which each of the owners may charge the caller; `errors` says why an owner has none.

        >>> answer = await client.auth.get_transaction_tokens(["bob", "nobody"])
        >>> sorted(answer["tokens"]), sorted(answer["errors"])
        (['bob'], ['nobody'])
        """
        answer = await self._call("ledger.transaction_tokens", owners=list(owner_usernames))
        return TransactionTokens._of(answer).model_dump()
