"""Endpoints of a space, and how they stand at hubs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..base import Model


class PartBehind(Model):
    """The dataset or model of an endpoint. Only a dataset has a summary here."""

    id: str
    name: str
    summary: str | None = None
    dtype: str
    configuration: dict[str, Any]


class PolicyBehind(Model):
    """A policy of an endpoint."""

    id: str
    name: str
    policy_type: str
    configuration: dict[str, Any]


class Endpoint(Model):
    """What callers ask. It answers with what was found (`raw`), what the model says (`summary`), or `both`."""

    id: str
    slug: str
    name: str = ""
    summary: str = ""
    description: str = ""
    response_type: str = "both"
    published: bool = False
    listed: int = 0
    system_prompt: str = ""
    is_archived: bool = False
    tags: str = ""
    dataset_id: str | None = None
    model_id: str | None = None
    created_at: datetime
    updated_at: datetime


class EndpointItem(Endpoint):
    """An endpoint with what stands behind it, as lists show it."""

    dataset: PartBehind | None = None
    model: PartBehind | None = None


class EndpointDetail(EndpointItem):
    """An endpoint with everything about it."""

    policies: list[PolicyBehind]


class Listing(Model):
    """What one hub said to publishing or unpublishing."""

    marketplace_id: str
    marketplace_name: str
    success: bool
    message: str | None = None
    error: str | None = None


class Published(Model):
    """What publishing did, hub by hub."""

    endpoint_slug: str
    results: list[Listing]


class ListingState(Model):
    """How an endpoint stands at a hub: whether it is to be listed there, and how far that is."""

    marketplace_id: str
    marketplace_name: str
    wanted: bool
    state: str
    error: str | None = None
    updated_at: datetime


class SlugAtHub(Model):
    """Whether a hub would list a slug; `available` is None for a hub that could not be asked."""

    marketplace_id: str
    available: bool | None = None
    error: str | None = None


class SlugCheck(Model):
    """Whether a slug can be had in the space, and at the hubs that were asked."""

    slug: str
    local_available: bool
    marketplaces: list[SlugAtHub] | None = None
