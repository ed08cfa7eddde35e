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
from .pages import AsyncPageIterator
from .resource import AsyncResource, changes


class AsyncLedgerResource(AsyncResource):
    """Money at the hub's own ledger; `client.ledger`. Amounts have at most six decimals."""

    async def balance(self) -> AccountingUser:
        """The signed-in user's account: what is left to spend, and what is set aside.

        >>> (await client.ledger.balance()).balance
        10.0
        """
        return AccountingUser._of(await self._call("ledger.balance"))

    def history(self, *, page_size: int = 20) -> AsyncPageIterator[AccountingTransaction]:
        """The signed-in user's transactions, newest first.

        >>> async for transaction in client.ledger.history():
        ...     print(transaction.created_at, transaction.amount)
        """
        return self._pages("ledger.history", AccountingTransaction, limit=page_size)

    async def find(self, transaction_id: str) -> AccountingTransaction | None:
        """The transaction with this id, if the signed-in user is a party to it.

        >>> payment = await client.ledger.find("018f...")
        """
        raw = await self._call("ledger.find", transaction=transaction_id)
        return None if raw is None else AccountingTransaction._of(raw)

    async def pay(
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

        >>> payment = await client.ledger.pay("bob", 2.5, app_ep_path="bob/notes")
        >>> payment.is_pending
        True
        """
        raw = await self._call(
            "ledger.pay",
            recipient=recipient,
            amount=amount,
            app_name=app_name,
            app_ep_path=app_ep_path,
            idempotency_key=idempotency_key,
        )
        return AccountingTransaction._of(raw)

    async def confirm(self, transaction_id: str) -> AccountingTransaction:
        """Confirms a pending transaction: the money moves.

        >>> (await client.ledger.confirm(payment.id)).is_completed
        True
        """
        return AccountingTransaction._of(await self._call("ledger.confirm", transaction=transaction_id))

    async def cancel(self, transaction_id: str) -> AccountingTransaction:
        """Cancels a pending transaction: the money goes back to who set it aside.

        >>> (await client.ledger.cancel(payment.id)).is_cancelled
        True
        """
        return AccountingTransaction._of(await self._call("ledger.cancel", transaction=transaction_id))

    async def transaction_tokens(self, owners: Iterable[str]) -> TransactionTokens:
        """Tokens with which each of the owners may charge the signed-in user; what fails for one is told beside the others.

        >>> (await client.ledger.transaction_tokens(["bob", "nobody"])).errors
        {'nobody': 'there is no such user'}
        """
        return TransactionTokens._of(await self._call("ledger.transaction_tokens", owners=list(owners)))

    def grants(self, *, page_size: int = 20) -> AsyncPageIterator[Grant]:
        """The grants that the signed-in user gave, newest first.

        >>> active = [grant for grant in await client.ledger.grants().all() if grant.is_active]
        """
        return self._pages("ledger.grants", Grant, limit=page_size)

    async def grant(
        self, recipient: str, *, cap: float | None = None, expires_in: timedelta | float | None = None
    ) -> NewGrant:
        """Gives somebody leave to charge the signed-in user, up to a cap and for a time, in seconds or as a timedelta.

        The recipient is named by address or by name. The answer is the only one with the token.

        >>> grant = await client.ledger.grant("bob", cap=5, expires_in=timedelta(days=1))
        """
        seconds = expires_in.total_seconds() if isinstance(expires_in, timedelta) else expires_in
        life = None if seconds is None else int(seconds)
        body = changes(**_payee(recipient), cap=cap, expires_in=life)
        return NewGrant._of(await self._call("ledger.grant", body=body))

    async def revoke(self, grant_id: str) -> None:
        """Takes a grant back at once. What was charged stays charged.

        >>> await client.ledger.revoke(grant.id)
        """
        await self._call("ledger.revoke", grant=grant_id)

    def entries(self, *, page_size: int = 20) -> AsyncPageIterator[LedgerEntry]:
        """The lines of the signed-in user's account, newest first.

        >>> async for entry in client.ledger.entries():
        ...     print(entry.created_at, entry.kind, entry.amount)
        """
        return self._pages("ledger.entries", LedgerEntry, limit=page_size)

    async def export(self, format: str = "csv") -> str:
        """All lines of the signed-in user's account, oldest first, as `csv` or `jsonl`.

        >>> text = await client.ledger.export("jsonl")
        """
        text: str = await self._call("ledger.export", format=format)
        return text

    async def deposit(self, recipient: str, amount: float, *, idempotency_key: str | None = None) -> AccountingUser:
        """Brings money in, which administrators of the hub may do; the account after it.

        >>> (await client.ledger.deposit("bob", 10)).balance
        10.0
        """
        body = {**_payee(recipient), "amount": amount}
        raw = await self._call("ledger.deposit", body=body, idempotency_key=idempotency_key)
        return AccountingUser._of(raw)

    async def trial_balance(self) -> TrialBalance:
        """Whether the books of the hub are right, for its administrators.

        >>> (await client.ledger.trial_balance()).is_balanced
        True
        """
        return TrialBalance._of(await self._call("ledger.trial_balance"))


def _payee(recipient: str) -> dict[str, str]:
    """The recipient as a body names it: by address when there is an `@`."""
    return {"recipient_email" if "@" in recipient else "recipient_username": recipient}
