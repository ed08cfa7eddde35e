"""Questions as they are sent, and answers as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Union

from .models.billing import BillingEntry, PolicyMetadata
from .models.chat import (
    ChatResponse,
    DataSourceQueryResult,
    Document,
    Message,
    SearchDocument,
    SearchResponse,
)
from .models.endpoints import EndpointPublic, EndpointRef

# What is asked: `owner/slug`, an endpoint of the hub, or the address of one.
Asked = Union[str, EndpointRef, EndpointPublic]


def asked(endpoint: Asked) -> dict[str, Any]:
    """The endpoint as a question names it."""
    if isinstance(endpoint, str):
        return {"path": endpoint}
    if isinstance(endpoint, EndpointPublic):
        return {"path": endpoint.path}
    if not isinstance(endpoint, EndpointRef):
        raise TypeError(f"an endpoint is `owner/slug`, EndpointPublic or EndpointRef, not {type(endpoint).__name__}")
    said = endpoint.model_dump(exclude_none=True)
    override = said.pop("query_override", None)
    return said if override is None else {**said, "query": override}


def turns(messages: Iterable[Message | Mapping[str, str]]) -> list[dict[str, str]]:
    """The turns of a conversation, oldest first."""
    return [dict(turn) for turn in messages]


def question(
    prompt: str,
    model: Asked | None,
    data_sources: Iterable[Asked] | None,
    *,
    messages: Iterable[Message | Mapping[str, str]] | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """The question as it is sent; what is None is left to its default."""
    body: dict[str, Any] = {"prompt": prompt, "sources": [asked(source) for source in data_sources or ()]}
    if model is not None:
        body["model"] = asked(model)
    if messages is not None:
        body["messages"] = turns(messages)
    body.update((name, value) for name, value in settings.items() if value is not None)
    return body


def search_answer(raw: dict[str, Any]) -> SearchResponse:
    """What data sources found, out of an answer without a text."""
    answer = ChatResponse._of(raw)
    documents = [
        SearchDocument(title=title, slug=source.slug, content=source.content, score=source.score)
        for title, source in answer.sources.items()
    ]
    return SearchResponse(
        documents=documents, retrieval_info=answer.retrieval_info, metadata=answer.metadata, billing=answer.billing
    )


def query_answer(raw: dict[str, Any]) -> DataSourceQueryResult:
    """What one data source found, and what its policies did."""
    documents = [Document._of(document) for document in raw["documents"]]
    entries = [BillingEntry._of(entry) for entry in raw["entries"]]
    told = PolicyMetadata(outcome="success", entries=entries) if entries else None
    return DataSourceQueryResult(documents, told)
