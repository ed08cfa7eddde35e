//! What the ledger is asked for, and what it tells.

use syfthub_core::ledger::{AccountId, Bucket, Grant, Kind, Transaction};
use syfthub_core::{Email, Money, Secret, Timestamp, UserId};

use crate::http::CorrelationId;

/// The most that a bucket holds, in millionths: beyond it JSON numbers are not exact.
pub(super) const MOST_MICROS: i64 = 9_007_199_254_740_991;

/// An account, with its balance of the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Its id.
    pub(crate) id: AccountId,
    /// Its address.
    pub(crate) email: Email,
    /// The user of the hub whose account it is.
    pub(crate) user: Option<UserId>,
    /// The organization that its holder named.
    pub(crate) organization: Option<String>,
    /// What can be spent: the balance of the wire.
    pub(crate) available: Money,
    /// What is set aside for pending transactions.
    pub(crate) held: Money,
}

/// A transaction with the addresses of its parties, as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transfer {
    /// The transaction.
    pub(crate) transaction: Transaction,
    /// Who pays.
    pub(crate) sender_email: Email,
    /// Who is paid.
    pub(crate) recipient_email: Email,
}

/// A grant with the addresses of its parties, as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    /// The grant.
    pub(crate) grant: Grant,
    /// Who pays.
    pub(crate) sender_email: Email,
    /// Who may charge.
    pub(crate) recipient_email: Email,
}

/// A posting as its account's holder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number; later ones are higher.
    pub(crate) id: i64,
    /// The transaction or the deposit that it belongs to.
    pub(crate) reference: String,
    /// Why money moved.
    pub(crate) kind: Kind,
    /// Which part of the account changed.
    pub(crate) bucket: Bucket,
    /// By how many millionths.
    pub(crate) micros: i64,
    /// When.
    pub(crate) at: Timestamp,
}

/// What the trace of changes says of a request.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// The user of the hub who asked, if one did.
    pub(crate) actor: Option<UserId>,
    /// The request.
    pub(crate) correlation_id: String,
}

impl Trace {
    /// A request of `actor`, or of nobody whom the hub knows.
    pub(crate) fn of(actor: Option<UserId>, correlation_id: &CorrelationId) -> Self {
        Self { actor, correlation_id: correlation_id.as_str().to_owned() }
    }

    /// Work that no request caused.
    pub(crate) fn own() -> Self {
        Self::of(None, &CorrelationId::random())
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    pub(super) who: Who,
    pub(super) trace: Trace,
}

/// By what somebody is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// They opened this account with its password.
    Account(AccountId),
    /// They are signed in at the hub.
    User(UserId),
    /// They hold a delegation token, and nothing else is known of them.
    Holder,
}

impl Party {
    /// Who opened `account`, which belongs to `user` of the hub.
    pub(crate) fn account(
        account: AccountId,
        user: Option<UserId>,
        correlation_id: &CorrelationId,
    ) -> Self {
        Self { who: Who::Account(account), trace: Trace::of(user, correlation_id) }
    }

    /// Who is signed in at the hub.
    pub(crate) fn user(user: UserId, correlation_id: &CorrelationId) -> Self {
        Self { who: Who::User(user), trace: Trace::of(Some(user), correlation_id) }
    }

    /// Who holds a delegation token.
    pub(crate) fn holder(correlation_id: &CorrelationId) -> Self {
        Self { who: Who::Holder, trace: Trace::of(None, correlation_id) }
    }
}

/// A transaction to be created.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// The other side: who is paid; of a delegated one, who pays.
    pub(crate) other: Email,
    /// How much, above nothing.
    pub(crate) amount: Money,
    /// The program it is made for.
    pub(crate) app_name: Option<String>,
    /// The endpoint it is made for.
    pub(crate) app_ep_path: Option<String>,
    /// The request's idempotency key.
    pub(crate) key: Option<String>,
}

/// By what leave a recipient charges a sender.
#[derive(Debug, Clone)]
pub(crate) enum Delegation {
    /// This token.
    Token(Secret),
    /// Whatever grant there is: clients of some versions lose the token on the way (contract accounting 4.7).
    Standing,
}

/// Money that comes in.
#[derive(Debug, Clone)]
pub(crate) struct Deposit {
    /// Whose account it goes to.
    pub(crate) to: Email,
    /// How much, above nothing.
    pub(crate) amount: Money,
    /// What it is for, for the trace of changes.
    pub(crate) note: Option<String>,
    /// The request's idempotency key.
    pub(crate) key: Option<String>,
}

/// The whole ledger added up. The lists of what does not agree are empty, or something is broken; each has at most 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrialBalance {
    /// Accounts, without the ledger's own.
    pub(crate) accounts: i64,
    /// Millionths that can be spent.
    pub(crate) available: i64,
    /// Millionths that are set aside.
    pub(crate) held: i64,
    /// Millionths that came in.
    pub(crate) deposited: i64,
    /// Transactions that are pending.
    pub(crate) pending: i64,
    /// Millionths of these.
    pub(crate) pending_amount: i64,
    /// Accounts whose balance is not what their postings add up to.
    pub(crate) wrong_balances: Vec<String>,
    /// Accounts whose reserved money is not what their pending transactions add up to.
    pub(crate) wrong_holds: Vec<String>,
    /// Transactions and deposits with a movement that does not sum to zero.
    pub(crate) wrong_movements: Vec<String>,
    /// Grants whose spending is not what their transactions add up to, or is above the cap.
    pub(crate) wrong_grants: Vec<String>,
}

impl TrialBalance {
    /// Whether everything agrees.
    pub(crate) fn is_balanced(&self) -> bool {
        let lists =
            [&self.wrong_balances, &self.wrong_holds, &self.wrong_movements, &self.wrong_grants];
        lists.iter().all(|list| list.is_empty())
            && self.available + self.held == self.deposited
            && self.held == self.pending_amount
    }
}
