"""The hubs that a space is connected to, and where it is reached."""

from __future__ import annotations

from datetime import datetime

from ..base import Model


class Marketplace(Model):
    """A hub, and the account there. `organization` is the one that is published for, if any."""

    id: str
    name: str
    url: str
    username: str = ""
    email: str = ""
    organization: str | None = None
    is_default: bool = False
    is_active: bool = True
    created_at: datetime
    updated_at: datetime


class Balance(Model):
    """What is left of an account's money, in the accounting service's own unit."""

    balance: float


class PublicUrl(Model):
    """Where callers reach the space, once there is such a place."""

    public_url: str | None = None


class Proxy(Model):
    """The way through which the space is reached from outside its network, and whether it is open."""

    connected: bool
    public_url: str | None = None
    has_token: bool
    error: str | None = None
