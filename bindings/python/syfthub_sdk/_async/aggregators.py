"""The aggregators a user keeps."""

from __future__ import annotations

import builtins

from ..models.base import list_of
from ..models.users import UserAggregator
from .resource import AsyncResource, changes


class AsyncAggregatorsResource(AsyncResource):
    """The aggregators a user keeps; `client.aggregators`. Questions go to the default one where none is named."""

    async def list(self) -> builtins.list[UserAggregator]:
        """All of them, in the order in which they were added.

        >>> [one.name for one in await client.aggregators.list()]
        ['Mine']
        """
        return list_of(UserAggregator, await self._call("aggregators.list"))

    async def get(self, aggregator_id: int) -> UserAggregator:
        """The one with this number. Raises `NotFoundError` when the user keeps none of it.

        >>> mine = await client.aggregators.get(1)
        """
        return UserAggregator._of(await self._call("aggregators.get", aggregator=aggregator_id))

    async def create(self, *, name: str, url: str, is_default: bool = False) -> UserAggregator:
        """Adds one. The first becomes the default.

        >>> mine = await client.aggregators.create(name="Mine", url="https://rag.example.com/api/v1")
        """
        body = {"name": name, "url": url, "is_default": is_default}
        return UserAggregator._of(await self._call("aggregators.create", body=body))

    async def update(
        self, aggregator_id: int, *, name: str | None = None, url: str | None = None, is_default: bool | None = None
    ) -> UserAggregator:
        """Changes it. What is not given stays.

        >>> mine = await client.aggregators.update(1, name="Nearby")
        """
        body = changes(name=name, url=url, is_default=is_default)
        return UserAggregator._of(await self._call("aggregators.update", aggregator=aggregator_id, body=body))

    async def delete(self, aggregator_id: int) -> None:
        """Removes it; when it was the default, the oldest of the rest becomes it.

        >>> await client.aggregators.delete(1)
        """
        await self._call("aggregators.delete", aggregator=aggregator_id)

    async def set_default(self, aggregator_id: int) -> UserAggregator:
        """Makes it the default instead of the one so far.

        >>> (await client.aggregators.set_default(1)).is_default
        True
        """
        return UserAggregator._of(await self._call("aggregators.set_default", aggregator=aggregator_id))
