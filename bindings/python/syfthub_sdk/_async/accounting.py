"""An accounting service, spoken to with the user's own credentials there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .._native import Hub
from ..exceptions import ConfigurationError
from ..models.ledger import AccountingTransaction, AccountingUser
from .connection import AsyncConnection
from .pages import AsyncPageIterator
from .resource import AsyncResource

if TYPE_CHECKING:
    from typing_extensions import Self


class AsyncAccountingResource(AsyncResource):
    """An account at an accounting service; `client.accounting`, or made with the address and the account's credentials.

    A hub's own ledger is such a service, and so is any that the hub's owner runs beside it. What goes through the hub
    instead is at `client.ledger`.

    >>> accounting = AsyncAccountingResource("https://ledger.example.com", "alice@example.com", "secret")
    """

    def __init__(self, url: str, email: str, password: str, timeout: float = 30.0) -> None:
        super().__init__(AsyncConnection(Hub(json.dumps({"base_url": url, "timeout_s": timeout}))))
        self._account: dict[str, str] | None = {"url": url, "email": email, "password": password}

    @classmethod
    def _of_user(cls, connection: AsyncConnection) -> Self:
        """The signed-in user's account, whose credentials the hub tells when they are first needed."""
        made = cls.__new__(cls)
        AsyncResource.__init__(made, connection)
        made._account = None
        return made

    async def get_user(self) -> AccountingUser:
        """The account.

        >>> (await client.accounting.get_user()).balance
        10.0
        """
        return AccountingUser._of(await self._at_service("accounting.user"))

    async def update_password(self, current_password: str, new_password: str) -> None:
        """Sets a new password at the service.

        >>> await client.accounting.update_password("secret", "another")
        """
        await self._at_service("accounting.change_password", current=current_password, new=new_password)
        self._account = {**(self._account or {}), "password": new_password}

    async def update_organization(self, organization: str) -> None:
        """Names the organization of the account.

        >>> await client.accounting.update_organization("Acme")
        """
        await self._at_service("accounting.set_organization", organization=organization)

    def get_transactions(self, *, page_size: int = 20) -> AsyncPageIterator[AccountingTransaction]:
        """The account's transactions, newest first.

        >>> async for transaction in client.accounting.get_transactions():
        ...     print(transaction.id, transaction.amount)
        """
        return self._pages("accounting.transactions", AccountingTransaction, limit=page_size, account=self._account)

    async def get_transaction(self, transaction_id: str) -> AccountingTransaction:
        """The transaction with this id. Raises `NotFoundError` when the account is no party to one.

        >>> payment = await client.accounting.get_transaction("018f...")
        """
        return await self._one("accounting.transaction", transaction=transaction_id)

    async def create_transaction(
        self, recipient_email: str, amount: float, app_name: str | None = None, app_ep_path: str | None = None
    ) -> AccountingTransaction:
        """Sets money aside for somebody. It moves when either of the two confirms.

        >>> payment = await client.accounting.create_transaction("bob@example.com", 2.5)
        """
        return await self._one(
            "accounting.create", recipient=recipient_email, amount=amount, app_name=app_name, app_ep_path=app_ep_path
        )

    async def confirm_transaction(self, transaction_id: str) -> AccountingTransaction:
        """Confirms a pending transaction: the money moves.

        >>> (await client.accounting.confirm_transaction(payment.id)).is_completed
        True
        """
        return await self._one("accounting.confirm", transaction=transaction_id)

    async def cancel_transaction(self, transaction_id: str) -> AccountingTransaction:
        """Cancels a pending transaction: the money goes back.

        >>> (await client.accounting.cancel_transaction(payment.id)).is_cancelled
        True
        """
        return await self._one("accounting.cancel", transaction=transaction_id)

    async def create_transaction_token(self, recipient_email: str) -> str:
        """A token with which somebody may charge the account.

        >>> token = await client.accounting.create_transaction_token("bob@example.com")
        """
        text: str = await self._at_service("accounting.token", recipient=recipient_email)
        return text

    async def create_delegated_transaction(self, sender_email: str, amount: float, token: str) -> AccountingTransaction:
        """Charges somebody who gave leave with a token. It moves when either of the two confirms.

        >>> payment = await client.accounting.create_delegated_transaction("bob@example.com", 1, token)
        """
        return await self._one("accounting.charge", sender=sender_email, amount=amount, token=token)

    def close(self) -> None:
        """Does nothing: connections that are not used close by themselves."""

    async def _one(self, name: str, **arguments: Any) -> AccountingTransaction:
        return AccountingTransaction._of(await self._at_service(name, **arguments))

    async def _at_service(self, name: str, **arguments: Any) -> Any:
        if self._account is None:
            told = await self._call("users.accounting")
            if not told["url"] or not told["password"]:
                raise ConfigurationError("no accounting service is linked to the account")
            self._account = told
        return await self._call(name, account=self._account, **arguments)
