"""Organizations and their members."""

from __future__ import annotations

from datetime import datetime

from .base import Model
from .kinds import OrganizationRole


class Organization(Model):
    """A group of users that owns endpoints together."""

    id: int
    name: str
    slug: str
    description: str = ""
    avatar_url: str | None = None
    is_active: bool = True
    domain: str | None = None
    created_at: datetime
    updated_at: datetime


class OrganizationMember(Model):
    """One user's place in an organization."""

    id: int
    organization_id: int
    user_id: int
    username: str = ""
    role: OrganizationRole
    is_active: bool = True
    joined_at: datetime
