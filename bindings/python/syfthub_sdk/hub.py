"""`client.hub` by the address at which programs know it."""

from __future__ import annotations

from ._sync.hub import HubResource

__all__ = ["HubResource"]
