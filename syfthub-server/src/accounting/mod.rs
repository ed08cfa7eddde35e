//! The way to an accounting service of somebody else's: the account a user has there, and calls on the user's behalf
//! (contract hub 3.6 and 8).
//!
//! Reading order: `link` (the account a user has), `store` (its SQL).

mod link;
mod store;

pub(crate) use link::{after_change, sealed, store_password};
