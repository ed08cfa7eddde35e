"""What happens while a question is answered, one event after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

from .models.billing import Billing
from .models.chat import ChatMetadata, CitedSpan, DocumentSource, SourceInfo, TokenUsage
from .models.chat import ChatResponse as _Answer


@dataclass(frozen=True)
class RetrievalStartEvent:
    """So many sources are being asked."""

    type: Literal["retrieval_start"] = "retrieval_start"
    source_count: int = 0


@dataclass(frozen=True)
class SourceCompleteEvent:
    """A source answered, or failed: `error_message` says why. It took `time_ms`, where that was told."""

    type: Literal["source_complete"] = "source_complete"
    path: str = ""
    status: str = ""
    documents_retrieved: int = 0
    time_ms: int | None = None
    error_message: str | None = None


@dataclass(frozen=True)
class RetrievalCompleteEvent:
    """Every source has answered or failed, after `time_ms`."""

    type: Literal["retrieval_complete"] = "retrieval_complete"
    total_documents: int = 0
    time_ms: int = 0


@dataclass(frozen=True)
class RerankingStartEvent:
    """The documents of all sources are being put in one order."""

    type: Literal["reranking_start"] = "reranking_start"
    documents: int = 0


@dataclass(frozen=True)
class RerankingCompleteEvent:
    """The documents are in order, after `time_ms`."""

    type: Literal["reranking_complete"] = "reranking_complete"
    documents: int = 0
    time_ms: int = 0


@dataclass(frozen=True)
class GenerationStartEvent:
    """The model is being asked."""

    type: Literal["generation_start"] = "generation_start"


@dataclass(frozen=True)
class GenerationHeartbeatEvent:
    """The model has written nothing for `elapsed_ms`, and is still at it."""

    type: Literal["generation_heartbeat"] = "generation_heartbeat"
    elapsed_ms: int = 0


@dataclass(frozen=True)
class TokenEvent:
    """The next text of the answer, to be appended."""

    type: Literal["token"] = "token"
    content: str = ""


@dataclass(frozen=True)
class DoneEvent:
    """The answer is complete: `response` is all of its text."""

    type: Literal["done"] = "done"
    sources: dict[str, DocumentSource] = field(default_factory=dict)
    retrieval_info: list[SourceInfo] = field(default_factory=list)
    metadata: ChatMetadata | None = None
    usage: TokenUsage | None = None
    billing: Billing | None = None
    response: str = ""
    citations: list[CitedSpan] = field(default_factory=list)
    annotated: str | None = None
    profit_share: dict[str, float] | None = None


@dataclass(frozen=True)
class ErrorEvent:
    """There is no answer. `billing` says what that cost, if anything."""

    type: Literal["error"] = "error"
    message: str = ""
    billing: Billing | None = None


ChatStreamEvent = Union[
    RetrievalStartEvent,
    SourceCompleteEvent,
    RetrievalCompleteEvent,
    RerankingStartEvent,
    RerankingCompleteEvent,
    GenerationStartEvent,
    GenerationHeartbeatEvent,
    TokenEvent,
    DoneEvent,
    ErrorEvent,
]

Raw = Mapping[str, Any]


def _source(raw: Raw) -> SourceCompleteEvent:
    return SourceCompleteEvent(
        path=raw["path"],
        status=raw["status"],
        documents_retrieved=raw["documents"],
        time_ms=raw.get("time_ms"),
        error_message=raw.get("error_message"),
    )


def _done(raw: Raw) -> DoneEvent:
    answer = _Answer._of(raw)
    return DoneEvent(
        sources=answer.sources,
        retrieval_info=answer.retrieval_info,
        metadata=answer.metadata,
        usage=answer.usage,
        billing=answer.billing,
        response=answer.response,
        citations=answer.citations,
        annotated=answer.annotated,
        profit_share=answer.profit_share,
    )


_EVENTS: dict[str, Callable[[Raw], ChatStreamEvent]] = {
    "token": lambda raw: TokenEvent(content=raw["content"]),
    "retrieval_start": lambda raw: RetrievalStartEvent(source_count=raw["sources"]),
    "source_complete": _source,
    "retrieval_complete": lambda raw: RetrievalCompleteEvent(
        total_documents=raw["total_documents"], time_ms=raw["time_ms"]
    ),
    "generation_start": lambda raw: GenerationStartEvent(),
    "done": _done,
}

# Programs that were written before there were these take them for failures.
_EXTRA: dict[str, Callable[[Raw], ChatStreamEvent]] = {
    "reranking_start": lambda raw: RerankingStartEvent(documents=raw["documents"]),
    "reranking_complete": lambda raw: RerankingCompleteEvent(documents=raw["documents"], time_ms=raw["time_ms"]),
    "generation_heartbeat": lambda raw: GenerationHeartbeatEvent(elapsed_ms=raw["elapsed_ms"]),
}


def event_of(raw: Raw, with_extra: bool) -> ChatStreamEvent | None:
    """The event that JSON stands for; None for one that was not asked for."""
    kind = raw["type"]
    read = _EVENTS.get(kind) or (_EXTRA.get(kind) if with_extra else None)
    return None if read is None else read(raw)
