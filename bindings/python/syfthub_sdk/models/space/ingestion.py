"""Files on their way into an index. Sizes are in bytes."""

from __future__ import annotations

from datetime import datetime

from ..base import Model


class IngestionStatus(Model):
    """A dataset's files, counted by how far each is."""

    dataset_id: str
    dataset_name: str
    is_watching: bool
    total_jobs: int
    pending: int
    in_progress: int
    completed: int
    failed: int
    cancelled: int

    @property
    def is_settled(self) -> bool:
        """Whether no file waits or is being read."""
        return self.pending == 0 and self.in_progress == 0


class Job(Model):
    """One file of a dataset: `pending`, `in_progress`, `completed`, `failed` or `cancelled`."""

    id: str
    file_path: str
    file_name: str
    file_size: int
    status: str
    error_message: str | None = None
    retry_count: int = 0
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    next_attempt_at: datetime | None = None
    chunks: int = 0


class JobPage(Model):
    """A page of a dataset's files, newest first, and how many there are in all."""

    jobs: list[Job]
    total: int
    limit: int
    offset: int


class Progress(Model):
    """How far a dataset is at one moment. `ready` says that everything seen so far is searchable."""

    dataset_id: str
    dataset_name: str
    percent: float = 0.0
    total: int
    done: int
    failed: int
    current_file: str | None = None
    files_per_second: float = 0.0
    bytes_per_second: float = 0.0
    ready: bool
    error: str | None = None


class StartedFiles(Model):
    """How many files will be read, and whether their changes are seen from now on."""

    message: str
    jobs_created: int
    is_watching: bool


class CancelledFiles(Model):
    """How many files were taken off the queue."""

    message: str
    jobs_cancelled: int


class RepeatedFiles(Model):
    """How many files will be read again."""

    message: str
    jobs_reset: int


class TypeShare(Model):
    """The files of one extension."""

    files: int
    bytes: int


class NamedFile(Model):
    """A file that would be shared."""

    file_name: str
    file_size: int


class Preview(Model):
    """The files that a dataset would share: how many, the same for each extension, and some of them."""

    files: int
    bytes: int
    types: dict[str, TypeShare]
    first: list[NamedFile]
