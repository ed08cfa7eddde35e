"""Profiles, and accounts for administrators."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from ..models.users import AccountingCredentials, HeartbeatResponse, NatsCredentials, PublicProfile, User
from .pages import PageIterator
from .resource import Resource, changes

if TYPE_CHECKING:
    from ..models.kinds import UserRole
    from .aggregators import AggregatorsResource


class UsersResource(Resource):
    """Profiles, and accounts for administrators; `client.users`."""

    @cached_property
    def aggregators(self) -> AggregatorsResource:
        """The aggregators the user keeps; the same as `client.aggregators`."""
        from .aggregators import AggregatorsResource

        return AggregatorsResource(self._connection)

    def update(
        self,
        *,
        username: str | None = None,
        email: str | None = None,
        full_name: str | None = None,
        avatar_url: str | None = None,
        domain: str | None = None,
        bio: str | None = None,
        is_email_public: bool | None = None,
        aggregator_url: str | None = None,
        accounting_service_url: str | None = None,
        accounting_password: str | None = None,
        clear: Iterable[str] = (),
    ) -> User:
        """Changes the signed-in user's profile. What is not given stays; `clear` names fields that are to be empty.

        Raises `ValidationError` when a field breaks its rule, and `APIError` when a name or an address is taken.

        >>> user = client.users.update(full_name="Alice Liddell", clear=["avatar_url"])
        """
        body = changes(
            clear,
            username=username,
            email=email,
            full_name=full_name,
            avatar_url=avatar_url,
            domain=domain,
            bio=bio,
            is_email_public=is_email_public,
            aggregator_url=aggregator_url,
            accounting_service_url=accounting_service_url,
            accounting_password=accounting_password,
        )
        return User._of(self._call("users.update", body=body))

    def check_username(self, username: str) -> bool:
        """Whether a username is free.

        >>> client.users.check_username("nobody-yet")
        True
        """
        answer = self._call("users.check_username", username=username)
        return bool(answer["available"])

    def check_email(self, email: str) -> bool:
        """Whether no account has this address.

        >>> client.users.check_email("nobody@example.com")
        True
        """
        answer = self._call("users.check_email", email=email)
        return bool(answer["available"])

    def get_accounting_credentials(self) -> AccountingCredentials:
        """What the user's programs sign in with at the accounting service.

        >>> (client.users.get_accounting_credentials()).email
        'alice@example.com'
        """
        return AccountingCredentials._of(self._call("users.accounting"))

    def get_nats_credentials(self) -> NatsCredentials:
        """What opens a tunnel over NATS. Raises `APIError` with status 503 where the hub has none.

        >>> credentials = client.users.get_nats_credentials()
        """
        return NatsCredentials._of(self._call("users.nats_credentials"))

    def send_heartbeat(self, url: str, ttl_seconds: int = 300) -> HeartbeatResponse:
        """Tells the hub that the user's space is alive at `url`, for so many seconds; the hub has a most.

        >>> beat = client.users.send_heartbeat("https://space.example.com", ttl_seconds=60)
        >>> beat.expires_at > beat.received_at
        True
        """
        body = {"url": url, "ttl_seconds": ttl_seconds}
        return HeartbeatResponse._of(self._call("users.heartbeat", body=body))

    def profile(self, username: str) -> PublicProfile:
        """A user as everybody may see them. Raises `NotFoundError` when there is none.

        >>> (client.users.profile("alice")).full_name
        'Alice'
        """
        return PublicProfile._of(self._call("users.profile", username=username))

    def get(self, user_id: int) -> User:
        """The account with this number: one's own, or any for administrators.

        >>> user = client.users.get(7)
        """
        return User._of(self._call("users.get", user=user_id))

    def list(
        self,
        *,
        search: str | None = None,
        role: UserRole | str | None = None,
        is_active: bool | None = None,
        page_size: int = 20,
    ) -> PageIterator[User]:
        """All users in the order of their numbers, for administrators.

        >>> administrators = client.users.list(role="admin").all()
        """
        return self._pages("users.list", User, limit=page_size, search=search, role=role, is_active=is_active)

    def update_account(
        self,
        user_id: int,
        *,
        role: UserRole | str | None = None,
        username: str | None = None,
        email: str | None = None,
        full_name: str | None = None,
        avatar_url: str | None = None,
        domain: str | None = None,
        bio: str | None = None,
        is_active: bool | None = None,
        clear: Iterable[str] = (),
    ) -> User:
        """Changes another account, which administrators may do.

        >>> user = client.users.update_account(7, role="admin")
        """
        body = changes(
            clear,
            role=role,
            username=username,
            email=email,
            full_name=full_name,
            avatar_url=avatar_url,
            domain=domain,
            bio=bio,
            is_active=is_active,
        )
        return User._of(self._call("users.update_account", user=user_id, body=body))

    def activate(self, user_id: int) -> User:
        """Switches an account on again, which administrators may do.

        >>> (client.users.activate(7)).is_active
        True
        """
        return User._of(self._call("users.activate", user=user_id))

    def deactivate(self, user_id: int) -> User:
        """Switches an account off: its holder cannot sign in. One may do so to oneself; administrators to anybody.

        >>> (client.users.deactivate(7)).is_active
        False
        """
        return User._of(self._call("users.deactivate", user=user_id))

    def delete(self, user_id: int) -> None:
        """Deletes an account with everything that is only the user's.

        >>> client.users.delete(7)
        """
        self._call("users.delete", user=user_id)
