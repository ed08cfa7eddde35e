//! The operations on a hub, its aggregator and its ledger.

mod auth;

use std::collections::HashMap;
use std::sync::OnceLock;

use syfthub_client::Client;

use crate::operation::Operation;

const TABLES: &[&[Operation<Client>]] = &[auth::OPERATIONS];

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
mod tests {
    use super::*;

    #[test]
    fn no_two_operations_have_one_name() {
        let named: Vec<&str> = operations().map(|one| one.name).collect();
        let mut distinct = named.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(named.len(), distinct.len());
        assert!(named.iter().all(|name| operation(name).is_some()));
    }
}
