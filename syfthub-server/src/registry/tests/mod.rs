//! What the registry promises over HTTP, and what its store functions promise on both engines.

mod content;
mod endpoints;
mod failures;
mod lists;
mod moderation;
mod public;
mod races;
mod stars;
mod store;
mod story;
mod sync;

use serde_json::{Value, json};

/// The least of a draft.
fn draft(name: &str, kind: &str) -> Value {
    json!({"name": name, "type": kind})
}

/// A draft with a visibility.
fn seen_by(name: &str, visibility: &str) -> Value {
    json!({"name": name, "type": "model", "visibility": visibility})
}

/// The slugs of a list.
fn slugs(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|endpoint| endpoint["slug"].as_str().unwrap()).collect()
}
