"""For those who offer something: a model registered at the hub, found under its address, changed, and withdrawn.

    make dev        # in another terminal: it prints the hub's address, a user name and the password to use
    pip install syfthub-sdk
    python publish_model.py http://127.0.0.1:8080 alice

The password is one line of standard input.
"""

import sys

from syfthub_sdk import SyftHubClient
from syfthub_sdk.exceptions import NotFoundError

hub, username = sys.argv[1:]
client = SyftHubClient(base_url=hub)
client.auth.login(username=username, password=input())

model = client.my_endpoints.create(
    name="Haiku",
    type="model",
    description="Answers in seventeen syllables.",
    readme="# Haiku\n\nAsk about the weather.",
    tags=["poetry"],
    # At the top of the user's domain: that is where the hub says the user's space is.
    connect=[{"type": "http", "config": {"url": ""}}],
)
path = f"{username}/{model.slug}"
print(f"published {path}: {client.hub.get(path).description}")

changed = client.my_endpoints.update(path, description="Answers in seventeen syllables, mostly.")
print(f"changed {path}: {changed.description}")

client.my_endpoints.delete(path)
try:
    client.hub.get(path)
except NotFoundError:
    print(f"withdrew {path}: nobody finds it")
