"""Datasets and models: what an endpoint is made of. They have one shape, and the same operations."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...models.base import list_of
from ...models.space import AvailableModels, Notice, Part, PartHealth, TypeInfo
from ..resource import Resource, changes

if TYPE_CHECKING:
    from ..connection import Connection


class PartsResource(Resource):
    """What datasets and models have in common."""

    _kind: ClassVar[str]

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._group = f"{self._kind}s"

    def _named(self, operation: str, name: str, /, **arguments: Any) -> Any:
        """Runs an operation on the part of this name."""
        return self._call(f"{self._group}.{operation}", **{self._kind: name}, **arguments)

    def types(self) -> builtins.list[TypeInfo]:
        """The types that the space knows, each with the JSON Schema of its configuration.

        >>> [kind.name for kind in space.datasets.types() if kind.enabled]
        ['local_file']
        """
        return list_of(TypeInfo, self._call(f"{self._group}.types"))

    def type(self, dtype: str) -> TypeInfo:
        """The type of this name.

        >>> kind = space.models.type("openai")
        """
        return TypeInfo._of(self._call(f"{self._group}.type", dtype=dtype))

    def schema(self, dtype: str) -> dict[str, Any]:
        """The JSON Schema of a type's configuration.

        >>> list((space.models.schema("openai"))["properties"])
        ['api_key', 'model']
        """
        schema: dict[str, Any] = self._call(f"{self._group}.schema", dtype=dtype)
        return schema

    def list(self) -> builtins.list[Part]:
        """All of them, oldest first.

        >>> [part.name for part in space.datasets.list()]
        ['field-notes']
        """
        return list_of(Part, self._call(f"{self._group}.list"))

    def get(self, name: str) -> Part:
        """The one of this name. Secrets in its configuration are masked.

        >>> (space.datasets.get("field-notes")).dtype
        'local_file'
        """
        return Part._of(self._named("get", name))

    def create(
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
        >>> notes = space.datasets.create(name="field-notes", dtype="local_file", configuration=folder)
        """
        given = {"name": name, "dtype": dtype, "summary": summary, "tags": tags}
        body = {**given, "configuration": dict(configuration or {})}
        return Part._of(self._call(f"{self._group}.create", body=body))

    def update(
        self,
        name: str,
        *,
        new_name: str | None = None,
        configuration: Mapping[str, Any] | None = None,
        summary: str | None = None,
        tags: str | None = None,
    ) -> Part:
        """Changes one. What is not given stays; of the configuration, what is given as None is taken away.

        >>> notes = space.datasets.update("field-notes", summary="What grows near the river")
        """
        settings = None if configuration is None else dict(configuration)
        body = changes(name=new_name, configuration=settings, summary=summary, tags=tags)
        return Part._of(self._named("update", name, body=body))

    def delete(self, name: str, *, force: bool = False) -> Notice:
        """Removes one, and with `force` the endpoints that use it.

        Raises `ConflictError` when endpoints use it and are to be kept.

        >>> notice = space.datasets.delete("field-notes", force=True)
        """
        return Notice._of(self._named("delete", name, force=force))

    def health(self, name: str) -> PartHealth:
        """Whether it works. At the address for callers this needs no key.

        >>> (space.datasets.health("field-notes")).is_healthy
        True
        """
        return PartHealth._of(self._named("health", name))


class DatasetsResource(PartsResource):
    """Documents that can be searched; `space.datasets`."""

    _kind = "dataset"


class ModelsResource(PartsResource):
    """Models that answer; `space.models`."""

    _kind = "model"

    def available(self, dtype: str, configuration: Mapping[str, Any]) -> builtins.list[str]:
        """The names of the models that the server offers which a configuration of a type names.

        Raises `ServerError` when that server refuses or fails.

        >>> space.models.available("openai", {"base_url": "http://127.0.0.1:11434/v1"})
        ['qwen2.5']
        """
        raw = self._call("models.available", dtype=dtype, configuration=dict(configuration))
        return AvailableModels._of(raw).models
