"""Endpoints, and how they are found, published and watched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .base import Model
from .kinds import EndpointType, HealthStatus, Visibility


class Policy(Model):
    """A rule of an endpoint. The hub passes `config` on; the space goes by it."""

    type: str
    version: str = "1.0"
    enabled: bool = True
    description: str = ""
    config: dict[str, Any] = {}


class Connection(Model):
    """A way to reach an endpoint; `config["url"]` is the address of its space."""

    type: str
    enabled: bool = True
    description: str = ""
    config: dict[str, Any] = {}


class Endpoint(Model):
    """An endpoint as its owner sees it. Either `user_id` or `organization_id` says whose it is."""

    id: int
    user_id: int | None = None
    organization_id: int | None = None
    owner_username: str = ""
    name: str
    slug: str
    description: str = ""
    type: EndpointType
    visibility: Visibility = Visibility.PUBLIC
    is_active: bool = True
    contributors: list[int] = []
    version: str = "0.1.0"
    readme: str = ""
    tags: list[str] = []
    stars_count: int = 0
    policies: list[Policy] = []
    connect: list[Connection] = []
    health_status: HealthStatus | None = None
    health_checked_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def owner_type(self) -> str:
        """`user` or `organization`."""
        return "user" if self.user_id is not None else "organization"

    @property
    def path(self) -> str:
        """`owner/slug`; the slug alone when the hub does not name the owner."""
        return f"{self.owner_username}/{self.slug}" if self.owner_username else self.slug


class EndpointPublic(Model):
    """An endpoint as everybody sees it."""

    id: int | None = None
    name: str
    slug: str
    description: str = ""
    type: EndpointType
    owner_username: str
    contributors_count: int = 0
    version: str = "0.1.0"
    readme: str = ""
    tags: list[str] = []
    stars_count: int = 0
    policies: list[Policy] = []
    connect: list[Connection] = []
    health_status: HealthStatus | None = None
    health_checked_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def path(self) -> str:
        """`owner/slug`."""
        return f"{self.owner_username}/{self.slug}"


class EndpointSearchResult(EndpointPublic):
    """An endpoint that was found; `relevance_score` is from 0 to 1, where 1 fits best."""

    relevance_score: float


class EndpointSearchResponse(Model):
    """What a search found, the best fitting first."""

    results: list[EndpointSearchResult] = []
    total: int = 0
    query: str = ""


class EndpointRef(Model):
    """An endpoint by its address, for questions that do not go through the hub's own list."""

    url: str
    slug: str
    name: str = ""
    tenant_name: str | None = None
    owner_username: str | None = None
    query_override: str | None = None


class SyncEndpointsResponse(Model):
    """What came of publishing a whole catalogue."""

    synced: int
    deleted: int
    endpoints: list[Endpoint]


class PublicOwner(Model):
    """Somebody with public endpoints, and how many; one that writes and finds counts in both."""

    username: str
    endpoint_count: int = 0
    model_count: int = 0
    data_source_count: int = 0
    stars_count: int = 0


class OwnerGroup(Model):
    """The latest public endpoints of one owner, and how many there are in all."""

    owner_username: str
    total_count: int
    has_more: bool
    endpoints: list[EndpointPublic] = []


class HealthReceipt(Model):
    """What the hub made of a health report: how many items were about an endpoint of the caller, and how many not."""

    updated: int
    ignored: int


class UptimeBucket(Model):
    """One piece of the time that an uptime covers; `uptime` is from 0 to 1, None when nothing is known."""

    start: datetime
    healthy_seconds: float
    unhealthy_seconds: float
    uptime: float | None = None


class Uptime(Model):
    """How available an endpoint was over the last `window_hours`, from 0 to 1; None when nothing is known."""

    path: str
    window_hours: int
    bucket_seconds: int
    uptime: float | None = None
    buckets: list[UptimeBucket] = []
