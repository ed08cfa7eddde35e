"""A list that comes in pages is one iterator, which begins anew with every loop."""

from __future__ import annotations

import asyncio
import json

import pytest

from syfthub_sdk import AsyncPageIterator, PageIterator


class Texts:
    """Pages of JSON, as the compiled half gives them, and whether they were closed."""

    def __init__(self, pages, size=None):
        self.left = [json.dumps(page) for page in pages]
        self.size = size
        self.is_closed = False

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        return self.left.pop(0)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop(0)

    def close(self):
        self.is_closed = True


PAGES = [[1, 2], [3, 4], [5]]


def listed(kind, pages=PAGES):
    opened = []

    def fresh(size):
        opened.append(Texts(pages, size))
        return opened[-1]

    return kind(fresh, lambda page: [item * 10 for item in page], 20), opened


def test_every_loop_sees_all_items_from_the_first_on():
    items, opened = listed(PageIterator)
    assert list(items) == list(items) == items.all() == [10, 20, 30, 40, 50]
    assert len(opened) == 3


def test_pages_have_the_size_that_was_asked_for_where_somebody_sees_it():
    items, opened = listed(PageIterator)
    items.first_page(), list(items.pages())
    assert [texts.size for texts in opened] == [20, 20]
    list(items), items.all(), items.take(7), items.take(700)
    assert [texts.size for texts in opened[2:]] == [100, 100, 7, 100]


@pytest.mark.parametrize(
    ("n", "taken", "left"), [(0, [], 3), (-1, [], 3), (3, [10, 20, 30], 1), (9, [10, 20, 30, 40, 50], 0)]
)
def test_taking_some_fetches_no_more_pages_than_it_needs(n, taken, left):
    items, opened = listed(PageIterator)
    assert items.take(n) == taken
    assert (len(opened[0].left), opened[0].is_closed) == (left, True)


def test_the_first_page_is_alone_and_may_be_empty():
    items, opened = listed(PageIterator)
    assert items.first_page() == [10, 20]
    assert (len(opened[0].left), opened[0].is_closed) == (2, True)
    assert listed(PageIterator, [])[0].first_page() == []


def test_leaving_a_loop_closes_what_it_read():
    items, opened = listed(PageIterator)
    for item in items:
        assert item == 10
        break
    assert opened[0].is_closed


def test_next_goes_on_where_it_stopped():
    items, _ = listed(PageIterator)
    assert [next(items), next(items), next(items)] == [10, 20, 30]
    assert next(items) == 40
    assert next(items) == 50
    with pytest.raises(StopIteration):
        next(items)


def test_asyncio_has_the_same():
    async def main():
        items, opened = listed(AsyncPageIterator)
        assert [item async for item in items] == await items.all() == [10, 20, 30, 40, 50]
        assert await items.take(3) == [10, 20, 30]
        assert await items.first_page() == [10, 20]
        assert [page async for page in items.pages()] == [[10, 20], [30, 40], [50]]
        assert await items.__anext__() == 10
        assert all(texts.is_closed for texts in opened[:-1])

    asyncio.run(main())
