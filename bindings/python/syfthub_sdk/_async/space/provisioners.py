"""The databases that the space runs itself."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from ...models.base import list_of
from ...models.space import Notice, Provisioner
from ..resource import AsyncResource


class AsyncProvisionersResource(AsyncResource):
    """The databases that the space runs itself, by the type of their datasets; `space.provisioners`."""

    async def list(self) -> builtins.list[Provisioner]:
        """All of them.

        >>> [one.status for one in await space.provisioners.list()]
        ['running']
        """
        return list_of(Provisioner, await self._call("provisioners.list"))

    async def status(self, dtype: str) -> Provisioner:
        """The one of a type, with what it does in truth.

        >>> (await space.provisioners.status("chroma")).actual_status
        'running'
        """
        return Provisioner._of(await self._call("provisioners.status", dtype=dtype))

    async def start(self, dtype: str, configuration: Mapping[str, Any] | None = None) -> Notice:
        """Starts the one of a type and waits until it answers; the configuration says how.

        >>> started = await space.provisioners.start("chroma", {"httpPort": 8100})
        """
        settings = dict(configuration or {})
        return Notice._of(await self._call("provisioners.start", dtype=dtype, configuration=settings))

    async def stop(self, dtype: str) -> Notice:
        """Stops the one of a type; what it keeps stays.

        >>> stopped = await space.provisioners.stop("chroma")
        """
        return Notice._of(await self._call("provisioners.stop", dtype=dtype))

    async def delete(self, dtype: str) -> Notice:
        """Removes the one of a type with everything it keeps.

        Raises `ConflictError` when datasets are kept in it.

        >>> removed = await space.provisioners.delete("chroma")
        """
        return Notice._of(await self._call("provisioners.delete", dtype=dtype))
