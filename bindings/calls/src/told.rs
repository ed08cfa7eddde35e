//! A failure as both languages read it: data, of which each makes an exception of its own.

use serde::Serialize;
use serde_json::Value;
use syfthub_client::wire::billing::Billing;

use crate::failure::Failure;
use crate::operation::{Spelling, text};

/// A [`Failure`] as data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told<'a> {
    /// The word for its kind: that of [`ErrorKind::name`](syfthub_client::ErrorKind::name), or `argument_type`,
    /// `argument_value` or `panic`.
    pub kind: &'static str,
    /// What is wrong, for people.
    pub message: String,
    /// The argument that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    /// The status of the answer, when there was one.
    pub status: Option<u16>,
    /// The machine-readable reason, when the server gave one.
    pub code: Option<&'a str>,
    /// The `detail` of the answer.
    pub detail: Option<&'a Value>,
    /// The id under which the server logged the request.
    pub correlation_id: Option<&'a str>,
    /// How many seconds to wait before another try, when the server said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<f64>,
    /// What the failed answer cost all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<&'a Billing>,
}

impl Failure {
    /// [`Failure::told`] as JSON.
    pub fn to_json(&self, spelling: Spelling) -> String {
        text(&self.told(), spelling)
    }

    /// The failure as data, for a language to make its own exception of.
    pub fn told(&self) -> Told<'_> {
        let plain = |kind, message: &str| Told {
            kind,
            message: message.to_owned(),
            field: None,
            status: None,
            code: None,
            detail: None,
            correlation_id: None,
            retry_after: None,
            billing: None,
        };
        match self {
            Self::Argument(argument) => {
                let kind = if argument.of_type { "argument_type" } else { "argument_value" };
                Told { field: Some(&argument.field), ..plain(kind, &argument.message) }
            }
            Self::Client(error) => Told {
                status: error.status(),
                code: error.code(),
                detail: error.detail(),
                correlation_id: error.correlation_id(),
                retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
                billing: error.billing(),
                ..plain(error.kind().name(), &error.to_string())
            },
            Self::Panic(reason) => plain("panic", reason),
        }
    }
}
