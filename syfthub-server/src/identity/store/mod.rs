//! All SQL of identity.

pub(crate) mod access_tokens;
pub(crate) mod aggregators;
pub(crate) mod audiences;
pub(crate) mod codes;
pub(crate) mod overview;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod signing_keys;
pub(crate) mod users;
