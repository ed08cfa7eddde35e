//! Tokens: what the hub signs for itself ([`hub`]), what it signs for others ([`satellite`]), and the keys it publishes
//! for them ([`jwks`]). All pure: the time is an argument, and nothing in a payload counts before the signature holds.

pub mod hub;
pub mod jwks;
pub mod satellite;
