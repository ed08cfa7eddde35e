"""The folders of the space's machine, and the trace of what was changed."""

from __future__ import annotations

from ...models.space import Change, Folder
from ..pages import AsyncPageIterator
from ..resource import AsyncResource


class AsyncNodeResource(AsyncResource):
    """The folders of the space's machine, and the trace of what was changed; `space.node`."""

    async def browse(self, path: str = "~", *, show_hidden: bool = False) -> Folder:
        """What is in a folder, to choose what to share; `~` is where one may begin.

        >>> [item.name for item in (await space.node.browse("~/notes")).items]
        ['river.md']
        """
        return Folder._of(await self._call("browse", path=path, show_hidden=show_hidden))

    def changes(self, *, before: int | None = None, page_size: int = 100) -> AsyncPageIterator[Change]:
        """What was changed in the space and by whom, newest first; only before the change `before` when it is named.

        >>> [change.action for change in await space.node.changes().take(1)]
        ['dataset.create']
        """
        return self._pages("changes", Change, before=before, limit=page_size)
