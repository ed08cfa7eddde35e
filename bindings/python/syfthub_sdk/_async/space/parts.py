"""Datasets and models: what an endpoint is made of. They have one shape, and the same operations."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...models.base import list_of
from ...models.space import AvailableModels, Notice, Part, PartHealth, TypeInfo
from ..resource import AsyncResource, changes

if TYPE_CHECKING:
    from ..connection import AsyncConnection


class AsyncPartsResource(AsyncResource):
    """What datasets and models have in common."""

    _kind: ClassVar[str]

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._group = f"{self._kind}s"

    async def _named(self, operation: str, name: str, /, **arguments: Any) -> Any:
        """Runs an operation on the part of this name."""
        return await self._call(f"{self._group}.{operation}", **{self._kind: name}, **arguments)

    async def types(self) -> builtins.list[TypeInfo]:
        """The types that the space knows, each with the JSON Schema of its configuration.

        >>> [kind.name for kind in await space.datasets.types() if kind.enabled]
        ['local_file']
        """
        return list_of(TypeInfo, await self._call(f"{self._group}.types"))

    async def type(self, dtype: str) -> TypeInfo:
        """The type of this name.

        >>> kind = await space.models.type("openai")
        """
        return TypeInfo._of(await self._call(f"{self._group}.type", dtype=dtype))

    async def schema(self, dtype: str) -> dict[str, Any]:
        """The JSON Schema of a type's configuration.

        >>> list((await space.models.schema("openai"))["properties"])
        ['api_key', 'model']
        """
        schema: dict[str, Any] = await self._call(f"{self._group}.schema", dtype=dtype)
        return schema

    async def list(self) -> builtins.list[Part]:
        """All of them, oldest first.

        >>> [part.name for part in await space.datasets.list()]
        ['field-notes']
        """
        return list_of(Part, await self._call(f"{self._group}.list"))

    async def get(self, name: str) -> Part:
        """The one of this name. Secrets in its configuration are masked.

        >>> (await space.datasets.get("field-notes")).dtype
        'local_file'
        """
        return Part._of(await self._named("get", name))

    async def create(
        self,
        *,
        name: str,
        dtype: str,
        configuration: Mapping[str, Any] | None = None,
        summary: str = "",
        tags: str = "",
    ) -> Part:
        """Makes one, with a configuration by its type's schema. Tags are separated by commas.

        Raises `ConflictError` when the name is taken, and `ValidationError` or `RefusedError` when the configuration
        cannot be used.

        >>> folder = {"filePaths": [{"path": "/home/ada/notes"}]}
        >>> notes = await space.datasets.create(name="field-notes", dtype="local_file", configuration=folder)
        """
        given = {"name": name, "dtype": dtype, "summary": summary, "tags": tags}
        body = {**given, "configuration": dict(configuration or {})}
        return Part._of(await self._call(f"{self._group}.create", body=body))

    async def update(
        self,
        name: str,
        *,
        new_name: str | None = None,
        configuration: Mapping[str, Any] | None = None,
        summary: str | None = None,
        tags: str | None = None,
    ) -> Part:
        """Changes one. What is not given stays; of the configuration, what is given as None is taken away.

        >>> notes = await space.datasets.update("field-notes", summary="What grows near the river")
        """
        settings = None if configuration is None else dict(configuration)
        body = changes(name=new_name, configuration=settings, summary=summary, tags=tags)
        return Part._of(await self._named("update", name, body=body))

    async def delete(self, name: str, *, force: bool = False) -> Notice:
        """Removes one, and with `force` the endpoints that use it.

        Raises `ConflictError` when endpoints use it and are to be kept.

        >>> notice = await space.datasets.delete("field-notes", force=True)
        """
        return Notice._of(await self._named("delete", name, force=force))

    async def health(self, name: str) -> PartHealth:
        """Whether it works. At the address for callers this needs no key.

        >>> (await space.datasets.health("field-notes")).is_healthy
        True
        """
        return PartHealth._of(await self._named("health", name))


class AsyncDatasetsResource(AsyncPartsResource):
    """Documents that can be searched; `space.datasets`."""

    _kind = "dataset"


class AsyncModelsResource(AsyncPartsResource):
    """Models that answer; `space.models`."""

    _kind = "model"

    async def available(self, dtype: str, configuration: Mapping[str, Any]) -> builtins.list[str]:
        """The names of the models that the server offers which a configuration of a type names.

        Raises `ServerError` when that server refuses or fails.

        >>> await space.models.available("openai", {"base_url": "http://127.0.0.1:11434/v1"})
        ['qwen2.5']
        """
        raw = await self._call("models.available", dtype=dtype, configuration=dict(configuration))
        return AvailableModels._of(raw).models
