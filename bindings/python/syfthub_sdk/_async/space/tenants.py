"""Who shares the space: tenants, and the accounts that act for one."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from ...models.base import list_of
from ...models.space import Account, Session, Tenant
from ..resource import AsyncResource, changes


class AsyncTenantsResource(AsyncResource):
    """Who shares the space; `space.tenants`."""

    async def list(self) -> builtins.list[Tenant]:
        """All tenants.

        >>> [tenant.name for tenant in await space.tenants.list()]
        ['root']
        """
        return list_of(Tenant, await self._call("tenants.list"))

    async def get(self, name: str) -> Tenant:
        """The tenant of this name.

        >>> root = await space.tenants.get("root")
        """
        return Tenant._of(await self._call("tenants.get", tenant=name))

    async def create(
        self,
        *,
        name: str,
        display_name: str,
        domain: str | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> Tenant:
        """Makes a tenant, in a space that has several.

        Raises `AuthorizationError` when the space has one tenant only, and `ConflictError` when the name is taken.

        >>> lab = await space.tenants.create(name="field-station", display_name="Field station")
        """
        body = changes(name=name, display_name=display_name, domain=domain, meta=dict(meta or {}))
        return Tenant._of(await self._call("tenants.create", body=body))

    async def update(
        self,
        name: str,
        *,
        display_name: str | None = None,
        domain: str | None = None,
        is_active: bool | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> Tenant:
        """Changes a tenant, or switches it off: nothing of it answers then.

        >>> lab = await space.tenants.update("field-station", is_active=False)
        """
        kept = None if meta is None else dict(meta)
        body = changes(display_name=display_name, domain=domain, is_active=is_active, meta=kept)
        return Tenant._of(await self._call("tenants.update", tenant=name, body=body))


class AsyncSpaceAccountsResource(AsyncResource):
    """The accounts that act for tenants; `space.accounts`."""

    async def register(
        self, *, email: str, password: str, tenant: str = "root", setup_token: str | None = None
    ) -> Account:
        """Makes an account of a tenant.

        The first one of a space takes its setup token where no key is given: it stands in the space's folder, in
        `setup.token`. Later ones need the admin key, or somebody signed in to an account of the same tenant.

        >>> account = await space.accounts.register(email="ada@example.org", password="correct horse 1")
        """
        raw = await self._call(
            "accounts.register", email=email, password=password, tenant=tenant, setup_token=setup_token
        )
        return Account._of(raw)

    async def login(self, *, email: str, password: str) -> Session:
        """Signs in to an account. The token goes where the admin key goes.

        >>> session = await space.accounts.login(email="ada@example.org", password="correct horse 1")
        >>> hers = AsyncSpaceClient(space.base_url, key=session.access_token)
        """
        return Session._of(await self._call("accounts.login", email=email, password=password))

    async def change_password(self, *, current_password: str, new_password: str) -> Session:
        """Replaces the password of the account whose token is the key.

        Every session ends; the answer begins a new one.

        >>> session = await hers.accounts.change_password(
        ...     current_password="correct horse 1", new_password="battery staple 2"
        ... )
        """
        arguments = {"current_password": current_password, "new_password": new_password}
        return Session._of(await self._call("accounts.change_password", **arguments))
