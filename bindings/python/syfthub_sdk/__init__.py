"""The SDK of SyftHub: find, publish and ask AI endpoints.

>>> from syfthub_sdk import SyftHubClient
>>> client = SyftHubClient(base_url="https://hub.syft.com")
>>> client.auth.login(email="alice@example.com", password="secret123")
>>> for endpoint in client.hub.browse():
...     print(f"{endpoint.name}: {endpoint.description}")

`AsyncSyftHubClient` has the same methods for asyncio, `models` has what they give and take, and `exceptions` what they
raise. Everything here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import exceptions, models
    from ._async.client import AsyncSyftHubClient
    from ._async.pages import AsyncPageIterator
    from ._async.verifier import AsyncVerifier
    from ._sync.client import SyftHubClient
    from ._sync.pages import PageIterator
    from ._sync.verifier import Verifier

    __version__: str

_HOMES = {
    "AsyncPageIterator": "._async.pages",
    "AsyncSyftHubClient": "._async.client",
    "AsyncVerifier": "._async.verifier",
    "PageIterator": "._sync.pages",
    "SyftHubClient": "._sync.client",
    "Verifier": "._sync.verifier",
}


def __getattr__(name: str) -> Any:
    if name in ("exceptions", "models"):
        return import_module(f".{name}", __name__)
    if name == "__version__":
        value = import_module("._native", __name__).version()
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name], __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


__all__ = [
    "AsyncPageIterator",
    "AsyncSyftHubClient",
    "AsyncVerifier",
    "PageIterator",
    "SyftHubClient",
    "Verifier",
    "__version__",
    "exceptions",
    "models",
]
