//! The rules of a double-entry ledger, without a store (contract accounting 4.5 and 4.7).
//!
//! Money is reserved when a transaction is created, moves when it is confirmed, and comes back when it is cancelled or
//! expires. Each of these is a [`Movement`]: postings that sum to zero. Balances change by movements alone, so that they
//! are what the postings add up to, and nobody's can fall below nothing.
//!
//! Reading order: [`posting`] (what moves), [`transaction`] (who may settle one, and when), [`grant`] (how much somebody
//! may charge somebody else).

pub mod grant;
pub mod posting;
pub mod transaction;

pub use grant::{Grant, GrantRefused, Origin};
pub use posting::{Bucket, Change, Kind, Movement, Posting};
pub use transaction::{NotPending, Resolution, Side, Status, Transaction, Verdict};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id that this text is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// An account's id: a UUID. On the wire a string.
    AccountId
}
text_id! {
    /// A transaction's id: a UUID of version 7, so that later ones sort after earlier ones. On the wire a string.
    TransactionId
}
text_id! {
    /// A grant's id: a UUID of version 7, which is also the `jti` of its tokens.
    GrantId
}
