"""Questions to an aggregator, with any published version of syfthub-sdk.

usage: aggregator.py HUB AGGREGATOR NODE

`bob` and `ada` have accounts at the hub. NODE has endpoints that are named after what they do; they count as ada's.
"""

import sys

from steps import PASSWORD, QUESTION, equal, method
from syfthub_sdk import SyftHubClient
from syfthub_sdk.exceptions import AggregatorError
from syfthub_sdk.models import EndpointRef

hub, aggregator, node = sys.argv[1:]
client = SyftHubClient(base_url=hub, aggregator_url=aggregator)
client.login(username="bob", password=PASSWORD)

ODD = 'a\u2028b\x85c\u2029d \U0001f600 "quoted" back\\slash\nnext é'
# What every version can read; some yield an error event for any other.
EVENTS = {"retrieval_start", "source_complete", "retrieval_complete", "generation_start", "token", "done", "error"}


def ref(slug, owner="ada", tenant=None):
    return EndpointRef(url=node, slug=slug, name=slug, owner_username=owner, tenant_name=tenant)


def asked(model, sources):
    sources = [source if isinstance(source, EndpointRef) else ref(source) for source in sources]
    return {"prompt": QUESTION, "model": ref(model), "data_sources": sources}


def complete(model, *sources):
    return client.chat.complete(**asked(model, sources))


def stream(model, *sources):
    events = list(client.chat.stream(**asked(model, sources)))
    assert {event.type for event in events} <= EVENTS, events
    equal([event.type for event in events if event.type in ("done", "error")], [events[-1].type])
    return events


def text_of(events):
    equal(events[-1].type, "done")
    return "".join(event.content for event in events if event.type == "token")


def reports(infos):
    return [(info.path, info.status.value, info.documents_retrieved) for info in infos]


def refusal(model):
    """What the model's failure is called, whole and streamed."""
    try:
        complete(model)
    except AggregatorError as error:
        whole = str(error)
    else:
        raise AssertionError("no AggregatorError")
    last = stream(model)[-1]
    equal(last.type, "error")
    assert last.message.startswith("Model generation failed: "), last
    return whole, last.message


@method("an answer with its source")
def _():
    answer = complete("model", "notes")
    equal(answer.response, "Granite, says the model.")
    equal([(title, source.slug) for title, source in answer.sources.items()], [("Granite", "ada/notes")])
    equal(reports(answer.retrieval_info), [("ada/notes", "success", 1)])
    equal(answer.usage.total_tokens, 7)
    assert answer.metadata.total_time_ms >= 0
    events = stream("model", "notes")
    equal(text_of(events), "Granite, says the model.")
    equal([event.type for event in events[:4]], ["retrieval_start", "source_complete", "retrieval_complete", "generation_start"])
    equal((events[0].source_count, events[1].path, events[2].total_documents), (1, "ada/notes", 1))
    equal(reports(events[-1].retrieval_info), [("ada/notes", "success", 1)])


@method("an answer without sources")
def _():
    equal(complete("model").response, "Granite, says the model.")
    events = stream("model")
    equal((events[0].source_count, text_of(events)), (0, "Granite, says the model."))


@method("a failing source")
def _():
    told = [("ada/broken", "error", 0), ("ada/empty", "success", 0), ("ada/notes", "success", 1)]
    answer = complete("model", "broken", "empty", "notes")
    equal((answer.response, reports(answer.retrieval_info)), ("Granite, says the model.", told))
    equal(answer.retrieval_info[0].error_message, "HTTP 500: out of order")
    events = stream("model", "broken", "empty", "notes")
    equal((text_of(events), sorted(reports(events[-1].retrieval_info))), ("Granite, says the model.", told))


@method("a source that refuses")
def _():
    info = complete("model", "denied").retrieval_info[0]
    assert info.status.value in ("error", "access_denied"), info
    equal(info.error_message, "Access denied: members only")
    assert stream("model", "denied")[-1].retrieval_info[0].status == info.status


@method("a source that takes too long")
def _():
    equal(reports(complete("model", "hangs").retrieval_info), [("ada/hangs", "timeout", 0)])
    equal(reports(stream("model", "hangs")[-1].retrieval_info), [("ada/hangs", "timeout", 0)])


@method("a model that refuses")
def _():
    for told in refusal("denied"):
        assert "Model access denied: members only" in told, told


@method("a model that answers no JSON")
def _():
    for told in refusal("garbage"):
        assert "JSON" in told, told


@method("a model that says nothing")
def _():
    equal(complete("null").response, "")
    equal(text_of(stream("null")), "")


@method("text with every kind of line end")
def _():
    answer = complete("odd", "odd-notes")
    equal((answer.response, answer.sources["Odd"].content), (ODD, ODD))
    events = stream("odd", "odd-notes")
    equal((text_of(events), events[-1].sources["Odd"].content), (ODD, ODD))


@method("a model that takes its time")
def _():
    equal(text_of(stream("slow", "notes")), "Granite, in the end.")


@method("tenants and owners")
def _():
    answer = complete("model", ref("of-tenant", tenant="acme"), ref("of-nobody", owner=None))
    equal([info.path for info in answer.retrieval_info], ["ada/of-tenant", "of-nobody"])
