//! The compiled half of the Node package `@syfthub/sdk`.
//!
//! Operations go by name, with JSON text in and out whose fields are in camelCase; the TypeScript half gives them types.
//! - [`hub`]: a hub, and how its operations are called;
//! - [`space`]: a space, likewise;
//! - [`verifier`]: callers' tokens, judged without asking a hub;
//! - [`texts`]: what arrives in parts;
//! - [`cancellation`]: how a caller who no longer waits says so;
//! - [`pure`]: what needs no network;
//! - [`failure`]: how a failure is told.

#![expect(clippy::needless_pass_by_value, reason = "what comes from Node is ours to keep")]

mod cancellation;
mod failure;
mod hub;
mod pure;
mod space;
mod target;
mod texts;
mod verifier;

use napi_derive::napi;

/// The version of the package.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The names of the operations on a hub and on a space, as a JSON object of lists: what the TypeScript half must offer.
#[napi]
pub fn operations() -> String {
    let hub: Vec<&str> = syfthub_calls::hub::operations().map(|one| one.name).collect();
    let space: Vec<&str> = syfthub_calls::space::operations().map(|one| one.name).collect();
    serde_json::json!({"hub": hub, "space": space}).to_string()
}
