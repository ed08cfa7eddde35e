//! The client against a hub that does what each test tells it to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod agent;
mod chat;
mod direct;
mod discovery;
mod examples;
mod exchanges;
mod ledger;
mod organizations;
mod publishing;
mod sending;
mod sessions;
mod spaces;
mod support;
