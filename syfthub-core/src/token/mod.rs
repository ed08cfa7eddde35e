//! Tokens: what the hub signs for itself ([`hub`]), what it signs for others ([`satellite`]), the keys it publishes for
//! them ([`jwks`]), what a space signs for its owners ([`space`]), and what the ledger signs for those who may charge
//! somebody ([`delegation`]). All pure: the time is an argument, and nothing in a payload counts before the signature holds.

pub mod delegation;
pub mod hub;
pub mod jwks;
pub mod satellite;
pub mod space;
