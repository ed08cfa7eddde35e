//! Errors out of answers.

use http::StatusCode;
use serde::{Deserialize, Deserializer};
use syfthub_client::Error;

use crate::failure::Failure;
use crate::operation::operations;

/// A status of an answer: three digits.
struct Status(StatusCode);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        StatusCode::from_u16(number).map(Self).map_err(serde::de::Error::custom)
    }
}

operations! {
    /// Errors out of answers.
    OPERATIONS on ();

    /// The error that an answer with this status and this body stands for.
    call "error.of" [], (status: Status, body: String) |_offline| {
        let failure = Failure::Client(Error::from_answer(status.0, body.as_bytes()));
        Ok(serde_json::to_value(failure.told()).expect("what is told of a failure is JSON"))
    }
}
