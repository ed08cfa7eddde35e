"""Failures of single endpoints, told with the endpoint's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .exceptions import GenerationError, RetrievalError, SyftHubError


@contextmanager
def told_as_retrieval(slug: str) -> Iterator[None]:
    """Whatever goes wrong is a `RetrievalError` of this data source."""
    try:
        yield
    except SyftHubError as failed:
        raise _with_facts(RetrievalError(failed.message, slug, failed.detail), failed) from failed


@contextmanager
def told_as_generation(slug: str) -> Iterator[None]:
    """Whatever goes wrong is a `GenerationError` of this model."""
    try:
        yield
    except SyftHubError as failed:
        raise _with_facts(GenerationError(failed.message, slug, failed.detail), failed) from failed


def _with_facts(error: SyftHubError, failed: SyftHubError) -> SyftHubError:
    error.status_code = failed.status_code
    error.code = failed.code
    error.correlation_id = failed.correlation_id
    return error
