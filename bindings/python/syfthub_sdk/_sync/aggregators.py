"""The aggregators a user keeps."""

from __future__ import annotations

import builtins

from ..models.base import list_of
from ..models.users import UserAggregator
from .resource import Resource, changes


class AggregatorsResource(Resource):
    """The aggregators a user keeps; `client.aggregators`. Questions go to the default one where none is named."""

    def list(self) -> builtins.list[UserAggregator]:
        """All of them, in the order in which they were added.

        >>> [one.name for one in client.aggregators.list()]
        ['Mine']
        """
        return list_of(UserAggregator, self._call("aggregators.list"))

    def get(self, aggregator_id: int) -> UserAggregator:
        """The one with this number. Raises `NotFoundError` when the user keeps none of it.

        >>> mine = client.aggregators.get(1)
        """
        return UserAggregator._of(self._call("aggregators.get", aggregator=aggregator_id))

    def create(self, *, name: str, url: str, is_default: bool = False) -> UserAggregator:
        """Adds one. The first becomes the default.

        >>> mine = client.aggregators.create(name="Mine", url="https://rag.example.com/api/v1")
        """
        body = {"name": name, "url": url, "is_default": is_default}
        return UserAggregator._of(self._call("aggregators.create", body=body))

    def update(
        self, aggregator_id: int, *, name: str | None = None, url: str | None = None, is_default: bool | None = None
    ) -> UserAggregator:
        """Changes it. What is not given stays.

        >>> mine = client.aggregators.update(1, name="Nearby")
        """
        body = changes(name=name, url=url, is_default=is_default)
        return UserAggregator._of(self._call("aggregators.update", aggregator=aggregator_id, body=body))

    def delete(self, aggregator_id: int) -> None:
        """Removes it; when it was the default, the oldest of the rest becomes it.

        >>> client.aggregators.delete(1)
        """
        self._call("aggregators.delete", aggregator=aggregator_id)

    def set_default(self, aggregator_id: int) -> UserAggregator:
        """Makes it the default instead of the one so far.

        >>> (client.aggregators.set_default(1)).is_default
        True
        """
        return UserAggregator._of(self._call("aggregators.set_default", aggregator=aggregator_id))
