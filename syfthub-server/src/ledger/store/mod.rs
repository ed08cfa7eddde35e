//! All SQL of the ledger, by table.
//!
//! PostgreSQL locks what a statement changes until the transaction ends, so everything that changes several rows does so in
//! one order, in which nobody waits in a circle: an idempotency key, a transaction, a grant, accounts by their ids.

pub(super) mod accounts;
pub(super) mod credentials;
pub(super) mod grants;
pub(super) mod keys;
pub(super) mod postings;
pub(super) mod transactions;
pub(super) mod trial;
mod values;
