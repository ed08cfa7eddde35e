//! Why the ledger did not do what it was asked to.

use syfthub_core::Email;
use syfthub_core::ledger::{GrantRefused, NotPending};

use crate::db::StoreError;
use crate::seal::Unsealable;

/// Why nothing was done: no money moved, and nothing else changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LedgerError {
    /// The setting says so.
    #[error("this hub keeps no ledger")]
    Disabled,
    /// Who asks has no account.
    #[error("you have no account at this ledger")]
    NoAccount,
    /// Nobody has an account of that address.
    #[error("there is no account of {0}")]
    Unknown(Email),
    /// The address, or the user, has an account.
    #[error("there is an account of {0} already")]
    Taken(Email),
    /// Nothing, or nothing at all.
    #[error("the amount must be above 0")]
    NoAmount,
    /// Both sides are one account.
    #[error("sender and recipient are the same account")]
    SameAccount,
    /// The sender has less.
    #[error("the sender's balance is insufficient")]
    Insufficient,
    /// The recipient would have more than can be counted.
    #[error("the recipient's balance would be too large")]
    TooMuch,
    /// There is no such transaction or grant, or who asks has no part in it.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The transaction has ended.
    #[error(transparent)]
    NotPending(#[from] NotPending),
    /// The token is none of ours, or not for this sender and this recipient.
    #[error("the delegation token is not valid")]
    BadToken,
    /// The sender has granted nothing that is still good.
    #[error("the sender has granted you nothing that is still good")]
    NoGrant,
    /// The setting refuses charges without the token.
    #[error("show the delegation token: this ledger takes no charge without one")]
    TokenNeeded,
    /// The grant does not cover the charge.
    #[error(transparent)]
    Grant(#[from] GrantRefused),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The password is another one.
    #[error("the password is wrong")]
    WrongPassword,
    /// A secret does not open.
    #[error(transparent)]
    Sealed(#[from] Unsealable),
    /// The database is away, or broken.
    #[error(transparent)]
    Store(#[from] StoreError),
}
