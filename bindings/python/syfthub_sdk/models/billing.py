"""What an answer cost, and who says so."""

from __future__ import annotations

from typing import Any

from .base import Model


class Recipient(Model):
    """Who was paid."""

    username: str | None = None
    email: str | None = None
    wallet_address: str | None = None


class Transaction(Model):
    """How the money moved: `rail` is the kind of service, `id` the transaction there."""

    rail: str
    id: str
    reference: str | None = None


class BillingEntry(Model):
    """What one policy of one endpoint did. `source` is the endpoint's path."""

    source: str | None = None
    policy_type: str
    kind: str
    status: str
    amount: float | None = None
    currency: str | None = None
    recipient: Recipient | None = None
    transaction: Transaction | None = None
    reason_code: str | None = None
    reason: str | None = None
    details: dict[str, Any] = {}


class PolicyMetadata(Model):
    """What the policies of one endpoint did, and what came of it."""

    outcome: str
    entries: list[BillingEntry] = []


class Billing(Model):
    """What an answer cost in all, where the entries share one currency."""

    total_cost: float | None = None
    currency: str | None = None
    entries: list[BillingEntry] = []
