"""`client.api_tokens` by the address at which programs know it."""

from __future__ import annotations

from ._sync.api_tokens import APITokensResource

__all__ = ["APITokensResource"]
