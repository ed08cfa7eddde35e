"""Money at the hub's own ledger: the account, payments, and who may charge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ..models.ledger import (
    AccountingTransaction,
    AccountingUser,
    Grant,
    LedgerEntry,
    NewGrant,
    TransactionTokens,
    TrialBalance,
)
from .pages import PageIterator
from .resource import Resource, changes


class LedgerResource(Resource):
    """Money at the hub's own ledger; `client.ledger`. Amounts have at most six decimals."""

    def balance(self) -> AccountingUser:
        """The signed-in user's account: what is left to spend, and what is set aside.

        >>> (client.ledger.balance()).balance
        10.0
        """
        return AccountingUser._of(self._call("ledger.balance"))

    def history(self, *, page_size: int = 20) -> PageIterator[AccountingTransaction]:
        """The signed-in user's transactions, newest first.

        >>> for transaction in client.ledger.history():
        ...     print(transaction.created_at, transaction.amount)
        """
        return self._pages("ledger.history", AccountingTransaction, limit=page_size)

    def find(self, transaction_id: str) -> AccountingTransaction | None:
        """The transaction with this id, if the signed-in user is a party to it.

        >>> payment = client.ledger.find("018f...")
        """
        raw = self._call("ledger.find", transaction=transaction_id)
        return None if raw is None else AccountingTransaction._of(raw)

    def pay(
        self,
        recipient: str,
        amount: float,
        *,
        app_name: str | None = None,
        app_ep_path: str | None = None,
        idempotency_key: str | None = None,
    ) -> AccountingTransaction:
        """Sets money aside for somebody, named by address or by name. It moves when either of the two confirms.

        With an `idempotency_key` of one's own, the same payment sent twice is made once.

        >>> payment = client.ledger.pay("bob", 2.5, app_ep_path="bob/notes")
        >>> payment.is_pending
        True
        """
        raw = self._call(
            "ledger.pay",
            recipient=recipient,
            amount=amount,
            app_name=app_name,
            app_ep_path=app_ep_path,
            idempotency_key=idempotency_key,
        )
        return AccountingTransaction._of(raw)

    def confirm(self, transaction_id: str) -> AccountingTransaction:
        """Confirms a pending transaction: the money moves.

        >>> (client.ledger.confirm(payment.id)).is_completed
        True
        """
        return AccountingTransaction._of(self._call("ledger.confirm", transaction=transaction_id))

    def cancel(self, transaction_id: str) -> AccountingTransaction:
        """Cancels a pending transaction: the money goes back to who set it aside.

        >>> (client.ledger.cancel(payment.id)).is_cancelled
        True
        """
        return AccountingTransaction._of(self._call("ledger.cancel", transaction=transaction_id))

    def transaction_tokens(self, owners: Iterable[str]) -> TransactionTokens:
        """Tokens with which each of the owners may charge the signed-in user; what fails for one is told beside the others.

        >>> (client.ledger.transaction_tokens(["bob", "nobody"])).errors
        {'nobody': 'there is no such user'}
        """
        return TransactionTokens._of(self._call("ledger.transaction_tokens", owners=list(owners)))

    def grants(self, *, page_size: int = 20) -> PageIterator[Grant]:
        """The grants that the signed-in user gave, newest first.

        >>> active = [grant for grant in client.ledger.grants().all() if grant.is_active]
        """
        return self._pages("ledger.grants", Grant, limit=page_size)

    def grant(
        self, recipient: str, *, cap: float | None = None, expires_in: timedelta | float | None = None
    ) -> NewGrant:
        """Gives somebody leave to charge the signed-in user, up to a cap and for a time, in seconds or as a timedelta.

        The recipient is named by address or by name. The answer is the only one with the token.

        >>> grant = client.ledger.grant("bob", cap=5, expires_in=timedelta(days=1))
        """
        seconds = expires_in.total_seconds() if isinstance(expires_in, timedelta) else expires_in
        life = None if seconds is None else int(seconds)
        body = changes(**_payee(recipient), cap=cap, expires_in=life)
        return NewGrant._of(self._call("ledger.grant", body=body))

    def revoke(self, grant_id: str) -> None:
        """Takes a grant back at once. What was charged stays charged.

        >>> client.ledger.revoke(grant.id)
        """
        self._call("ledger.revoke", grant=grant_id)

    def entries(self, *, page_size: int = 20) -> PageIterator[LedgerEntry]:
        """The lines of the signed-in user's account, newest first.

        >>> for entry in client.ledger.entries():
        ...     print(entry.created_at, entry.kind, entry.amount)
        """
        return self._pages("ledger.entries", LedgerEntry, limit=page_size)

    def export(self, format: str = "csv") -> str:
        """All lines of the signed-in user's account, oldest first, as `csv` or `jsonl`.

        >>> text = client.ledger.export("jsonl")
        """
        text: str = self._call("ledger.export", format=format)
        return text

    def deposit(self, recipient: str, amount: float, *, idempotency_key: str | None = None) -> AccountingUser:
        """Brings money in, which administrators of the hub may do; the account after it.

        >>> (client.ledger.deposit("bob", 10)).balance
        10.0
        """
        body = {**_payee(recipient), "amount": amount}
        raw = self._call("ledger.deposit", body=body, idempotency_key=idempotency_key)
        return AccountingUser._of(raw)

    def trial_balance(self) -> TrialBalance:
        """Whether the books of the hub are right, for its administrators.

        >>> (client.ledger.trial_balance()).is_balanced
        True
        """
        return TrialBalance._of(self._call("ledger.trial_balance"))


def _payee(recipient: str) -> dict[str, str]:
    """The recipient as a body names it: by address when there is an `@`."""
    return {"recipient_email" if "@" in recipient else "recipient_username": recipient}
