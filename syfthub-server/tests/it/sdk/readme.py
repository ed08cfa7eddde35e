"""The Python example of the first README, word for word but for the hub's address; and its form for asyncio.

usage: readme.py HUB
"""

import asyncio
import sys

from steps import equal, method
from syfthub_sdk import AsyncSyftHubClient, SyftHubClient

(hub,) = sys.argv[1:]

EXAMPLE = """
from syfthub_sdk import SyftHubClient

client = SyftHubClient(base_url="https://hub.syft.com")

# Authentication
client.auth.login(email="alice@example.com", password="secret123")

# Browse public endpoints
for endpoint in client.hub.browse():
    print(f"{endpoint.name}: {endpoint.description}")

# Get trending endpoints
trending = client.hub.trending(min_stars=5)

# Create an endpoint
endpoint = client.my_endpoints.create({
    "name": "My ML Model",
    "type": "model",
    "visibility": "public",
    "description": "A powerful classification model"
})

# Star an endpoint
client.hub.star("alice/awesome-model")
"""

alice = SyftHubClient(base_url=hub)
alice.register(username="alice", email="alice@example.com", password="secret123", full_name="Alice")
alice.my_endpoints.create(name="Awesome model", type="model")


@method("the example")
def _():
    said = []
    names = {"print": said.append}
    exec(EXAMPLE.replace("https://hub.syft.com", hub), names)
    equal(said, ["Awesome model: "])
    equal(list(names["trending"]), [])
    equal((names["endpoint"].slug, names["endpoint"].description), ("my-ml-model", "A powerful classification model"))
    equal(alice.hub.get("alice/awesome-model").stars_count, 1)


@method("the example for asyncio")
def _():
    async def example():
        async with AsyncSyftHubClient(base_url=hub) as client:
            await client.auth.login(email="alice@example.com", password="secret123")
            named = [endpoint.name async for endpoint in client.hub.browse()]
            starred = await client.hub.is_starred("alice/awesome-model")
            return sorted(named), starred, [e.slug for e in await client.hub.trending(min_stars=1).all()]

    equal(asyncio.run(example()), (["Awesome model", "My ML Model"], True, ["awesome-model"]))
