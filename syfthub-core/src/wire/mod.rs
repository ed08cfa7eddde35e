//! The bodies of requests and answers: the server writes what the client reads, from one definition.
//!
//! Requests implement [`crate::input::Input`], which checks every field. They derive serde, too, for programs that hold
//! them as JSON: that looks at types alone, and leaves the rules to the hub. Answers derive serde both ways and keep plain
//! types, so that a client also reads hubs that are laxer than ours.

pub mod access_token;
pub mod accounting;
pub mod admin;
pub mod aggregator;
pub mod auth;
pub mod billing;
pub mod chat;
pub mod citation;
pub mod discovery;
pub mod endpoint;
pub mod error_report;
pub mod filter;
pub mod health;
pub mod ledger;
pub mod organization;
pub mod space;
pub mod sync;
pub mod token;
pub mod user;
pub mod verification;
