"""`SyftHubClient` by the address at which programs know it."""

from __future__ import annotations

from ._sync.client import SyftHubClient

__all__ = ["SyftHubClient"]
