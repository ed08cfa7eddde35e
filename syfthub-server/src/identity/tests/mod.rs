//! What identity promises over HTTP, and what its store functions promise on both engines.

mod access_tokens;
mod accounts;
mod administration;
mod aggregators;
mod bootstrap;
mod codes;
mod keys;
mod limits;
mod races;
mod sessions;
mod store;
mod tokens;
