//! What the hub's own ledger says, in the words of the hub's wire.

use syfthub_core::wire::accounting::{AccountingTransaction, AccountingUser};
use syfthub_core::wire::ledger::{Entry, Grant, TrialBalance};
use syfthub_core::{Money, Timestamp};

use crate::ledger::{self, Account, Granted, Line, Transfer};

/// An account.
pub(super) fn account(account: Account) -> AccountingUser {
    AccountingUser {
        id: account.id.to_string(),
        email: account.email.to_string(),
        balance: account.available.to_units(),
        held: Some(account.held.to_units()),
        organization: account.organization,
    }
}

/// A transaction.
pub(super) fn transaction(transfer: Transfer) -> AccountingTransaction {
    let Transfer { transaction, sender_email, recipient_email } = transfer;
    AccountingTransaction {
        id: transaction.id.to_string(),
        sender_email: sender_email.to_string(),
        recipient_email: recipient_email.to_string(),
        amount: transaction.amount.to_units(),
        status: transaction.status.as_str().to_owned(),
        created_by: transaction.created_by.as_str().to_owned(),
        resolved_by: transaction.resolved_by.map(|by| by.as_str().to_owned()),
        created_at: transaction.created_at.to_string(),
        resolved_at: transaction.resolved_at.map(|at| at.to_string()),
        app_name: transaction.app_name,
        app_ep_path: transaction.app_ep_path,
    }
}

/// A grant, as it counts at `now`.
pub(super) fn grant(granted: Granted, now: Timestamp) -> Grant {
    let Granted { grant, sender_email, recipient_email } = granted;
    Grant {
        id: grant.id.to_string(),
        sender_email: sender_email.to_string(),
        recipient_email: recipient_email.to_string(),
        cap: grant.cap,
        spent: grant.spent,
        created_at: grant.created_at,
        expires_at: grant.expires_at,
        revoked_at: grant.revoked_at,
        is_active: grant.allow(Money::ZERO, now).is_ok(),
    }
}

/// A line of an account.
pub(super) fn entry(line: Line) -> Entry {
    let is_deposit = line.kind == syfthub_core::ledger::Kind::Deposit;
    Entry {
        id: line.id,
        transaction_id: (!is_deposit).then_some(line.reference),
        kind: line.kind.as_str().to_owned(),
        bucket: line.bucket.as_str().to_owned(),
        amount: units(line.micros),
        created_at: line.at,
    }
}

/// The books.
pub(super) fn trial_balance(trial: ledger::TrialBalance) -> TrialBalance {
    TrialBalance {
        is_balanced: trial.is_balanced(),
        accounts: trial.accounts,
        available: units(trial.available),
        held: units(trial.held),
        deposited: units(trial.deposited),
        pending: trial.pending,
        wrong_balances: trial.wrong_balances,
        wrong_holds: trial.wrong_holds,
        wrong_movements: trial.wrong_movements,
        wrong_grants: trial.wrong_grants,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "balances end where a JSON number stops being exact"
)]
fn units(micros: i64) -> f64 {
    micros as f64 / 1e6
}
