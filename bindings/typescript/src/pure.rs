//! What needs no network.

use napi_derive::napi;
use syfthub_calls::Spelling;

use crate::failure;

/// The answer of an operation that waits for nothing, as JSON.
#[napi(catch_unwind)]
pub(crate) fn pure(name: String, arguments: String) -> napi::Result<String> {
    syfthub_calls::pure::run_in(Spelling::Camel, &name, &arguments).map_err(failure::told)
}
