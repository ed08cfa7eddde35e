"""Conversations with agents."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..conversations import AgentSessionError, AgentSessionOptions, AgentSessionState
from ..exceptions import APIError
from .resource import Resource

if TYPE_CHECKING:
    from .._native import Stream
    from .connection import Connection

_STATES: dict[str, AgentSessionState] = {
    "agent.request_input": "awaiting_input",
    "session.completed": "completed",
    "session.failed": "failed",
}


class AgentSessionClient(Resource):
    """A conversation that goes on; from `client.agent.start_session`."""

    def __init__(self, connection: Connection, name: str, frames: Stream, session_id: str) -> None:
        super().__init__(connection)
        self.session_id = session_id
        self._name = name
        self._frames = frames
        self._state: AgentSessionState = "running"

    @property
    def state(self) -> AgentSessionState:
        """Whose turn it is, or how the conversation ended, as far as `events` was read."""
        return self._state

    def events(self) -> Iterator[dict[str, Any]]:
        """What the agent says and does, each with its `type` and `payload`, until the conversation is over.

        >>> for event in session.events():
        ...     if event["type"] == "agent.message":
        ...         print(event["payload"]["content"])
        """
        for text in self._frames:
            event: dict[str, Any] = json.loads(text)
            if self._state not in ("cancelled", "completed", "failed"):
                self._state = _STATES.get(event["type"], "running")
            yield event

    def send_message(self, content: str) -> None:
        """Says something, when it is the caller's turn.

        >>> session.send_message("And in winter?")
        """
        self._state = "running"
        self._call("agent.say", conversation=self._name, text=content)

    def confirm(self, tool_call_id: str) -> None:
        """Lets the agent use the tool that it asked for.

        >>> session.confirm(event["payload"]["tool_call_id"])
        """
        self._call("agent.confirm", conversation=self._name, tool_call_id=tool_call_id)

    def deny(self, tool_call_id: str, reason: str | None = None) -> None:
        """Does not let the agent use the tool that it asked for.

        >>> session.deny(event["payload"]["tool_call_id"], "too expensive")
        """
        self._call("agent.deny", conversation=self._name, tool_call_id=tool_call_id, reason=reason)

    def cancel(self) -> None:
        """Wants nothing more of what the agent is at.

        >>> session.cancel()
        """
        self._state = "cancelled"
        self._call("agent.cancel", conversation=self._name)

    def finish(self) -> None:
        """Ends the conversation; its last event says that it is over.

        >>> session.finish()
        """
        self._call("agent.close", conversation=self._name)

    def close(self) -> None:
        """Leaves the conversation at once: what the agent is at is cancelled."""
        self._frames.close()

    def _send(self, msg: Mapping[str, Any]) -> None:
        """Sends a frame, as programs for the published package do."""
        payload = msg.get("payload") or {}
        kind = msg["type"]
        if kind == "user.message":
            self.send_message(payload["content"])
        elif kind == "user.confirm":
            self.confirm(payload["tool_call_id"])
        elif kind == "user.deny":
            self.deny(payload["tool_call_id"], payload.get("reason"))
        elif kind == "user.cancel":
            self.cancel()
        elif kind == "session.close":
            self.finish()
        else:
            raise ValueError(f"a conversation has no frame `{kind}`")


class AgentResource(Resource):
    """Conversations with agents; `client.agent`."""

    def start_session(self, options: AgentSessionOptions) -> AgentSessionClient:
        """Begins a conversation, in the name of the signed-in user or as a guest.

        Raises `AgentSessionError` when the agent does not want to talk, with the reason as its `code`.

        >>> options = AgentSessionOptions(prompt="What grows near the river?", endpoint="alice/botanist")
        >>> session = client.agent.start_session(options)
        """
        name = os.urandom(16).hex()
        config = {} if options.config is None else asdict(options.config)
        turns = None if options.messages is None else [asdict(turn) for turn in options.messages]
        body: dict[str, Any] = {
            "prompt": options.prompt,
            "endpoint": options.endpoint,
            "aggregator_url": options.aggregator_url,
        }
        body.update(config, messages=turns)
        frames = self._connection.open("agent.open", {"conversation": name, "body": body})
        try:
            first = json.loads(frames.__next__())
        except StopIteration:
            raise AgentSessionError("the conversation was over before it began") from None
        except APIError as refused:
            raise AgentSessionError(refused.message, refused.code) from refused
        return AgentSessionClient(self._connection, name, frames, first["payload"].get("session_id", ""))
