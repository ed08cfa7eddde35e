"""Where the space is reached."""

from __future__ import annotations

from ...models.space import Proxy, PublicUrl
from ..resource import AsyncResource


class AsyncSettingsResource(AsyncResource):
    """Where the space is reached; `space.settings`."""

    async def public_url(self) -> PublicUrl:
        """Where callers reach the space.

        >>> (await space.settings.public_url()).public_url
        'https://space.example.org/'
        """
        return PublicUrl._of(await self._call("settings.public_url"))

    async def set_public_url(self, url: str) -> PublicUrl:
        """Says where callers reach the space, once every connected hub knows it.

        >>> told = await space.settings.set_public_url("https://space.example.org")
        """
        return PublicUrl._of(await self._call("settings.set_public_url", url=url))

    async def proxy(self) -> Proxy:
        """How the space is reached without an address of its own.

        >>> (await space.settings.proxy()).connected
        True
        """
        return Proxy._of(await self._call("settings.proxy"))

    async def open_proxy(self, token: str | None = None) -> Proxy:
        """Has the space reached through its hubs, or with a token through an agent of ngrok's.

        >>> proxy = await space.settings.open_proxy()
        """
        return Proxy._of(await self._call("settings.open_proxy", token=token))

    async def close_proxy(self) -> Proxy:
        """Has the space reached that way no more, and tells the hubs that it is nowhere for now.

        >>> (await space.settings.close_proxy()).connected
        False
        """
        return Proxy._of(await self._call("settings.close_proxy"))
