"""Questions to a real space through its hub, with syfthub-sdk 0.1.1 or 0.3.1.

usage: space_flow.py HUB

At the hub, `ada` has published the data source `notes` and the model `words` from a space behind a tunnel; `bob` asks.
"""

import inspect
import sys

from steps import PASSWORD, equal, method
from syfthub_sdk import SyftHubClient
from syfthub_sdk.models import EndpointRef

(hub,) = sys.argv[1:]
client = SyftHubClient(base_url=hub)
client.login(username="bob", password=PASSWORD)
QUESTION = "Which permit covers night work?"
ASK = {"prompt": QUESTION, "model": "ada/words", "data_sources": ["ada/notes"]}


@method("the endpoints are found")
def _():
    assert "notes" in [endpoint.slug for endpoint in client.chat.get_available_data_sources()]
    assert "words" in [endpoint.slug for endpoint in client.chat.get_available_models()]


@method("a whole answer with its source")
def _():
    answer = client.chat.complete(**ASK)
    assert "N-4" in answer.response, answer
    equal([source.slug for source in answer.sources.values()], ["ada/notes"])


@method("a streamed answer")
def _():
    events = list(client.chat.stream(**ASK))
    assert "N-4" in "".join(event.content for event in events if event.type == "token")
    equal((events[0].type, events[-1].type), ("retrieval_start", "done"))


@method("the space itself, at the address that the hub gives")
def _():
    url = client.hub.get("ada/notes").connect[0].config["url"]
    assert url.startswith(hub), url
    notes = EndpointRef(url=url, slug="notes", name="Notes", owner_username="ada")
    if "authorization_token" not in inspect.signature(client.syftai.query_data_source).parameters:
        # Version 0.1 knows no satellite tokens: the space tells nothing to somebody it does not know.
        try:
            client.syftai.query_data_source(notes, QUESTION, "bob@example.org")
        except Exception as refused:
            assert "401" in str(refused) or "token" in str(refused), refused
            return
        raise AssertionError("a stranger was answered")
    found = client.syftai.query_data_source(notes, QUESTION, "bob@example.org")
    documents = getattr(found, "documents", found)
    assert "N-4" in documents[0].content, found
