"""What administrators see of the whole hub."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .base import Model
from .kinds import ErrorLevel
from .users import User


class UserCounts(Model):
    """How many accounts there are; "recently" is within the last 30 days."""

    total: int
    active: int
    administrators: int
    joined_recently: int
    seen_recently: int


class EndpointCounts(Model):
    """How many endpoints there are, and who sees them."""

    total: int
    active: int
    public: int
    internal: int
    private: int


class Overview(Model):
    """How much there is at the hub, counted at `as_of`."""

    users: UserCounts
    endpoints: EndpointCounts
    organizations: int
    sessions: int
    access_tokens: int
    as_of: datetime


class UserPage(Model):
    """A page of the accounts that match, and how many match on all pages."""

    users: list[User] = []
    total: int
    skip: int
    limit: int


class ErrorRecord(Model):
    """A failure that was reported to the hub."""

    id: int
    at: datetime
    correlation_id: str
    service: str
    level: ErrorLevel
    event: str
    message: str
    method: str | None = None
    path: str | None = None
    status: int | None = None
    error_type: str | None = None
    error_code: str | None = None
    stack_trace: str | None = None
    context: Any = None
    user_id: int | None = None


class ErrorPage(Model):
    """A page of the failures that match, newest first, and how many match on all pages."""

    errors: list[ErrorRecord] = []
    total: int
    skip: int
    limit: int


class ReportReceived(Model):
    """That a report arrived, and the id under which it is found."""

    received: bool
    correlation_id: str
