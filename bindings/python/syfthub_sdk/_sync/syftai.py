"""Questions to one endpoint, asked at its space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .._told_as import told_as_generation, told_as_retrieval
from ..models.chat import DataSourceQueryResult, Message
from ..models.endpoints import EndpointRef
from ..questions import query_answer, turns
from .resource import Resource


class SyftAIResource(Resource):
    """Questions to one endpoint, asked at its space without an aggregator; `client.syftai`."""

    def query_data_source(
        self,
        endpoint: EndpointRef,
        query: str,
        user_email: str = "",
        *,
        top_k: int = 5,
        similarity_threshold: float = 0.5,
        authorization_token: str | None = None,
        owner_username: str | None = None,
        pay: bool = False,
    ) -> DataSourceQueryResult:
        """Asks a data source for documents, best first: a list, with what the policies did as `policy_metadata`.

        The caller is proved by `authorization_token`, or else by a token that the hub makes for the endpoint's owner:
        `owner_username`, or the one that the endpoint names. With `pay` the owner may charge the caller. `user_email`
        says nothing to today's spaces. Raises `RetrievalError`.

        >>> notes = EndpointRef(url="https://space.example.com", slug="field-notes", owner_username="alice")
        >>> for document in client.syftai.query_data_source(notes, "river plants"):
        ...     print(document.content)
        """
        with told_as_retrieval(endpoint.slug):
            raw = self._call(
                "spaces.documents",
                endpoint=endpoint,
                query=query,
                top_k=top_k,
                similarity_threshold=similarity_threshold,
                token=authorization_token,
                owner=owner_username,
                pays=pay,
            )
        return query_answer(raw)

    def query_model(
        self,
        endpoint: EndpointRef,
        messages: Iterable[Message | Mapping[str, str]],
        user_email: str = "",
        *,
        max_tokens: int = 1024,
        temperature: float = 0.7,
    ) -> str:
        """Asks a model, and gives its whole answer. Raises `GenerationError`.

        >>> oracle = EndpointRef(url="https://space.example.com", slug="extractive", owner_username="alice")
        >>> client.syftai.query_model(oracle, [Message(role="user", content="What grows near the river?")])
        'Reeds and sedge.'
        """
        with told_as_generation(endpoint.slug):
            text: str = self._call(
                "spaces.answer",
                endpoint=endpoint,
                messages=turns(messages),
                max_tokens=max_tokens,
                temperature=temperature,
            )
            return text

    def query_model_stream(
        self,
        endpoint: EndpointRef,
        messages: Iterable[Message | Mapping[str, str]],
        user_email: str = "",
        *,
        max_tokens: int = 1024,
        temperature: float = 0.7,
    ) -> Iterator[str]:
        """Asks a model, and hands on its answer as it is written. Raises `GenerationError`.

        >>> for piece in client.syftai.query_model_stream(oracle, messages):
        ...     print(piece, end="")
        """
        with told_as_generation(endpoint.slug):
            for piece in self._events(
                "spaces.stream",
                endpoint=endpoint,
                messages=turns(messages),
                max_tokens=max_tokens,
                temperature=temperature,
            ):
                yield piece

    def close(self) -> None:
        """Does nothing: the connections are the client's."""
