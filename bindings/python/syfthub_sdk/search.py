"""`client.search` by the address at which programs know it."""

from __future__ import annotations

from ._sync.search import SearchResource

__all__ = ["SearchResource"]
