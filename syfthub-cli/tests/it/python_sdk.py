"""Drives syfthub-sdk 0.1.1 against a hub and prints what it saw as JSON.

usage: python_sdk.py HUB USERNAME PASSWORD MODEL SOURCE
"""

import json
import sys
from itertools import groupby

from syfthub_sdk import SyftHubClient
from syfthub_sdk.exceptions import SyftHubError

QUESTION = "When was the lighthouse of Varn built?"
hub, username, password, model, source = sys.argv[1:]
seen = {}


def path(endpoint):
    return f"{endpoint.owner_username}/{endpoint.slug}"


def failure(call):
    try:
        call()
    except SyftHubError as error:
        return type(error).__name__
    return None


def answer(text, result):
    return {
        "response": text,
        "sources": [entry.slug for entry in result.sources.values()],
        "retrieval": [[info.path, info.status.value] for info in result.retrieval_info],
    }


visitor = SyftHubClient(base_url=hub)
seen["registered"] = visitor.auth.register(
    username="visitor", email="visitor@example.org", password="a-Long-passw0rd", full_name="A Visitor"
).username
seen["wrong_password"] = failure(lambda: visitor.login(username="visitor", password="not-the-Passw0rd"))

client = SyftHubClient(base_url=hub)
seen["me"] = client.login(username=username, password=password).username
assert client.me().username == username

seen["browsed"] = [path(endpoint) for endpoint in client.hub.browse(page_size=1)]
seen["models"] = [path(endpoint) for endpoint in client.chat.get_available_models()]
seen["data_sources"] = [path(endpoint) for endpoint in client.chat.get_available_data_sources()]
seen["found"] = client.hub.get(source).type.value
seen["satellite_token_seconds"] = client.auth.get_satellite_token(username).expires_in

mine = f"{username}/sdk-notes"
made = client.my_endpoints.create(
    name="Notes", type="data_source", visibility="private", slug="sdk-notes", description="Made by a test.", tags=["b", "a"]
)
seen["created"] = [made.slug, made.name, made.visibility.value, sorted(made.tags)]
seen["listed_private"] = [endpoint.slug for endpoint in client.my_endpoints.list(visibility="private")]
changed = client.my_endpoints.update(mine, name="Better notes", visibility="public")
seen["updated"] = [changed.name, changed.visibility.value]
seen["read_again"] = client.my_endpoints.get(mine).name
client.my_endpoints.delete(mine)
seen["after_delete"] = failure(lambda: client.my_endpoints.get(mine))

complete = client.chat.complete(prompt=QUESTION, model=model, data_sources=[source], similarity_threshold=0.0)
seen["complete"] = answer(complete.response, complete)

events = list(client.chat.stream(prompt=QUESTION, model=model, data_sources=[source], similarity_threshold=0.0))
text = "".join(event.content for event in events if event.type == "token")
seen["stream"] = answer(text, events[-1])
seen["events"] = [kind for kind, _ in groupby(event.type for event in events)]

before = client.get_tokens().access_token
client.refresh()
seen["refreshed"] = client.get_tokens().access_token != before and client.me().username == username
client.logout()
seen["signed_out"] = not client.is_authenticated

json.dump(seen, sys.stdout)
