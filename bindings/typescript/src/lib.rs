//! The compiled half of the Node package `@syfthub/sdk`.
//!
//! Operations go by name, with JSON text in and out whose fields are in camelCase; the TypeScript half gives them types.
//! - [`hub`]: a hub, and how its operations are called;
//! - [`texts`]: what arrives in parts;
//! - [`cancellation`]: how a caller who no longer waits says so;
//! - [`pure`]: what needs no network;
//! - [`failure`]: how a failure is told.

#![expect(clippy::needless_pass_by_value, reason = "what comes from Node is ours to keep")]

mod cancellation;
mod failure;
mod hub;
mod pure;
mod target;
mod texts;

use napi_derive::napi;

/// The version of the package.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
