"""Documents without an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..models.chat import SearchResponse
from ..questions import Asked

if TYPE_CHECKING:
    from .chat import AsyncChatResource


class AsyncSearchResource:
    """Documents without an answer; `client.search`."""

    def __init__(self, chat: AsyncChatResource) -> None:
        self._chat = chat

    async def query(
        self,
        prompt: str,
        data_sources: Iterable[Asked] | None = None,
        *,
        top_k: int = 5,
        similarity_threshold: float = 0.5,
        aggregator_url: str | None = None,
        guest_mode: bool = False,
    ) -> SearchResponse:
        """Asks data sources alone; see `client.chat.retrieve`.

        >>> found = await client.search.query("river plants", data_sources=["alice/field-notes"])
        """
        return await self._chat.retrieve(
            prompt,
            data_sources,
            top_k=top_k,
            similarity_threshold=similarity_threshold,
            aggregator_url=aggregator_url,
            guest_mode=guest_mode,
        )
