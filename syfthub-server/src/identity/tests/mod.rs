//! What identity promises over HTTP, and what its store functions promise on both engines.

mod access_tokens;
mod accounts;
mod codes;
mod limits;
mod sessions;
mod store;
mod tokens;
