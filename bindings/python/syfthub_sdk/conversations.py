"""What a conversation with an agent begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .exceptions import SyftHubError

AgentSessionState = Literal["idle", "connecting", "running", "awaiting_input", "completed", "failed", "cancelled"]


class AgentSessionError(SyftHubError):
    """A conversation could not be begun, or broke; `code` is the reason as a word for programs."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class AgentConfig:
    """How an agent is to write: `max_tokens` at most, with a `temperature` from 0 to 2."""

    max_tokens: int | None = None
    temperature: float | None = None
    system_prompt: str | None = None
    metadata: dict[str, Any] | None = None


@dataclass
class AgentHistoryMessage:
    """A turn before the conversation; `role` is `user` or `assistant`."""

    role: str
    content: str


@dataclass
class AgentSessionOptions:
    """What a conversation begins with: the first words, and the endpoint, `owner/slug`, that they are said to."""

    prompt: str
    endpoint: str
    config: AgentConfig | None = None
    messages: list[AgentHistoryMessage] | None = None
    aggregator_url: str | None = None
