//! How a failure is told: as an error whose message is JSON, from which the TypeScript half makes one of its classes.

use napi::{Error, Status};
use syfthub_calls::{Failure, Spelling};

/// The failure as Node gets it.
pub(crate) fn told(failure: Failure) -> Error {
    Error::new(Status::GenericFailure, failure.to_json(Spelling::Camel))
}

/// What a caller gets who did not want to wait any longer.
pub(crate) fn cancelled() -> Error {
    Error::new(Status::Cancelled, r#"{"kind":"cancelled","message":"the call was cancelled"}"#)
}
