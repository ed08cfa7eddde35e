"""What all groups of operations share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from ..models.base import Model, list_of
from .pages import AsyncPageIterator

if TYPE_CHECKING:
    from .connection import AsyncConnection

M = TypeVar("M", bound=Model)


class AsyncResource:
    """A group of operations of a client."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _call(self, name: str, /, **arguments: Any) -> Any:
        """Runs one operation and gives its answer as plain JSON values."""
        return await self._connection.call(name, arguments)

    def _pages(self, name: str, model: type[M], /, *, limit: int, **arguments: Any) -> AsyncPageIterator[M]:
        """The list that the operation gives page by page; `limit` is the size of a page."""
        connection = self._connection
        return AsyncPageIterator(
            lambda size: connection.open(name, {**arguments, "limit": size}), lambda page: list_of(model, page), limit
        )

    def _events(self, name: str, /, **arguments: Any) -> AsyncIterator[Any]:
        """The values of a stream, as plain JSON values."""
        return self._connection.stream(name, arguments)


def changes(clear: Iterable[str] = (), **fields: Any) -> dict[str, Any]:
    """A request that changes what is given: what is None stays as it is, unless it is among the names to `clear`."""
    cleared = frozenset(clear)
    unknown = sorted(cleared - fields.keys())
    if unknown:
        raise TypeError(f"`clear` names `{unknown[0]}`, which is no field that can be changed here")
    return {name: value for name, value in fields.items() if value is not None or name in cleared}
