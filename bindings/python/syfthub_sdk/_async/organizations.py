"""Organizations and their members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..models.organizations import Organization, OrganizationMember
from ..models.users import AccountingCredentials, HeartbeatResponse
from .pages import AsyncPageIterator
from .resource import AsyncResource, changes

if TYPE_CHECKING:
    from ..models.kinds import OrganizationRole


class AsyncOrganizationsResource(AsyncResource):
    """Organizations and their members; `client.organizations`."""

    async def create(
        self,
        *,
        name: str,
        slug: str | None = None,
        description: str = "",
        avatar_url: str | None = None,
        domain: str | None = None,
    ) -> Organization:
        """Founds an organization, whose owner the signed-in user becomes. The slug is made of the name unless given.

        >>> acme = await client.organizations.create(name="Acme")
        >>> acme.slug
        'acme'
        """
        body = changes(name=name, slug=slug, description=description, avatar_url=avatar_url, domain=domain)
        return Organization._of(await self._call("organizations.create", body=body))

    def list(
        self, *, role: OrganizationRole | str | None = None, page_size: int = 20
    ) -> AsyncPageIterator[Organization]:
        """The organizations of which the signed-in user is a member, latest edit first.

        >>> [one.slug for one in await client.organizations.list(role="owner").all()]
        ['acme']
        """
        return self._pages("organizations.list", Organization, limit=page_size, role=role)

    async def get(self, organization_id: int) -> Organization:
        """The organization with this number, for its members.

        >>> acme = await client.organizations.get(3)
        """
        return Organization._of(await self._call("organizations.get", organization=organization_id))

    async def update(
        self,
        organization_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        avatar_url: str | None = None,
        domain: str | None = None,
        clear: Iterable[str] = (),
    ) -> Organization:
        """Changes the profile. What is not given stays; `clear` names fields that are to be empty.

        >>> acme = await client.organizations.update(3, description="Everything", clear=["domain"])
        """
        body = changes(clear, name=name, description=description, avatar_url=avatar_url, domain=domain)
        return Organization._of(await self._call("organizations.update", organization=organization_id, body=body))

    async def delete(self, organization_id: int) -> None:
        """Deletes an organization with all that it owns. Its slug stays reserved.

        >>> await client.organizations.delete(3)
        """
        await self._call("organizations.delete", organization=organization_id)

    def members(
        self, organization_id: int, *, role: OrganizationRole | str | None = None, page_size: int = 20
    ) -> AsyncPageIterator[OrganizationMember]:
        """The members, latest first.

        >>> [(one.username, one.role.value) for one in await client.organizations.members(3).all()]
        [('alice', 'owner')]
        """
        arguments = {"organization": organization_id, "role": role}
        return self._pages("organizations.members", OrganizationMember, limit=page_size, **arguments)

    async def add_member(
        self, organization_id: int, user_id: int, role: OrganizationRole | str = "member"
    ) -> OrganizationMember:
        """Takes a user in.

        >>> bob = await client.organizations.add_member(3, 7, role="admin")
        """
        arguments = {"organization": organization_id, "user": user_id, "role": role}
        return OrganizationMember._of(await self._call("organizations.add_member", **arguments))

    async def set_role(self, organization_id: int, user_id: int, role: OrganizationRole | str) -> OrganizationMember:
        """Gives a member another role. The last owner keeps theirs.

        >>> bob = await client.organizations.set_role(3, 7, "owner")
        """
        arguments = {"organization": organization_id, "user": user_id, "role": role}
        return OrganizationMember._of(await self._call("organizations.set_role", **arguments))

    async def remove_member(self, organization_id: int, user_id: int) -> None:
        """Removes a member. With one's own number one leaves.

        >>> await client.organizations.remove_member(3, 7)
        """
        await self._call("organizations.remove_member", organization=organization_id, user=user_id)

    async def heartbeat(self, organization_id: int, url: str, *, ttl_seconds: int | None = None) -> HeartbeatResponse:
        """Tells the hub that the organization's space is alive at `url`, for so many seconds; the hub has a most.

        >>> beat = await client.organizations.heartbeat(3, "https://space.acme.org")
        """
        body = changes(url=url, ttl_seconds=ttl_seconds)
        raw = await self._call("organizations.heartbeat", organization=organization_id, body=body)
        return HeartbeatResponse._of(raw)

    async def accounting(self, organization_id: int) -> AccountingCredentials:
        """What the organization's programs sign in with at the hub's ledger.

        >>> credentials = await client.organizations.accounting(3)
        """
        raw = await self._call("organizations.accounting", organization=organization_id)
        return AccountingCredentials._of(raw)

    async def administer(self, organization_id: int, *, is_active: bool) -> Organization:
        """Switches an organization off or on, which administrators of the hub may do.

        >>> acme = await client.organizations.administer(3, is_active=False)
        """
        body = {"is_active": is_active}
        raw = await self._call("organizations.administer", organization=organization_id, body=body)
        return Organization._of(raw)

    async def administer_member(self, organization_id: int, user_id: int, *, is_active: bool) -> OrganizationMember:
        """Switches a membership off or on, which administrators of the hub may do.

        >>> bob = await client.organizations.administer_member(3, 7, is_active=False)
        """
        arguments = {"organization": organization_id, "user": user_id, "body": {"is_active": is_active}}
        return OrganizationMember._of(await self._call("organizations.administer_member", **arguments))
