"""Questions that cost something, with syfthub-sdk 0.1.1 or 0.3.1.

usage: paid_flow.py HUB

At the hub, `ada` has published the data source `notes` for 0.25 and the model `words` for 0.5; `bob` can pay, and `eve`
has 0.1.
"""

import sys

from steps import PASSWORD, equal, method
from syfthub_sdk import SyftHubClient

(hub,) = sys.argv[1:]
QUESTION = "Which permit covers night work?"
ASK = {"prompt": QUESTION, "model": "ada/words", "data_sources": ["ada/notes"]}
COST = 0.75


def signed_in(name):
    client = SyftHubClient(base_url=hub)
    client.login(username=name, password=PASSWORD)
    return client


def balance(client):
    return round(client.accounting.get_user().balance, 6)


bob = signed_in("bob")


@method("a whole answer is paid for")
def _():
    before = balance(bob)
    answer = bob.chat.complete(**ASK)
    assert "N-4" in answer.response, answer
    equal(balance(bob), round(before - COST, 6))
    bob.bill = getattr(answer, "billing", None)


@method("a streamed answer is paid for")
def _():
    before = balance(bob)
    events = list(bob.chat.stream(**ASK))
    assert "N-4" in "".join(event.content for event in events if event.type == "token")
    equal([event.type for event in events if event.type in ("done", "error")], ["done"])
    equal(balance(bob), round(before - COST, 6))


@method("the bill is shown to whoever reads bills")
def _():
    # Version 0.1 knows no bills.
    if bob.bill is not None:
        equal(bob.bill.total_cost, COST)
        equal([entry.status for entry in bob.bill.entries if entry.amount], ["charged", "charged"])


@method("who cannot pay hears so and keeps what they have")
def _():
    eve = signed_in("eve")
    try:
        answer = eve.chat.complete(**ASK)
    except Exception as refused:
        assert "0.5" in str(refused) or "402" in str(refused), refused
    else:
        raise AssertionError(f"answered: {answer}")
    equal(balance(eve), 0.1)
