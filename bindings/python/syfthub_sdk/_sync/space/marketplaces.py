"""The hubs that the space is connected to."""

from __future__ import annotations

import builtins

from ...models.base import list_of
from ...models.space import Balance, Marketplace, Notice
from ..resource import Resource, changes


class MarketplacesResource(Resource):
    """The hubs that the space is connected to; `space.marketplaces`."""

    def list(self) -> builtins.list[Marketplace]:
        """All connected hubs, the default one first.

        >>> [hub.url for hub in space.marketplaces.list()]
        ['https://hub.syft.com']
        """
        return list_of(Marketplace, self._call("marketplaces.list"))

    def get(self, marketplace_id: str) -> Marketplace:
        """The connected hub with this id.

        >>> hub = space.marketplaces.get(marketplace_id)
        """
        return Marketplace._of(self._call("marketplaces.get", marketplace=marketplace_id))

    def connect(
        self, *, username: str, password: str, url: str | None = None, organization: str | None = None
    ) -> Marketplace:
        """Signs the space in at a hub with an account there; at the one that is meant when no `url` is given.

        With `organization` the space publishes for it, and not for the account itself.

        >>> hub = space.marketplaces.connect(
        ...     url="https://hub.syft.com", username="alice", password="secret123"
        ... )
        """
        raw = self._call(
            "marketplaces.connect", username=username, password=password, url=url, organization=organization
        )
        return Marketplace._of(raw)

    def register(
        self,
        *,
        username: str,
        email: str,
        password: str,
        url: str | None = None,
        name: str | None = None,
        accounting_url: str | None = None,
        accounting_password: str | None = None,
    ) -> Marketplace:
        """Makes an account at a hub and signs the space in with it. `name` is what the hub is called here.

        Raises `ConflictError` when the name or the address is taken.

        >>> hub = space.marketplaces.register(
        ...     url="https://hub.syft.com", username="alice", email="alice@example.com", password="secret123"
        ... )
        """
        raw = self._call(
            "marketplaces.register",
            username=username,
            email=email,
            password=password,
            url=url,
            name=name,
            accounting_url=accounting_url,
            accounting_password=accounting_password,
        )
        return Marketplace._of(raw)

    def check_username(self, username: str, *, url: str | None = None) -> bool:
        """Whether nobody at a hub goes by this name yet.

        >>> space.marketplaces.check_username("alice")
        False
        """
        return bool(self._call("marketplaces.check_username", username=username, url=url))

    def balance(self) -> Balance:
        """What is left of the account's money, by the default hub's accounting.

        >>> (space.marketplaces.balance()).balance
        100.0
        """
        return Balance._of(self._call("marketplaces.balance"))

    def update(
        self,
        marketplace_id: str,
        *,
        name: str | None = None,
        is_active: bool | None = None,
        is_default: bool | None = None,
    ) -> Marketplace:
        """Renames a hub, switches it on or off, or makes it the default one.

        >>> hub = space.marketplaces.update(marketplace_id, is_default=True)
        """
        body = changes(name=name, is_active=is_active, is_default=is_default)
        return Marketplace._of(self._call("marketplaces.update", marketplace=marketplace_id, body=body))

    def delete(self, marketplace_id: str, *, default: str | None = None, force: bool = False) -> Notice:
        """Takes everything off a hub that the space listed there, and disconnects from it.

        `default` is the hub that becomes the default one when this is it; with `force` it is done also when the hub does
        not take everything off now.

        >>> notice = space.marketplaces.delete(marketplace_id)
        """
        arguments = {"marketplace": marketplace_id, "default": default, "force": force}
        return Notice._of(self._call("marketplaces.delete", **arguments))
