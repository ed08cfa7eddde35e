"""Lists that come in pages, as one iterator."""

from __future__ import annotations

import builtins
import json
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from .._native import Stream

T = TypeVar("T")

# The most items of a page.
_LARGEST = 100


class AsyncPageIterator(Generic[T]):
    """All items of a list. Pages are fetched as they are needed, and every loop begins at the first.

    A loop over items fetches them in the largest pages that there are: nobody sees where one ends. `page_size` is that of
    `first_page` and `pages`.

    >>> async for endpoint in client.hub.browse():
    ...     print(endpoint.path)
    >>> newest = await client.hub.browse().take(5)
    """

    def __init__(
        self, pages: Callable[[int], Stream], read: Callable[[list[Any]], list[T]], page_size: int = _LARGEST
    ) -> None:
        self._open = pages
        self._read = read
        self._page_size = page_size
        self._running: AsyncIterator[T] | None = None

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self._pages_of(_LARGEST):
            for item in page:
                yield item

    async def __anext__(self) -> T:
        if self._running is None:
            self._running = self.__aiter__()
        return await self._running.__anext__()

    def pages(self) -> AsyncIterator[builtins.list[T]]:
        """The pages, each a list."""
        return self._pages_of(self._page_size)

    async def _pages_of(self, size: int) -> AsyncIterator[builtins.list[T]]:
        texts = self._open(size)
        try:
            async for text in texts:
                yield self._read(json.loads(text))
        finally:
            texts.close()

    async def first_page(self) -> builtins.list[T]:
        """The items of the first page; none when the list is empty."""
        texts = self._open(self._page_size)
        try:
            async for text in texts:
                return self._read(json.loads(text))
            return []
        finally:
            texts.close()

    async def all(self) -> builtins.list[T]:
        """Every item."""
        items: builtins.list[T] = []
        async for page in self._pages_of(_LARGEST):
            items.extend(page)
        return items

    async def take(self, n: int) -> builtins.list[T]:
        """The first `n` items, or fewer when there are not as many."""
        items: builtins.list[T] = []
        texts = self._open(max(1, min(n, _LARGEST)))
        try:
            while len(items) < n:
                try:
                    text = await texts.__anext__()
                except StopAsyncIteration:
                    break
                items.extend(self._read(json.loads(text)))
        finally:
            texts.close()
        return items[: max(n, 0)]
