"""What everybody may find at the hub, and stars."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from ..exceptions import NotFoundError
from ..models.base import list_of
from ..models.endpoints import EndpointPublic, EndpointSearchResult, OwnerGroup, PublicOwner, Uptime
from .pages import AsyncPageIterator
from .resource import AsyncResource

if TYPE_CHECKING:
    from ..models.kinds import EndpointType


class AsyncHubResource(AsyncResource):
    """What everybody may find at the hub, and stars; `client.hub`."""

    def browse(
        self, *, page_size: int = 20, type: EndpointType | str | None = None, search: str | None = None
    ) -> AsyncPageIterator[EndpointPublic]:
        """Everybody's public endpoints, latest edit first; with `search`, the best fitting first.

        >>> async for endpoint in client.hub.browse():
        ...     print(f"{endpoint.name}: {endpoint.description}")
        """
        return self._pages("endpoints.public", EndpointPublic, limit=page_size, type=type, search=search)

    def trending(
        self, *, min_stars: int | None = None, page_size: int = 20, type: EndpointType | str | None = None
    ) -> AsyncPageIterator[EndpointPublic]:
        """Everybody's public endpoints, most stars first.

        >>> best = await client.hub.trending(min_stars=5).first_page()
        """
        return self._pages("endpoints.trending", EndpointPublic, limit=page_size, min_stars=min_stars, type=type)

    def guest_accessible(
        self, *, page_size: int = 20, type: EndpointType | str | None = None
    ) -> AsyncPageIterator[EndpointPublic]:
        """Public endpoints that guests can use, latest edit first.

        >>> free = await client.hub.guest_accessible(type="model").all()
        """
        return self._pages("endpoints.guest_accessible", EndpointPublic, limit=page_size, type=type)

    def owners(self, *, page_size: int = 20) -> AsyncPageIterator[PublicOwner]:
        """Users and organizations with public endpoints, those with the most first.

        >>> [owner.username for owner in await client.hub.owners().take(3)]
        ['acme', 'alice', 'bob']
        """
        return self._pages("endpoints.owners", PublicOwner, limit=page_size)

    def of_owner(self, owner: str, *, page_size: int = 20) -> AsyncPageIterator[EndpointPublic]:
        """What an owner publishes and the caller may see, latest edit first.

        >>> async for endpoint in client.hub.of_owner("acme"):
        ...     print(endpoint.path)
        """
        return self._pages("endpoints.of_owner", EndpointPublic, limit=page_size, owner=owner)

    def public_of(self, owner: str, *, page_size: int = 20) -> AsyncPageIterator[EndpointPublic]:
        """What an owner publishes for everybody, latest edit first; `of_owner` adds what only the caller may see.

        >>> public = await client.hub.public_of("acme").all()
        """
        return self._pages("endpoints.public_of", EndpointPublic, limit=page_size, owner=owner)

    def grouped(self, *, max_per_owner: int | None = None, page_size: int = 20) -> AsyncPageIterator[OwnerGroup]:
        """The latest public endpoints by owner, those with the most first.

        >>> groups = await client.hub.grouped(max_per_owner=3).first_page()
        """
        return self._pages("endpoints.grouped", OwnerGroup, limit=page_size, max_per_owner=max_per_owner)

    async def search(
        self, query: str, *, top_k: int = 10, type: EndpointType | str | None = None, min_score: float = 0.0
    ) -> builtins.list[EndpointSearchResult]:
        """Public endpoints by words of what they say of themselves, the best fitting first.

        `min_score` leaves out those whose `relevance_score`, from 0 to 1, is lower.

        >>> [found.path for found in await client.hub.search("river plants", type="data_source")]
        ['alice/field-notes']
        """
        raw = await self._call("endpoints.search", query=query, top_k=top_k, type=type, min_score=min_score)
        return list_of(EndpointSearchResult, raw)

    async def get(self, path: str) -> EndpointPublic:
        """The public endpoint at `owner/slug`. Raises `NotFoundError` when there is none.

        >>> (await client.hub.get("alice/field-notes")).stars_count
        7
        """
        raw = await self._call("endpoints.find", path=path)
        if raw is None:
            raise NotFoundError(f"there is no public endpoint {path}")
        return EndpointPublic._of(raw)

    async def exists(self, slug: str) -> bool:
        """Whether the signed-in user has an endpoint of this slug.

        >>> await client.hub.exists("field-notes")
        True
        """
        return bool(await self._call("endpoints.exists", slug=slug))

    async def uptime(self, path: str, *, window_hours: int | None = None) -> Uptime:
        """How available an endpoint was over the last hours.

        >>> (await client.hub.uptime("alice/field-notes", window_hours=24)).uptime
        0.998
        """
        return Uptime._of(await self._call("endpoints.uptime", path=path, window_hours=window_hours))

    async def star(self, path: str) -> None:
        """Stars an endpoint. Doing so twice counts once.

        >>> await client.hub.star("alice/awesome-model")
        """
        await self._call("endpoints.star", path=path)

    async def unstar(self, path: str) -> None:
        """Takes the star back; nothing happens when there is none.

        >>> await client.hub.unstar("alice/awesome-model")
        """
        await self._call("endpoints.unstar", path=path)

    async def is_starred(self, path: str) -> bool:
        """Whether the signed-in user starred an endpoint.

        >>> await client.hub.is_starred("alice/awesome-model")
        True
        """
        return bool(await self._call("endpoints.is_starred", path=path))

    async def get_collective_endpoint_paths(self, slug: str, shared_slug: str | None = None) -> builtins.list[str]:
        """The paths of the endpoints of a collective, where the hub has such. Raises `NotFoundError` where it has not.

        >>> paths = await client.hub.get_collective_endpoint_paths("botanists")
        """
        raw: builtins.list[str] = await self._call("endpoints.of_collective", collective=slug, shared=shared_slug)
        return raw
