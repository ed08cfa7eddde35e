"""`client.users` by the address at which programs know it."""

from __future__ import annotations

from ._sync.users import UsersResource

__all__ = ["UsersResource"]
