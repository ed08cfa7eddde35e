//! All SQL of the space but that of ingestion.

pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod endpoints;
pub(crate) mod health;
pub(crate) mod listings;
pub(crate) mod marketplaces;
pub(crate) mod parts;
pub(crate) mod settings;
pub(crate) mod tenants;

use serde_json::{Map, Value};

/// JSON that this program wrote; what is not readable any more counts as empty.
fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn text(object: &Map<String, Value>) -> String {
    serde_json::to_string(object).expect("an object of plain values is JSON")
}
