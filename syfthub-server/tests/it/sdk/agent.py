"""A conversation with an endpoint, with syfthub-sdk 0.3.1.

usage: agent.py HUB

At the hub, `ada` has published the model `oracle`, which says how much it was told; `bob` talks to it.
"""

import sys

from steps import PASSWORD, equal, method, refuses
from syfthub_sdk import SyftHubClient
from syfthub_sdk.agent import AgentConfig, AgentHistoryMessage, AgentSessionError, AgentSessionOptions

(hub,) = sys.argv[1:]
client = SyftHubClient(base_url=hub)
client.login(username="bob", password=PASSWORD)


def until(events, kind):
    """Every event up to the first of this kind."""
    seen = []
    for event in events:
        seen.append(event)
        if event["type"] == kind:
            return seen
    raise AssertionError(f"no {kind} in {seen}")


@method("agent.start_session and its events")
def _():
    config = AgentConfig(max_tokens=9, temperature=0.1, system_prompt="Be brief.")
    earlier = [AgentHistoryMessage(role="user", content="Hello")]
    options = AgentSessionOptions(prompt="One", endpoint="ada/oracle", config=config, messages=earlier)
    session = client.agent.start_session(options)
    assert session.session_id
    events = session.events()
    first = until(events, "agent.request_input")
    said = "".join(event["payload"]["token"] for event in first if event["type"] == "agent.token")
    equal(said, "3 turns, the last: One")
    message = [event for event in first if event["type"] == "agent.message"]
    equal([event["payload"]["content"] for event in message], [said])
    equal(session.state, "awaiting_input")
    session.send_message("Two")
    message = [event for event in until(events, "agent.request_input") if event["type"] == "agent.message"]
    equal([event["payload"]["content"] for event in message], ["5 turns, the last: Two"])
    session._send({"type": "session.close"})
    until(events, "session.completed")
    equal(session.state, "completed")
    session.close()


@method("agent.cancel")
def _():
    session = client.agent.start_session(AgentSessionOptions(prompt="One", endpoint="ada/slow"))
    events = session.events()
    until(events, "agent.token")
    session.cancel()
    until(events, "session.failed")


@method("agent.start_session with nobody")
def _():
    options = AgentSessionOptions(prompt="One", endpoint="ada/nobody")
    equal(refuses(AgentSessionError, lambda: client.agent.start_session(options)).code, "INVALID_PAYLOAD")
