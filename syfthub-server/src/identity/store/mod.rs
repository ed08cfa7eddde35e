//! All SQL of identity.

pub(crate) mod access_tokens;
pub(crate) mod codes;
pub(crate) mod sessions;
pub(crate) mod users;
