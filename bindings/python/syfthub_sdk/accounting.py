"""`client.accounting` by the address at which programs know it."""

from __future__ import annotations

from ._sync.accounting import AccountingResource

__all__ = ["AccountingResource"]
