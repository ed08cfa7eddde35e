"""The folders of the space's machine, and the trace of what was changed."""

from __future__ import annotations

from ...models.space import Change, Folder
from ..pages import PageIterator
from ..resource import Resource


class NodeResource(Resource):
    """The folders of the space's machine, and the trace of what was changed; `space.node`."""

    def browse(self, path: str = "~", *, show_hidden: bool = False) -> Folder:
        """What is in a folder, to choose what to share; `~` is where one may begin.

        >>> [item.name for item in (space.node.browse("~/notes")).items]
        ['river.md']
        """
        return Folder._of(self._call("browse", path=path, show_hidden=show_hidden))

    def changes(self, *, before: int | None = None, page_size: int = 100) -> PageIterator[Change]:
        """What was changed in the space and by whom, newest first; only before the change `before` when it is named.

        >>> [change.action for change in space.node.changes().take(1)]
        ['dataset.create']
        """
        return self._pages("changes", Change, before=before, limit=page_size)
