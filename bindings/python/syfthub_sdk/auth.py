"""`client.auth` by the address at which programs know it."""

from __future__ import annotations

from ._sync.auth import AuthResource

__all__ = ["AuthResource"]
