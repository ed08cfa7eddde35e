"""Questions to models over data sources."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING

from ..events import ChatStreamEvent, ErrorEvent, event_of
from ..exceptions import AggregatorError, AuthorizationError, NetworkError
from ..models.chat import ChatResponse, SearchResponse
from ..models.endpoints import EndpointPublic
from ..models.kinds import EndpointType
from ..questions import Asked, question, search_answer
from .resource import AsyncResource

if TYPE_CHECKING:
    from ..models.chat import Message


class AsyncChatResource(AsyncResource):
    """Questions to models over data sources; `client.chat`.

    Models and sources are named by `owner/slug`, by an `EndpointPublic` of the hub, or by an `EndpointRef` with the
    address of a space that the hub need not know.
    """

    async def complete(
        self,
        prompt: str,
        model: Asked,
        data_sources: Iterable[Asked] | None = None,
        *,
        top_k: int = 5,
        max_tokens: int = 1024,
        temperature: float = 0.7,
        similarity_threshold: float = 0.5,
        aggregator_url: str | None = None,
        messages: Iterable[Mapping[str, str] | Message] | None = None,
        guest_mode: bool = False,
        system_prompt: str | None = None,
        on_denied: str | None = None,
        direct: bool = False,
        timeout: float | None = None,
    ) -> ChatResponse:
        """Asks, and waits for the complete answer.

        Each source gives `top_k` documents at most, 1 to 20, with a score of `similarity_threshold` at least, 0 to 1. The
        answer has `max_tokens` at most; `temperature` goes from 0, always the likeliest word, to 2. `messages` are the
        turns before the question, oldest first. `on_denied="fail"` gives up when a source refuses the caller, and
        `"continue"`, the default, goes on without it. With `direct` this process asks the spaces itself, without an
        aggregator. `timeout` is in seconds.

        Raises `EndpointResolutionError` for an endpoint that cannot be called, and `AggregatorError` when there is no
        answer, with its `billing` if it cost something. A failing source is no error: see `retrieval_info`.

        >>> answer = await client.chat.complete(
        ...     "What grows near the river?", model="alice/extractive", data_sources=["alice/field-notes"]
        ... )
        >>> print(answer.response)
        """
        body = question(
            prompt,
            model,
            data_sources,
            top_k=top_k,
            max_tokens=max_tokens,
            temperature=temperature,
            similarity_threshold=similarity_threshold,
            aggregator_url=aggregator_url,
            messages=messages,
            guest=guest_mode,
            system_prompt=system_prompt,
            on_denied=on_denied,
            direct=direct,
            timeout_s=timeout,
        )
        return ChatResponse._of(await self._call("chat.complete", body=body))

    async def stream(
        self,
        prompt: str,
        model: Asked,
        data_sources: Iterable[Asked] | None = None,
        *,
        top_k: int = 5,
        max_tokens: int = 1024,
        temperature: float = 0.7,
        similarity_threshold: float = 0.5,
        aggregator_url: str | None = None,
        messages: Iterable[Mapping[str, str] | Message] | None = None,
        guest_mode: bool = False,
        system_prompt: str | None = None,
        on_denied: str | None = None,
        direct: bool = False,
        timeout: float | None = None,
        all_events: bool = False,
    ) -> AsyncIterator[ChatStreamEvent]:
        """Asks, and hands on what happens meanwhile: the arguments are those of `complete`.

        The last event is a `DoneEvent`, or an `ErrorEvent` when the model gave no answer. A stream that ends before
        either raises `ConnectionInterruptedError`. `all_events` also tells of reranking and of a model that takes its
        time. Leaving the loop cancels the question everywhere.

        >>> async for event in client.chat.stream("What grows near the river?", model="alice/extractive"):
        ...     if event.type == "token":
        ...         print(event.content, end="")
        """
        body = question(
            prompt,
            model,
            data_sources,
            top_k=top_k,
            max_tokens=max_tokens,
            temperature=temperature,
            similarity_threshold=similarity_threshold,
            aggregator_url=aggregator_url,
            messages=messages,
            guest=guest_mode,
            system_prompt=system_prompt,
            on_denied=on_denied,
            direct=direct,
            timeout_s=timeout,
        )
        has_begun = False
        try:
            async for raw in self._events("chat.stream", body=body):
                has_begun = True
                event = event_of(raw, all_events)
                if event is not None:
                    yield event
        except (AggregatorError, AuthorizationError) as failed:
            if not has_begun or failed.status_code is not None or isinstance(failed, NetworkError):
                raise
            yield ErrorEvent(message=failed.message, billing=getattr(failed, "billing", None))

    async def retrieve(
        self,
        prompt: str,
        data_sources: Iterable[Asked] | None = None,
        *,
        top_k: int = 5,
        similarity_threshold: float = 0.5,
        aggregator_url: str | None = None,
        guest_mode: bool = False,
        on_denied: str | None = None,
        direct: bool = False,
        timeout: float | None = None,
    ) -> SearchResponse:
        """Asks data sources alone: what they find, without an answer.

        >>> found = await client.chat.retrieve("river plants", data_sources=["alice/field-notes"])
        >>> [document.title for document in found.documents]
        ['Reeds']
        """
        body = question(
            prompt,
            None,
            data_sources,
            top_k=top_k,
            similarity_threshold=similarity_threshold,
            aggregator_url=aggregator_url,
            guest=guest_mode,
            on_denied=on_denied,
            direct=direct,
            timeout_s=timeout,
        )
        return search_answer(await self._call("chat.retrieve", body=body))

    async def get_available_models(self, *, limit: int = 20) -> AsyncIterator[EndpointPublic]:
        """Public endpoints that write and can be called, at most so many.

        >>> models = [model.path async for model in client.chat.get_available_models(limit=5)]
        """
        kinds = (EndpointType.MODEL, EndpointType.MODEL_DATA_SOURCE)
        async for endpoint in self._callable(kinds, limit):
            yield endpoint

    async def get_available_data_sources(self, *, limit: int = 20) -> AsyncIterator[EndpointPublic]:
        """Public endpoints that find documents and can be called, at most so many.

        >>> sources = [source.path async for source in client.chat.get_available_data_sources()]
        """
        kinds = (EndpointType.DATA_SOURCE, EndpointType.MODEL_DATA_SOURCE)
        async for endpoint in self._callable(kinds, limit):
            yield endpoint

    def close(self) -> None:
        """Does nothing: the connections are the client's."""

    async def _callable(self, kinds: tuple[EndpointType, ...], limit: int) -> AsyncIterator[EndpointPublic]:
        left = limit
        async for endpoint in self._pages("endpoints.public", EndpointPublic, limit=100):
            has_address = any(way.enabled and way.config.get("url") for way in endpoint.connect)
            if left > 0 and endpoint.type in kinds and has_address:
                left -= 1
                yield endpoint
            if left <= 0:
                return
