"""Lists that come in pages, as one iterator."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from .._native import Stream

T = TypeVar("T")


class PageIterator(Generic[T]):
    """All items of a list. Pages are fetched as they are needed, and every loop begins at the first.

    >>> for endpoint in client.hub.browse():
    ...     print(endpoint.path)
    >>> newest = client.hub.browse().take(5)
    """

    def __init__(self, pages: Callable[[], Stream], read: Callable[[list[Any]], list[T]]) -> None:
        self._open = pages
        self._read = read
        self._running: Iterator[T] | None = None

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            for item in page:
                yield item

    def __next__(self) -> T:
        if self._running is None:
            self._running = self.__iter__()
        return self._running.__next__()

    def pages(self) -> Iterator[builtins.list[T]]:
        """The pages, each a list."""
        texts = self._open()
        try:
            for text in texts:
                yield self._read(json.loads(text))
        finally:
            texts.close()

    def first_page(self) -> builtins.list[T]:
        """The items of the first page; none when the list is empty."""
        texts = self._open()
        try:
            for text in texts:
                return self._read(json.loads(text))
            return []
        finally:
            texts.close()

    def all(self) -> builtins.list[T]:
        """Every item."""
        items: builtins.list[T] = []
        for page in self.pages():
            items.extend(page)
        return items

    def take(self, n: int) -> builtins.list[T]:
        """The first `n` items, or fewer when there are not as many."""
        items: builtins.list[T] = []
        texts = self._open()
        try:
            while len(items) < n:
                try:
                    text = texts.__next__()
                except StopIteration:
                    break
                items.extend(self._read(json.loads(text)))
        finally:
            texts.close()
        return items[: max(n, 0)]
