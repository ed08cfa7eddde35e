"""What the benchmark asks of a Python package `syfthub_sdk`: the published one and ours run these same lines.

usage: measure.py TASK SETTING

SETTING is a JSON object: `hub` (its address), `username`, `password`, `paths` (endpoints `owner/slug` to get), `model` and
`sources` (what is asked in a chat), `count` (how often). One JSON object is printed: `seconds` of the work, how many `items`
it gave, and what a task says beyond that.
"""

import asyncio
import json
import resource
import sys
import threading
import time

TASK, SETTING = sys.argv[1], json.loads(sys.argv[2])


def signed_in():
    """A client whose connection is open."""
    from syfthub_sdk import SyftHubClient

    client = SyftHubClient(base_url=SETTING["hub"])
    client.auth.login(username=SETTING["username"], password=SETTING["password"])
    return client


def timed(work):
    begun = time.perf_counter()
    items = work()
    return {"seconds": time.perf_counter() - begun, "items": items}


def memory():
    """The most memory that this process had in use so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def importing():
    def work():
        from syfthub_sdk import SyftHubClient

        return int(callable(SyftHubClient))

    return timed(work)


def browse():
    client = signed_in()

    def work():
        count = 0
        for endpoint in client.hub.browse(**SETTING.get("browse", {})):
            count += bool(endpoint.name and endpoint.description is not None)
        return count

    return timed(work)


def hold():
    """All public endpoints at once, and the memory that takes."""
    client = signed_in()
    before = memory()
    held = list(client.hub.browse())
    return {"seconds": 0, "items": len(held), "before": before, "memory": memory()}


def get():
    client, paths = signed_in(), SETTING["paths"]
    client.hub.get(paths[0])
    times = []

    def work():
        for n in range(SETTING["count"]):
            begun = time.perf_counter()
            endpoint = client.hub.get(paths[n % len(paths)])
            assert endpoint.slug
            times.append(time.perf_counter() - begun)
        return len(times)

    return {**timed(work), "middle": sorted(times)[len(times) // 2]}


def get_async():
    """The same with the asyncio client, which only ours has."""
    from syfthub_sdk import AsyncSyftHubClient

    async def work():
        client, paths = AsyncSyftHubClient(base_url=SETTING["hub"]), SETTING["paths"]
        await client.auth.login(username=SETTING["username"], password=SETTING["password"])
        await client.hub.get(paths[0])
        times = []
        for n in range(SETTING["count"]):
            begun = time.perf_counter()
            endpoint = await client.hub.get(paths[n % len(paths)])
            assert endpoint.slug
            times.append(time.perf_counter() - begun)
        return {"seconds": sum(times), "items": len(times), "middle": sorted(times)[len(times) // 2]}

    return asyncio.run(work())


def tokens_of(events):
    return sum(event.type == "token" for event in events)


def asked(client):
    return client.chat.stream("What is known?", model=SETTING["model"], data_sources=SETTING["sources"])


def streams():
    """As many streams at a time as there are threads."""
    client = signed_in()
    tokens_of(asked(client))
    counts = []

    def work():
        threads = [
            threading.Thread(target=lambda: counts.append(tokens_of(asked(client)))) for _ in range(SETTING["count"])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts)

    return timed(work)


def streams_async():
    """The same on one thread, which only ours can do."""
    from syfthub_sdk import AsyncSyftHubClient

    async def one(client):
        return sum([event.type == "token" async for event in asked(client)])

    async def work():
        client = AsyncSyftHubClient(base_url=SETTING["hub"])
        await client.auth.login(username=SETTING["username"], password=SETTING["password"])
        await one(client)
        begun = time.perf_counter()
        counts = await asyncio.gather(*(one(client) for _ in range(SETTING["count"])))
        return {"seconds": time.perf_counter() - begun, "items": sum(counts)}

    return asyncio.run(work())


TASKS = {
    "import": importing,
    "browse": browse,
    "hold": hold,
    "get": get,
    "get-async": get_async,
    "streams": streams,
    "streams-async": streams_async,
}
print(json.dumps(TASKS[TASK]()))
