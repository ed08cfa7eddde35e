"""Money: accounts, transactions, and who may charge whom. Amounts are in the unit of the ledger."""

from __future__ import annotations

from datetime import datetime

from .base import Model
from .kinds import CreatorType, TransactionStatus


class AccountingUser(Model):
    """An account: what is left to spend, and what is `held` for pending transactions, where the service tells."""

    id: str
    email: str
    balance: float = 0.0
    organization: str | None = None
    held: float | None = None


class AccountingTransaction(Model):
    """A transfer between two accounts. It moves the money when one of the two confirms it."""

    __aliases__ = {
        "sender_email": "senderEmail",
        "recipient_email": "recipientEmail",
        "created_by": "createdBy",
        "resolved_by": "resolvedBy",
        "created_at": "createdAt",
        "resolved_at": "resolvedAt",
        "app_name": "appName",
        "app_ep_path": "appEpPath",
    }

    id: str
    sender_email: str
    recipient_email: str
    amount: float
    status: TransactionStatus
    created_by: CreatorType
    resolved_by: CreatorType | None = None
    created_at: datetime
    resolved_at: datetime | None = None
    app_name: str | None = None
    app_ep_path: str | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it can still be confirmed or cancelled."""
        return self.status == TransactionStatus.PENDING

    @property
    def is_completed(self) -> bool:
        """Whether the money has moved."""
        return self.status == TransactionStatus.COMPLETED

    @property
    def is_cancelled(self) -> bool:
        """Whether the money went back."""
        return self.status == TransactionStatus.CANCELLED


class TransactionTokens(Model):
    """Tokens with which owners may charge the caller, by owner; `errors` says why an owner has none."""

    __secret__ = ("tokens",)

    tokens: dict[str, str] = {}
    errors: dict[str, str] = {}


class Grant(Model):
    """Leave to charge somebody: at most `cap` in all, until `expires_at`."""

    id: str
    sender_email: str
    recipient_email: str
    cap: float
    spent: float
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    is_active: bool


class NewGrant(Grant):
    """A grant that was just made. `token` is told this once and never printed."""

    __secret__ = ("token",)

    token: str


class LedgerEntry(Model):
    """One line of an account: what moved, in which `bucket`, and for which transaction."""

    id: int
    kind: str
    bucket: str
    amount: float
    transaction_id: str | None = None
    created_at: datetime


class TrialBalance(Model):
    """Whether the books are right: what was brought in equals what is there, and every account's lines add up."""

    is_balanced: bool
    accounts: int
    deposited: float
    available: float
    held: float
    pending: int = 0
    wrong_balances: list[str] = []
    wrong_grants: list[str] = []
    wrong_holds: list[str] = []
    wrong_movements: list[str] = []
