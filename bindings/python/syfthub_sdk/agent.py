"""`client.agent` and what its conversations begin with, by the address at which programs know them."""

from __future__ import annotations

from ._sync.agent import AgentResource, AgentSessionClient
from .conversations import (
    AgentConfig,
    AgentHistoryMessage,
    AgentSessionError,
    AgentSessionOptions,
    AgentSessionState,
)

__all__ = [
    "AgentConfig",
    "AgentHistoryMessage",
    "AgentResource",
    "AgentSessionClient",
    "AgentSessionError",
    "AgentSessionOptions",
    "AgentSessionState",
]
