//! All SQL of identity.

pub(crate) mod sessions;
pub(crate) mod users;
