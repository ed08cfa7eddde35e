"""What callers ask."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...models.base import list_of
from ...models.space import (
    AnswerDone,
    AnswerToken,
    Endpoint,
    EndpointDetail,
    EndpointItem,
    Listing,
    ListingState,
    Notice,
    Published,
    QueryAnswer,
    SlugCheck,
    Turn,
)
from ..resource import AsyncResource, changes

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ...models.space import QuestionSettings


class AsyncSpaceEndpointsResource(AsyncResource):
    """What callers ask; `space.endpoints`."""

    async def list(self) -> builtins.list[EndpointItem]:
        """All endpoints with the parts behind them, oldest first.

        >>> [endpoint.slug for endpoint in await space.endpoints.list()]
        ['field-notes']
        """
        return list_of(EndpointItem, await self._call("endpoints.list"))

    async def get(self, slug: str) -> EndpointDetail:
        """The endpoint at this address, with its policies.

        >>> (await space.endpoints.get("field-notes")).published
        False
        """
        return EndpointDetail._of(await self._call("endpoints.get", slug=slug))

    async def create(
        self,
        *,
        name: str,
        slug: str,
        dataset_id: str | None = None,
        model_id: str | None = None,
        response_type: str = "both",
        description: str = "",
        summary: str = "",
        tags: str = "",
        system_prompt: str = "",
        published: bool = False,
    ) -> Endpoint:
        """Makes an endpoint over a dataset, a model, or both. It answers with `raw`, `summary` or `both`.

        Raises `ConflictError` when the slug is taken.

        >>> notes = await space.datasets.get("field-notes")
        >>> made = await space.endpoints.create(name="Notes", slug="field-notes", dataset_id=notes.id)
        """
        body = changes(
            name=name,
            slug=slug,
            dataset_id=dataset_id,
            model_id=model_id,
            response_type=response_type,
            description=description,
            summary=summary,
            tags=tags,
            system_prompt=system_prompt,
            published=published,
        )
        return Endpoint._of(await self._call("endpoints.create", body=body))

    async def update(
        self,
        slug: str,
        *,
        name: str | None = None,
        dataset_id: str | None = None,
        model_id: str | None = None,
        response_type: str | None = None,
        description: str | None = None,
        summary: str | None = None,
        tags: str | None = None,
        system_prompt: str | None = None,
        published: bool | None = None,
    ) -> EndpointDetail:
        """Changes an endpoint. What is not given stays.

        >>> endpoint = await space.endpoints.update("field-notes", system_prompt="Answer in one sentence.")
        """
        body = changes(
            name=name,
            dataset_id=dataset_id,
            model_id=model_id,
            response_type=response_type,
            description=description,
            summary=summary,
            tags=tags,
            system_prompt=system_prompt,
            published=published,
        )
        return EndpointDetail._of(await self._call("endpoints.update", slug=slug, body=body))

    async def delete(self, slug: str) -> Notice:
        """Removes an endpoint; hubs that list it are told first.

        >>> notice = await space.endpoints.delete("field-notes")
        """
        return Notice._of(await self._call("endpoints.delete", slug=slug))

    async def archive(self, slug: str) -> Endpoint:
        """Puts an endpoint away: it is kept, and closed to callers.

        >>> (await space.endpoints.archive("field-notes")).is_archived
        True
        """
        return Endpoint._of(await self._call("endpoints.archive", slug=slug))

    async def unarchive(self, slug: str) -> Endpoint:
        """Takes an endpoint out again that was put away.

        >>> (await space.endpoints.unarchive("field-notes")).is_archived
        False
        """
        return Endpoint._of(await self._call("endpoints.unarchive", slug=slug))

    async def validate_slug(
        self, slug: str, *, marketplaces: Sequence[str] | None = None, check_all: bool = False
    ) -> SlugCheck:
        """Whether a slug can be had in the space, and at the hubs with these ids, or at all that are connected.

        >>> (await space.endpoints.validate_slug("field-notes")).local_available
        True
        """
        hubs = None if marketplaces is None else builtins.list(marketplaces)
        raw = await self._call("endpoints.validate_slug", slug=slug, marketplaces=hubs, check_all=check_all)
        return SlugCheck._of(raw)

    async def publish(self, slug: str, *, marketplaces: Sequence[str] | None = None) -> Published:
        """Opens an endpoint to callers and lists it at the hubs with these ids; at all, unless some are given.

        What a hub said is in the results: one that refuses is no exception.

        >>> [listing.success for listing in (await space.endpoints.publish("field-notes")).results]
        [True]
        """
        hubs = None if marketplaces is None else builtins.list(marketplaces)
        return Published._of(await self._call("endpoints.publish", slug=slug, marketplaces=hubs))

    async def unpublish(self, slug: str) -> builtins.list[Listing]:
        """Takes an endpoint off every hub that lists it. When none does any more, it is closed to callers.

        >>> listings = await space.endpoints.unpublish("field-notes")
        """
        return list_of(Listing, await self._call("endpoints.unpublish", slug=slug))

    async def listings(self, slug: str) -> builtins.list[ListingState]:
        """How an endpoint stands at each hub: what waits to be done there, and why.

        >>> [listing.state for listing in await space.endpoints.listings("field-notes")]
        ['listed']
        """
        return list_of(ListingState, await self._call("endpoints.listings", slug=slug))

    async def query(
        self,
        slug: str,
        messages: str | Sequence[Turn | Mapping[str, str]],
        **settings: Unpack[QuestionSettings],
    ) -> QueryAnswer:
        """Asks an endpoint: with the admin key as its owner, at the address for callers with a satellite token.

        The question is a text, or the turns of a conversation; its settings are those of `QuestionSettings`.

        >>> answer = await space.endpoints.query("field-notes", "What grows near the river?")
        >>> answer.references.documents[0].content
        'Willows and reeds grow near the river.'
        """
        body = {**settings, "messages": messages}
        return QueryAnswer._of(await self._call("endpoints.query", slug=slug, body=body))

    async def stream(
        self,
        slug: str,
        messages: str | Sequence[Turn | Mapping[str, str]],
        **settings: Unpack[QuestionSettings],
    ) -> AsyncIterator[AnswerToken | AnswerDone]:
        """The same with the answer as the model writes it; the last event carries the whole. Leaving the loop ends it.

        Raises `GenerationError` when the model fails, and `ConnectionInterruptedError` when the answer breaks off.

        >>> async for event in space.endpoints.stream("field-notes", "What grows near the river?"):
        ...     if event.event == "token":
        ...         print(event.content, end="")
        """
        body = {**settings, "messages": messages}
        async for raw in self._events("endpoints.stream", slug=slug, body=body):
            yield AnswerToken._of(raw) if raw["event"] == "token" else AnswerDone._of(raw)
