"""`client.my_endpoints` by the address at which programs know it."""

from __future__ import annotations

from ._sync.my_endpoints import MyEndpointsResource

__all__ = ["MyEndpointsResource"]
