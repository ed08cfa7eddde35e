//! The servers of SyftHub.
//!
//! In reading order:
//! - [`config`]: every setting.
//! - [`hub`]: the hub as a whole: what it is made of and how it starts; its routes stand on one page in `router`.
//! - [`aggregator`]: questions to many spaces at once, in a hub or by itself.
//! - `http`: what every route shares. `outbound`: the one way out for calls that users make it do.
//! - [`db`]: one executor over SQLite and PostgreSQL. `audit`: the trace of changes.
//!   `seal`: secrets at rest.
//! - [`space`]: a node that people run: documents and models behind endpoints, on listeners of its own.
//! - `shared`: what several instances share: rate windows and news of changes, in memory or in Redis.
//! - `operation`: health, metrics and the description of the routes. [`reference`](mod@reference): the pages about them.
//! - `identity`: users, sessions and tokens. `registry`: what users publish. `content`: its pages for people.
//!   `organizations`: what they publish together. `invocation`: calling it. `health`: whether it answers.
//! - `ledger`: what callers owe them, to the millionth.
//! - `tunnel`: spaces behind NAT, reached at the hub's origin. `jobs`: what the hub does by itself.

mod accounting;
pub mod aggregator;
mod audit;
#[cfg(test)]
mod authorization;
mod clock;
pub mod config;
mod content;
pub mod db;
mod errors;
#[cfg(test)]
mod fixture;
mod health;
mod http;
pub mod hub;
mod identity;
mod invocation;
mod jobs;
pub mod keys_command;
mod ledger;
mod mail;
pub mod memory;
mod operation;
mod organizations;
mod outbound;
mod random;
pub mod reference;
mod registry;
mod router;
mod running;
mod seal;
mod shared;
#[cfg(test)]
mod simulation;
pub mod space;
pub mod telemetry;
#[cfg(test)]
mod testing;
mod tunnel;

pub use clock::SystemClock;
pub use http::{CorsOrigins, ForwardedHeader, TrustedProxy};
pub use outbound::{Allowed, NotAllowable};
pub use router::openapi;
pub use running::{Running, StartError};
pub use shared::{Limit, Rate, RedisUrl};
pub use syfthub_client::RuntimeTimer;
