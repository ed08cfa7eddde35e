"""Files on their way into an index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from ...models.space import (
    CancelledFiles,
    IngestionStatus,
    JobPage,
    Preview,
    Progress,
    RepeatedFiles,
    StartedFiles,
)
from ..resource import AsyncResource


class AsyncIngestionResource(AsyncResource):
    """Files on their way into an index, by the ids of their datasets; `space.ingestion`."""

    async def status(self, dataset_id: str) -> IngestionStatus:
        """How far a dataset is: its files, counted by how far each is.

        >>> notes = await space.datasets.get("field-notes")
        >>> (await space.ingestion.status(notes.id)).is_settled
        True
        """
        return IngestionStatus._of(await self._call("ingestion.status", dataset=dataset_id))

    async def jobs(self, dataset_id: str, *, status: str | None = None, limit: int = 100, offset: int = 0) -> JobPage:
        """A page of a dataset's files, newest first; only those that are so far as `status` says, when it is given.

        >>> [job.error_message for job in (await space.ingestion.jobs(notes.id, status="failed")).jobs]
        []
        """
        arguments = {"dataset": dataset_id, "status": status, "limit": limit, "offset": offset}
        return JobPage._of(await self._call("ingestion.jobs", **arguments))

    async def start(self, dataset_id: str) -> StartedFiles:
        """Watches the files of a dataset, and reads what has changed.

        >>> started = await space.ingestion.start(notes.id)
        """
        return StartedFiles._of(await self._call("ingestion.start", dataset=dataset_id))

    async def stop(self, dataset_id: str) -> CancelledFiles:
        """Stops watching the files, and takes those that wait off the queue.

        >>> stopped = await space.ingestion.stop(notes.id)
        """
        return CancelledFiles._of(await self._call("ingestion.stop", dataset=dataset_id))

    async def retry(self, dataset_id: str) -> RepeatedFiles:
        """Reads the files again that could not be read.

        >>> repeated = await space.ingestion.retry(notes.id)
        """
        return RepeatedFiles._of(await self._call("ingestion.retry", dataset=dataset_id))

    async def cancel(self, dataset_id: str, job_id: str) -> CancelledFiles:
        """Takes one file off the queue.

        >>> cancelled = await space.ingestion.cancel(notes.id, job.id)
        """
        return CancelledFiles._of(await self._call("ingestion.cancel", dataset=dataset_id, job=job_id))

    async def preview(self, configuration: Mapping[str, Any], *, dtype: str = "local_file") -> Preview:
        """Which files a dataset of this type and configuration would share. Nothing is read but the folders.

        >>> (await space.ingestion.preview({"filePaths": [{"path": "/home/ada/notes"}]})).files
        12
        """
        arguments = {"dtype": dtype, "configuration": dict(configuration)}
        return Preview._of(await self._call("ingestion.preview", **arguments))

    async def follow(self, dataset_id: str | None = None) -> AsyncIterator[Progress]:
        """How far a dataset is now, and every change of that; every dataset's, unless one is named.

        It goes on until the loop is left or the space stops.

        >>> async for step in space.ingestion.follow(notes.id):
        ...     print(f"{step.done} of {step.total}")
        ...     if step.ready:
        ...         break
        """
        async for raw in self._events("ingestion.follow", dataset=dataset_id):
            yield Progress._of(raw)
