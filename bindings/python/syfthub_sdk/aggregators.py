"""`client.aggregators` by the address at which programs know it."""

from __future__ import annotations

from ._sync.aggregators import AggregatorsResource

__all__ = ["AggregatorsResource"]
