"""Questions, answers and the documents behind them."""

from __future__ import annotations

import builtins
from typing import Any

from .base import Model
from .billing import Billing, PolicyMetadata
from .kinds import SourceStatus


class Message(Model):
    """One turn of a conversation; `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


class Document(Model):
    """A document that a data source found. `score` is from 0 to 1, where 1 fits best."""

    content: str
    score: float = 0.0
    metadata: dict[str, Any] = {}
    document_id: str = ""


class DocumentSource(Model):
    """A document behind an answer. `slug` is the path of the endpoint it came from."""

    slug: str
    content: str
    document: str | None = None
    score: float | None = None


class SourceInfo(Model):
    """How one data source did; `error_message` says why it failed."""

    path: str
    documents_retrieved: int
    status: SourceStatus
    error_message: str | None = None


class ChatMetadata(Model):
    """How long the phases of an answer took, in milliseconds."""

    retrieval_time_ms: int = 0
    generation_time_ms: int = 0
    total_time_ms: int = 0


class TokenUsage(Model):
    """What the model counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Span(Model):
    """A stretch of text in Unicode code points: its first character, and one past its last."""

    start: int
    end: int


class CitedSpan(Model):
    """One claim of an answer and a document it rests on: the `document`th of the sources, from 1."""

    start: int
    end: int
    document: int
    title: str
    source: str
    path: str | None = None
    support: Span | None = None


class ChatResponse(Model):
    """An answer, the documents behind it by their titles, and how it came about."""

    response: str
    sources: dict[str, DocumentSource] = {}
    retrieval_info: list[SourceInfo] = []
    metadata: ChatMetadata = ChatMetadata()
    usage: TokenUsage | None = None
    billing: Billing | None = None
    citations: list[CitedSpan] = []
    annotated: str | None = None
    profit_share: dict[str, float] | None = None


class SearchDocument(Model):
    """A document that was found; `slug` is the path of the endpoint it came from."""

    title: str
    slug: str
    content: str
    score: float | None = None


class SearchResponse(Model):
    """What data sources found, without an answer."""

    documents: list[SearchDocument] = []
    retrieval_info: list[SourceInfo] = []
    metadata: ChatMetadata = ChatMetadata()
    billing: Billing | None = None


class DataSourceQueryResult(builtins.list[Document]):
    """What one data source found, best first: a list, and as `documents` once more for programs that look there."""

    policy_metadata: PolicyMetadata | None

    def __init__(
        self, documents: builtins.list[Document] | None = None, policy_metadata: PolicyMetadata | None = None
    ) -> None:
        super().__init__(documents or [])
        self.policy_metadata = policy_metadata

    @property
    def documents(self) -> builtins.list[Document]:
        """The documents, best first."""
        return builtins.list(self)

    def model_dump(self, *, mode: str = "python", **options: Any) -> dict[str, Any]:
        """The documents and what the policies did, as plain values."""
        told = self.policy_metadata
        return {
            "documents": [document.model_dump(mode=mode, **options) for document in self],
            "policy_metadata": None if told is None else told.model_dump(mode=mode, **options),
        }
