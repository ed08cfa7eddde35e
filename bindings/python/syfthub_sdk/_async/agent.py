"""Conversations with agents."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..conversations import AgentSessionError, AgentSessionOptions, AgentSessionState
from ..exceptions import APIError
from .resource import AsyncResource

if TYPE_CHECKING:
    from .._native import Stream
    from .connection import AsyncConnection

_STATES: dict[str, AgentSessionState] = {
    "agent.request_input": "awaiting_input",
    "session.completed": "completed",
    "session.failed": "failed",
}


class AsyncAgentSessionClient(AsyncResource):
    """A conversation that goes on; from `client.agent.start_session`."""

    def __init__(self, connection: AsyncConnection, name: str, frames: Stream, session_id: str) -> None:
        super().__init__(connection)
        self.session_id = session_id
        self._name = name
        self._frames = frames
        self._state: AgentSessionState = "running"

    @property
    def state(self) -> AgentSessionState:
        """Whose turn it is, or how the conversation ended, as far as `events` was read."""
        return self._state

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What the agent says and does, each with its `type` and `payload`, until the conversation is over.

        >>> async for event in session.events():
        ...     if event["type"] == "agent.message":
        ...         print(event["payload"]["content"])
        """
        async for text in self._frames:
            event: dict[str, Any] = json.loads(text)
            if self._state not in ("cancelled", "completed", "failed"):
                self._state = _STATES.get(event["type"], "running")
            yield event

    async def send_message(self, content: str) -> None:
        """Says something, when it is the caller's turn.

        >>> await session.send_message("And in winter?")
        """
        self._state = "running"
        await self._call("agent.say", conversation=self._name, text=content)

    async def confirm(self, tool_call_id: str) -> None:
        """Lets the agent use the tool that it asked for.

        >>> await session.confirm(event["payload"]["tool_call_id"])
        """
        await self._call("agent.confirm", conversation=self._name, tool_call_id=tool_call_id)

    async def deny(self, tool_call_id: str, reason: str | None = None) -> None:
        """Does not let the agent use the tool that it asked for.

        >>> await session.deny(event["payload"]["tool_call_id"], "too expensive")
        """
        await self._call("agent.deny", conversation=self._name, tool_call_id=tool_call_id, reason=reason)

    async def cancel(self) -> None:
        """Wants nothing more of what the agent is at.

        >>> await session.cancel()
        """
        self._state = "cancelled"
        await self._call("agent.cancel", conversation=self._name)

    async def finish(self) -> None:
        """Ends the conversation; its last event says that it is over.

        >>> await session.finish()
        """
        await self._call("agent.close", conversation=self._name)

    def close(self) -> None:
        """Leaves the conversation at once: what the agent is at is cancelled."""
        self._frames.close()

    async def _send(self, msg: Mapping[str, Any]) -> None:
        """Sends a frame, as programs for the published package do."""
        payload = msg.get("payload") or {}
        kind = msg["type"]
        if kind == "user.message":
            await self.send_message(payload["content"])
        elif kind == "user.confirm":
            await self.confirm(payload["tool_call_id"])
        elif kind == "user.deny":
            await self.deny(payload["tool_call_id"], payload.get("reason"))
        elif kind == "user.cancel":
            await self.cancel()
        elif kind == "session.close":
            await self.finish()
        else:
            raise ValueError(f"a conversation has no frame `{kind}`")


class AsyncAgentResource(AsyncResource):
    """Conversations with agents; `client.agent`."""

    async def start_session(self, options: AgentSessionOptions) -> AsyncAgentSessionClient:
        """Begins a conversation, in the name of the signed-in user or as a guest.

        Raises `AgentSessionError` when the agent does not want to talk, with the reason as its `code`.

        >>> options = AgentSessionOptions(prompt="What grows near the river?", endpoint="alice/botanist")
        >>> session = await client.agent.start_session(options)
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
            first = json.loads(await frames.__anext__())
        except StopAsyncIteration:
            raise AgentSessionError("the conversation was over before it began") from None
        except APIError as refused:
            raise AgentSessionError(refused.message, refused.code) from refused
        return AsyncAgentSessionClient(self._connection, name, frames, first["payload"].get("session_id", ""))
