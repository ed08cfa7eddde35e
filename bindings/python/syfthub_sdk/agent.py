"""What a conversation with an agent begins with, by the address at which programs know it."""

from __future__ import annotations

from .conversations import (
    AgentConfig,
    AgentHistoryMessage,
    AgentSessionError,
    AgentSessionOptions,
    AgentSessionState,
)

__all__ = ["AgentConfig", "AgentHistoryMessage", "AgentSessionError", "AgentSessionOptions", "AgentSessionState"]
