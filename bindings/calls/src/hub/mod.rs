//! The operations on a hub, its aggregator and its ledger.

mod accounting;
mod admin;
mod agent;
mod aggregators;
mod api_tokens;
mod auth;
mod chat;
#[cfg(debug_assertions)]
mod defect;
mod discovery;
mod elsewhere;
mod endpoints;
mod ledger;
mod organizations;
mod pages;
mod recipient;
mod session;
mod spaces;
mod tokens;
mod users;

use std::collections::HashMap;
use std::sync::OnceLock;

use syfthub_client::Client;

use crate::operation::Operation;

const TABLES: &[&[Operation<Client>]] = &[
    auth::OPERATIONS,
    chat::OPERATIONS,
    agent::OPERATIONS,
    session::OPERATIONS,
    #[cfg(debug_assertions)]
    defect::OPERATIONS,
    users::OPERATIONS,
    api_tokens::OPERATIONS,
    aggregators::OPERATIONS,
    endpoints::OPERATIONS,
    discovery::OPERATIONS,
    organizations::OPERATIONS,
    tokens::OPERATIONS,
    ledger::OPERATIONS,
    admin::OPERATIONS,
    accounting::OPERATIONS,
    spaces::OPERATIONS,
    elsewhere::OPERATIONS,
];

/// Every operation on a hub.
pub fn operations() -> impl Iterator<Item = &'static Operation<Client>> {
    TABLES.iter().copied().flatten()
}

/// The operation of this name, if there is one.
pub fn operation(name: &str) -> Option<&'static Operation<Client>> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Operation<Client>>> = OnceLock::new();
    BY_NAME.get_or_init(|| operations().map(|one| (one.name, one)).collect()).get(name).copied()
}

#[cfg(test)]
mod tests;
