"""Datasets and models, their types, and the databases that a space runs itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..base import Model


class TypeInfo(Model):
    """A type of dataset, model or policy. `config_schema` is the JSON Schema of its configuration."""

    name: str
    description: str = ""
    config_schema: dict[str, Any]
    icon: str = ""
    enabled: bool = True
    connection_fields: list[str] | None = None


class ConnectedEndpoint(Model):
    """An endpoint that uses a part."""

    id: str
    name: str = ""
    slug: str


class Part(Model):
    """A dataset or a model. Secrets in its configuration are masked."""

    id: str
    name: str
    dtype: str
    configuration: dict[str, Any]
    summary: str = ""
    tags: str = ""
    created_at: datetime
    updated_at: datetime
    connected_endpoints: list[ConnectedEndpoint]


class PartHealth(Model):
    """Whether a part works. The word is in `status` of a model and in `dataset_type_status` of a dataset."""

    status: str | None = None
    dataset_type_status: str | None = None
    provisioner_status: str | None = None
    message: str = ""
    checked_at: datetime | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether it is well."""
        return "healthy" in (self.status, self.dataset_type_status)


class AvailableModels(Model):
    """The names of the models that a model's server offers."""

    models: list[str]


class Provisioner(Model):
    """A database that the space runs for the datasets of one type.

    `status` is what the space knows of it and `actual_status` what was found now: `stopped`, `starting`, `running`,
    `stopping` or `error`.
    """

    id: str
    dtype: str
    status: str
    actual_status: str | None = None
    dataset_count: int = 0
    state: dict[str, Any]
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    error: str | None = None
