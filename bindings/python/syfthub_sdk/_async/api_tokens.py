"""Personal access tokens: what programs sign in with."""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import TYPE_CHECKING

from ..models.tokens import APIToken, APITokenCreateResponse, APITokenListResponse
from .resource import AsyncResource, changes

if TYPE_CHECKING:
    from ..models.kinds import APITokenScope


class AsyncAPITokensResource(AsyncResource):
    """Personal access tokens: what programs sign in with; `client.api_tokens`."""

    async def create(
        self,
        *,
        name: str,
        scopes: builtins.list[str | APITokenScope] | None = None,
        expires_at: datetime | None = None,
    ) -> APITokenCreateResponse:
        """Makes a token. The answer is the only one that holds it. It may do everything, for ever, unless said otherwise.

        >>> made = await client.api_tokens.create(name="CI", scopes=["read"])
        >>> robot = AsyncSyftHubClient(base_url="https://hub.syft.com", api_token=made.token)
        """
        body = changes(name=name, scopes=scopes, expires_at=expires_at)
        return APITokenCreateResponse._of(await self._call("api_tokens.create", body=body))

    async def list(self, *, include_inactive: bool = False, skip: int = 0, limit: int = 100) -> APITokenListResponse:
        """A page of the tokens that count, newest first, and how many there are; revoked and expired ones on request.

        >>> (await client.api_tokens.list()).total
        1
        """
        arguments = {"include_inactive": include_inactive, "skip": skip, "limit": limit}
        return APITokenListResponse._of(await self._call("api_tokens.list", **arguments))

    async def get(self, token_id: int) -> APIToken:
        """The token with this number, also when it no longer counts.

        >>> (await client.api_tokens.get(1)).name
        'CI'
        """
        return APIToken._of(await self._call("api_tokens.get", token=token_id))

    async def update(self, token_id: int, *, name: str) -> APIToken:
        """Gives a token another name.

        >>> token = await client.api_tokens.update(1, name="Nightly")
        """
        return APIToken._of(await self._call("api_tokens.rename", token=token_id, name=name))

    async def revoke(self, token_id: int) -> None:
        """Ends a token at once and for good.

        >>> await client.api_tokens.revoke(1)
        """
        await self._call("api_tokens.revoke", token=token_id)
