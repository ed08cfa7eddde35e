"""Policies of endpoints, and what they decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..base import Model


class PolicyItem(Model):
    """A policy of one endpoint, as lists show it."""

    id: str
    name: str
    policy_type: str
    endpoint_id: str
    created_at: datetime


class Policy(PolicyItem):
    """A policy of one endpoint. `warnings` says what is probably a mistake in it."""

    configuration: dict[str, Any]
    updated_at: datetime
    warnings: list[str]


class Opinion(Model):
    """What one policy says about a question: it `allows`, `denies`, `applies` or is `skipped`."""

    policy_id: str
    name: str
    policy_type: str
    effect: str
    detail: str = ""


class Forecast(Model):
    """What would happen to somebody's question, and what it would cost them."""

    endpoint: str
    email: str
    allowed: bool
    outcome: str
    cost: float = 0.0
    policies: list[Opinion]


class Decision(Model):
    """What became of one question. `duration_ms` is from its first byte to the last of the answer."""

    id: int
    at: datetime
    correlation_id: str = ""
    endpoint_id: str
    endpoint_slug: str
    issuer: str = ""
    subject: str = ""
    email: str | None = None
    client: str = ""
    outcome: str
    status: int
    policy_id: str | None = None
    policy_type: str | None = None
    reason_code: str | None = None
    detail: str = ""
    cost: float = 0.0
    duration_ms: float = 0.0
