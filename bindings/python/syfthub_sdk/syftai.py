"""`client.syftai` by the address at which programs know it."""

from __future__ import annotations

from ._sync.syftai import SyftAIResource

__all__ = ["SyftAIResource"]
