//! The operations on a space: on its admin API, and on what it answers callers.

mod datasets;
mod endpoints;
mod ingestion;
mod marketplaces;
mod models;
mod node;
mod pages;
mod policies;
mod provisioners;
mod settings;
mod tenants;

use std::collections::HashMap;
use std::sync::OnceLock;

use syfthub_client::space::Space;

use crate::operation::Operation;

const TABLES: &[&[Operation<Space>]] = &[
    node::OPERATIONS,
    datasets::OPERATIONS,
    models::OPERATIONS,
    endpoints::OPERATIONS,
    policies::OPERATIONS,
    ingestion::OPERATIONS,
    provisioners::OPERATIONS,
    marketplaces::OPERATIONS,
    settings::OPERATIONS,
    tenants::OPERATIONS,
];

/// Every operation on a space.
pub fn operations() -> impl Iterator<Item = &'static Operation<Space>> {
    TABLES.iter().copied().flatten()
}

/// The operation of this name, if there is one.
pub fn operation(name: &str) -> Option<&'static Operation<Space>> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Operation<Space>>> = OnceLock::new();
    BY_NAME.get_or_init(|| operations().map(|one| (one.name, one)).collect()).get(name).copied()
}

#[cfg(test)]
mod tests;
