"""Questions to an endpoint of a space, and their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from ..base import Model


class QuestionSettings(TypedDict, total=False):
    """How a question is answered, where that is to differ from what is usual."""

    limit: int
    """The most documents, at least 1; 5 unless given. The space may give fewer."""
    similarity_threshold: float
    """The least score of a document, 0 to 1; any score counts unless given."""
    include_metadata: bool
    """Whether documents carry their metadata; they do unless given."""
    max_tokens: int
    """The most tokens of the model's answer, at least 1; 1024 unless given. The space may allow fewer."""
    temperature: float
    """0 to 2; 0.7 unless given."""
    stop_sequences: Sequence[str]
    """Texts at which the model stops."""
    presence_penalty: float
    """-2 to 2; 0 unless given."""
    frequency_penalty: float
    """-2 to 2; 0 unless given."""
    transaction_token: str
    """The caller's accounting token, for endpoints that charge."""
    filters: Mapping[str, Any]
    """What the documents have to be: a condition on a property of theirs, or a group of conditions."""


class Turn(Model):
    """One turn of a conversation, by `system`, `user` or `assistant`."""

    role: str
    content: str


class FoundDocument(Model):
    """A passage that was found. What a score between 0 and 1 means is the dataset type's to say."""

    document_id: str = ""
    content: str
    metadata: dict[str, Any]
    similarity_score: float


class ProviderInfo(Model):
    """How a part of the answer came to be, and in how many milliseconds."""

    api_version: str | None = None
    response_time_ms: int | None = None
    search_engine: str | None = None


class References(Model):
    """What was found, best first, and what that cost."""

    documents: list[FoundDocument]
    provider_info: ProviderInfo
    cost: float = 0.0


class SummaryMessage(Model):
    """The answer as a turn, with its length in tokens."""

    role: str
    content: str
    tokens: int = 0


class Usage(Model):
    """The tokens that a model counted."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Summary(Model):
    """What the model said, why it ended there, and what that cost."""

    id: str
    model: str
    message: SummaryMessage
    finish_reason: str
    usage: Usage | None = None
    logprobs: Any = None
    cost: float = 0.0
    provider_info: ProviderInfo


class PolicyTransaction(Model):
    """A transaction at a service for money."""

    rail: str
    id: str


class PolicyEntry(Model):
    """What one policy did with a question."""

    policy_type: str
    kind: str
    status: str
    amount: float | None = None
    currency: str | None = None
    transaction: PolicyTransaction | None = None
    reason_code: str | None = None
    reason: str | None = None
    details: dict[str, Any]


class PolicyOutcome(Model):
    """What the endpoint's policies did, each that had a say."""

    outcome: str
    entries: list[PolicyEntry]


class QueryAnswer(Model):
    """The answer to a question: what the model said, what was found, and what it cost."""

    summary: Summary | None = None
    references: References | None = None
    documents: list[dict[str, Any]] | None = None
    message: Turn | None = None
    cost: float | None = None
    policy_metadata: PolicyOutcome | None = None

    @property
    def text(self) -> str:
        """What the model said; empty when no model answers."""
        return self.summary.message.content if self.summary is not None else ""


class AnswerToken(Model):
    """The next text of an answer that is being written."""

    event: str = "token"
    content: str


class AnswerDone(Model):
    """The end of an answer that was written, with the whole of it."""

    event: str = "done"
    answer: QueryAnswer
