//! Money: the account, payments, and who may charge.

use syfthub_client::wire::ledger::{DepositDraft, GrantDraft};
use syfthub_client::{Client, ExportFormat, OwnerName, Price};

use super::pages::pages;
use super::recipient::Recipient;
use crate::operation::operations;

operations! {
    /// Money: the account, payments, and who may charge.
    OPERATIONS on Client;

    /// The signed-in user's account: what is left to spend, and what is set aside.
    call "ledger.balance" ["GET /api/v1/accounting/user"], () |hub| {
        Ok(hub.ledger().balance().await?)
    }

    /// The signed-in user's transactions, newest first.
    stream "ledger.history" ["GET /api/v1/accounting/transactions"], (skip: Option<u64>, limit: Option<u32>) |hub| {
        pages(hub.ledger().history(), skip, limit)
    }

    /// The transaction with this id, if the signed-in user is a party to it; else null.
    call "ledger.find" ["GET /api/v1/accounting/transactions/{id}"], (transaction: String) |hub| {
        Ok(hub.ledger().find(&transaction).await?)
    }

    /// Sets money aside for somebody, named by address or by name. It moves when either of the two confirms.
    call "ledger.pay" ["POST /api/v1/accounting/transactions"],
    (recipient: Recipient, amount: Price, app_name: Option<String>, app_ep_path: Option<String>, idempotency_key: Option<String>) |hub| {
        let mut payment = hub.ledger().pay(recipient.0, amount.0);
        if let Some(name) = app_name {
            payment = payment.app(name);
        }
        if let Some(path) = app_ep_path {
            payment = payment.endpoint(path);
        }
        if let Some(key) = idempotency_key {
            payment = payment.idempotency_key(key);
        }
        Ok(payment.send().await?)
    }

    /// Confirms a pending transaction: the money moves.
    call "ledger.confirm" ["POST /api/v1/accounting/transactions/{id}/confirm"], (transaction: String) |hub| {
        Ok(hub.ledger().confirm(&transaction).await?)
    }

    /// Cancels a pending transaction: the money goes back.
    call "ledger.cancel" ["POST /api/v1/accounting/transactions/{id}/cancel"], (transaction: String) |hub| {
        Ok(hub.ledger().cancel(&transaction).await?)
    }

    /// Tokens with which each of the owners may charge the signed-in user; what fails for one is said beside the others.
    call "ledger.transaction_tokens" ["POST /api/v1/accounting/transaction-tokens"], (owners: Vec<OwnerName>) |hub| {
        Ok(hub.ledger().transaction_tokens(&owners).await?)
    }

    /// The grants that the signed-in user gave, newest first.
    stream "ledger.grants" ["GET /api/v1/accounting/grants"], (skip: Option<u64>, limit: Option<u32>) |hub| {
        pages(hub.ledger().grants(), skip, limit)
    }

    /// Gives somebody leave to charge the signed-in user. The answer is the only one with the token.
    call "ledger.grant" ["POST /api/v1/accounting/grants"], (body: GrantDraft) |hub| {
        Ok(hub.ledger().grant(&body).await?)
    }

    /// Takes a grant back at once. What was charged stays charged.
    call "ledger.revoke" ["DELETE /api/v1/accounting/grants/{id}"], (grant: String) |hub| {
        Ok(hub.ledger().revoke(&grant).await?)
    }

    /// The lines of the signed-in user's account, newest first.
    stream "ledger.entries" ["GET /api/v1/accounting/entries"], (skip: Option<u64>, limit: Option<u32>) |hub| {
        pages(hub.ledger().entries(), skip, limit)
    }

    /// All lines of the signed-in user's account, oldest first, as one text: a table (`csv`), or a JSON object on each line
    /// (`jsonl`).
    call "ledger.export" ["GET /api/v1/accounting/entries"], (format: ExportFormat) |hub| {
        Ok(hub.ledger().export(format).await?)
    }

    /// Brings money in, which administrators of the hub may do; the account after it.
    call "ledger.deposit" ["POST /api/v1/accounting/deposits"], (body: DepositDraft, idempotency_key: Option<String>) |hub| {
        let hub = match idempotency_key {
            Some(key) => hub.with_idempotency_key(&key)?,
            None => hub,
        };
        Ok(hub.ledger().deposit(&body).await?)
    }

    /// Whether the books of the hub are right, for its administrators.
    call "ledger.trial_balance" ["GET /api/v1/accounting/trial-balance"], () |hub| {
        Ok(hub.ledger().trial_balance().await?)
    }
}
