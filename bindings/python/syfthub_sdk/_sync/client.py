"""The client of a hub."""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import TYPE_CHECKING

from .._native import Hub
from ..exceptions import ConfigurationError
from ..models.users import AuthTokens
from .connection import Connection

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from ..models.users import RegisterResult, User
    from .accounting import AccountingResource
    from .admin import AdminResource
    from .agent import AgentResource
    from .aggregators import AggregatorsResource
    from .api_tokens import APITokensResource
    from .auth import AuthResource
    from .chat import ChatResource
    from .endpoints import EndpointsResource
    from .hub import HubResource
    from .ledger import LedgerResource
    from .my_endpoints import MyEndpointsResource
    from .organizations import OrganizationsResource
    from .search import SearchResource
    from .syftai import SyftAIResource
    from .tokens import TokensResource
    from .users import UsersResource


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
        self._api_token = api_token or os.environ.get("SYFTHUB_API_TOKEN") or None
        if not base_url:
            raise ConfigurationError("the address of the hub is missing: give `base_url`, or set SYFTHUB_URL")
        settings = {
            "base_url": base_url,
            "timeout_s": timeout,
            "aggregator_url": aggregator_url or os.environ.get("SYFTHUB_AGGREGATOR_URL"),
            "api_token": self._api_token,
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

    @cached_property
    def auth(self) -> AuthResource:
        """Signing up, in and out, and the tokens that prove who somebody is."""
        from .auth import AuthResource

        return AuthResource(self._connection, self._api_token)

    @cached_property
    def users(self) -> UsersResource:
        """Profiles, and accounts for administrators."""
        from .users import UsersResource

        return UsersResource(self._connection)

    @cached_property
    def my_endpoints(self) -> MyEndpointsResource:
        """The endpoints of the signed-in user and of their organizations."""
        from .my_endpoints import MyEndpointsResource

        return MyEndpointsResource(self._connection)

    @cached_property
    def hub(self) -> HubResource:
        """What everybody may find at the hub, and stars."""
        from .hub import HubResource

        return HubResource(self._connection)

    @cached_property
    def endpoints(self) -> EndpointsResource:
        """Endpoints by their numbers and slugs, and what spaces tell of them."""
        from .endpoints import EndpointsResource

        return EndpointsResource(self._connection)

    @cached_property
    def organizations(self) -> OrganizationsResource:
        """Organizations and their members."""
        from .organizations import OrganizationsResource

        return OrganizationsResource(self._connection)

    @cached_property
    def chat(self) -> ChatResource:
        """Questions to models over data sources."""
        from .chat import ChatResource

        return ChatResource(self._connection)

    @cached_property
    def search(self) -> SearchResource:
        """Documents without an answer."""
        from .search import SearchResource

        return SearchResource(self.chat)

    @cached_property
    def syftai(self) -> SyftAIResource:
        """Questions to one endpoint, asked at its space."""
        from .syftai import SyftAIResource

        return SyftAIResource(self._connection)

    @cached_property
    def agent(self) -> AgentResource:
        """Conversations with agents."""
        from .agent import AgentResource

        return AgentResource(self._connection)

    @cached_property
    def tokens(self) -> TokensResource:
        """Satellite tokens, and the keys that verify them."""
        from .tokens import TokensResource

        return TokensResource(self._connection)

    @cached_property
    def ledger(self) -> LedgerResource:
        """Money at the hub's own ledger."""
        from .ledger import LedgerResource

        return LedgerResource(self._connection)

    @cached_property
    def accounting(self) -> AccountingResource:
        """The user's account at the accounting service, spoken to directly; its credentials are asked for on first use."""
        from .accounting import AccountingResource

        return AccountingResource._of_user(self._connection)

    @cached_property
    def api_tokens(self) -> APITokensResource:
        """Personal access tokens: what programs sign in with."""
        from .api_tokens import APITokensResource

        return APITokensResource(self._connection)

    @cached_property
    def aggregators(self) -> AggregatorsResource:
        """The aggregators the user keeps."""
        from .aggregators import AggregatorsResource

        return AggregatorsResource(self._connection)

    @cached_property
    def admin(self) -> AdminResource:
        """The whole hub, for its administrators."""
        from .admin import AdminResource

        return AdminResource(self._connection)

    @property
    def is_authenticated(self) -> bool:
        """Whether calls are made in somebody's name. It is known without asking the hub."""
        return bool(self._connection.call_here("session.is_signed_in"))

    @property
    def is_using_api_token(self) -> bool:
        """Whether calls are made with a personal access token, and not in a session."""
        return self._api_token is not None and self.get_tokens() is None

    def get_tokens(self) -> AuthTokens | None:
        """The tokens of the session, to be saved; None when nobody has signed in."""
        tokens = self._connection.call_here("session.tokens")
        return None if tokens is None else AuthTokens._of(tokens)

    def set_tokens(self, tokens: AuthTokens) -> None:
        """Goes on with a session whose tokens were saved."""
        self._connection.call_here("session.set", tokens=tokens)

    def register(self, *, username: str, email: str, password: str, full_name: str) -> RegisterResult:
        """Makes an account; see `client.auth.register`."""
        return self.auth.register(username=username, email=email, password=password, full_name=full_name)

    def login(self, *, username: str | None = None, password: str, email: str | None = None) -> User:
        """Signs in; see `client.auth.login`."""
        return self.auth.login(username=username, password=password, email=email)

    def logout(self) -> None:
        """Ends the session; see `client.auth.logout`."""
        self.auth.logout()

    def me(self) -> User:
        """The signed-in user; see `client.auth.me`."""
        return self.auth.me()

    def refresh(self) -> None:
        """Renews the session's tokens now; see `client.auth.refresh`."""
        self.auth.refresh()

    def change_password(self, *, current_password: str, new_password: str) -> None:
        """Sets a new password; see `client.auth.change_password`."""
        self.auth.change_password(current_password=current_password, new_password=new_password)

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
