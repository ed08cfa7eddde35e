"""Where the space is reached."""

from __future__ import annotations

from ...models.space import Proxy, PublicUrl
from ..resource import Resource


class SettingsResource(Resource):
    """Where the space is reached; `space.settings`."""

    def public_url(self) -> PublicUrl:
        """Where callers reach the space.

        >>> (space.settings.public_url()).public_url
        'https://space.example.org/'
        """
        return PublicUrl._of(self._call("settings.public_url"))

    def set_public_url(self, url: str) -> PublicUrl:
        """Says where callers reach the space, once every connected hub knows it.

        >>> told = space.settings.set_public_url("https://space.example.org")
        """
        return PublicUrl._of(self._call("settings.set_public_url", url=url))

    def proxy(self) -> Proxy:
        """How the space is reached without an address of its own.

        >>> (space.settings.proxy()).connected
        True
        """
        return Proxy._of(self._call("settings.proxy"))

    def open_proxy(self, token: str | None = None) -> Proxy:
        """Has the space reached through its hubs, or with a token through an agent of ngrok's.

        >>> proxy = space.settings.open_proxy()
        """
        return Proxy._of(self._call("settings.open_proxy", token=token))

    def close_proxy(self) -> Proxy:
        """Has the space reached that way no more, and tells the hubs that it is nowhere for now.

        >>> (space.settings.close_proxy()).connected
        False
        """
        return Proxy._of(self._call("settings.close_proxy"))
