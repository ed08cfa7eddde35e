"""`client.chat` and the events of its streams, by the address at which programs know them."""

from __future__ import annotations

from ._sync.chat import ChatResource
from .events import (
    ChatStreamEvent,
    DoneEvent,
    ErrorEvent,
    GenerationHeartbeatEvent,
    GenerationStartEvent,
    RerankingCompleteEvent,
    RerankingStartEvent,
    RetrievalCompleteEvent,
    RetrievalStartEvent,
    SourceCompleteEvent,
    TokenEvent,
)

__all__ = [
    "ChatResource",
    "ChatStreamEvent",
    "DoneEvent",
    "ErrorEvent",
    "GenerationHeartbeatEvent",
    "GenerationStartEvent",
    "RerankingCompleteEvent",
    "RerankingStartEvent",
    "RetrievalCompleteEvent",
    "RetrievalStartEvent",
    "SourceCompleteEvent",
    "TokenEvent",
]
