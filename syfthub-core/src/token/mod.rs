//! Tokens: what the hub signs for itself ([`hub`]), what it signs for others ([`satellite`]), the keys it publishes for
//! them ([`jwks`]), and what a space signs for its owners ([`space`]). All pure: the time is an argument, and nothing in a payload counts before the signature holds.

pub mod hub;
pub mod jwks;
pub mod satellite;
pub mod space;
