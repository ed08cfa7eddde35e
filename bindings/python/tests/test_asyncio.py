"""A call from asyncio leaves the event loop to others, and ends when its task is cancelled."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_blocking import user

from syfthub_sdk import AsyncSyftHubClient
from syfthub_sdk.exceptions import ConnectionInterruptedError


def talking_to(server):
    return AsyncSyftHubClient(base_url=server.url, api_token="syft_pat_fixture")._connection


async def in_thread(function):
    return await asyncio.get_running_loop().run_in_executor(None, function)


def test_tasks_wait_side_by_side(server):
    async def main():
        connection = talking_to(server)
        tasks = [asyncio.ensure_future(connection.call("auth.me", {})) for _ in range(16)]
        requests = [await in_thread(server.request) for _ in tasks]
        for nth, request in enumerate(requests):
            request.answer(200, user(f"user{nth}"))
        return {answer["username"] for answer in await asyncio.gather(*tasks)}

    assert asyncio.run(main()) == {f"user{nth}" for nth in range(16)}


def test_a_cancelled_task_takes_its_request_back(server):
    async def main():
        task = asyncio.ensure_future(talking_to(server).call("auth.me", {}))
        request = await in_thread(server.request)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await in_thread(request.wait_until_left)

    asyncio.run(main())


def test_a_deadline_of_asyncio_takes_the_request_back(server):
    async def main():
        waiting = asyncio.ensure_future(asyncio.wait_for(talking_to(server).call("auth.me", {}), 0.2))
        request = await in_thread(server.request)
        with pytest.raises(asyncio.TimeoutError):
            await waiting
        await in_thread(request.wait_until_left)

    asyncio.run(main())


def test_what_nobody_waits_for_any_more_is_taken_back(server):
    async def main():
        pending = talking_to(server)._native.call_async("auth.me", "{}")
        request = await in_thread(server.request)
        del pending
        gc.collect()
        await in_thread(request.wait_until_left)

    asyncio.run(main())


def test_leaving_the_loop_over_a_stream_ends_it(server):
    async def main():
        connection = talking_to(server)
        question = {"body": {"prompt": "Why?", "model": {"url": server.url, "slug": "m"}, "sources": []}}
        events = connection.stream("chat.stream", question)
        first = asyncio.ensure_future(events.__anext__())
        request = await in_thread(server.request)
        request.begin_events("event: generation_start\ndata: {}\n\n")
        assert (await first)["type"] == "generation_start"
        await events.aclose()
        await in_thread(request.wait_until_left)

    asyncio.run(main())


def test_a_stream_without_its_last_event_is_an_error(server):
    async def main():
        connection = talking_to(server)
        question = {"body": {"prompt": "Why?", "model": {"url": server.url, "slug": "m"}, "sources": []}}
        events = connection.stream("chat.stream", question)
        first = asyncio.ensure_future(events.__anext__())
        request = await in_thread(server.request)
        request.begin_events('event: generation_start\ndata: {}\n\nevent: token\ndata: {"content": "Be"}\n\n')
        request.break_off()
        seen = [await first]
        with pytest.raises(ConnectionInterruptedError):
            async for event in events:
                seen.append(event)
        assert [event["type"] for event in seen] == ["generation_start", "token"]

    asyncio.run(main())


def test_one_client_serves_event_loops_after_and_beside_each_other(client):
    native = client._connection._native

    async def main():
        return await native.call_async("auth.me", "{}")

    assert asyncio.run(main()) == asyncio.run(main())
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: asyncio.run(main()), range(8)))
    assert len(set(answers)) == 1


def test_event_loops_that_watch_no_sockets_are_served_too(client):
    class Deaf(asyncio.SelectorEventLoop):
        def add_reader(self, fd, callback, *args):
            if isinstance(callback, (type(print), type(main))) or hasattr(callback, "__self__"):
                return super().add_reader(fd, callback, *args)
            raise NotImplementedError

    async def main():
        native = client._connection._native
        return await asyncio.gather(*(native.call_async("auth.me", "{}") for _ in range(8)))

    loop = Deaf()
    try:
        assert len(set(loop.run_until_complete(main()))) == 1
    finally:
        loop.close()


def test_work_is_waited_for_once(client):
    async def main():
        pending = client._connection._native.call_async("auth.me", "{}")
        await pending
        with pytest.raises(RuntimeError, match="waited for already"):
            await pending

    asyncio.run(main())


def test_outside_of_an_event_loop_nothing_begins(client):
    with pytest.raises(RuntimeError, match="event loop"):
        client._connection._native.call_async("auth.me", "{}")
