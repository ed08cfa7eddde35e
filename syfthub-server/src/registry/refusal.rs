//! Why the registry does not do what it was asked to, and how that looks on the wire.

use http::StatusCode;
use syfthub_core::input::Issue;
use syfthub_core::wire::sync::SyncIssue;

use crate::db::StoreError;
use crate::http::ApiError;
use crate::identity;

/// Why an operation on an endpoint did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the values break a rule")]
    Invalid(Vec<Issue>),
    #[error("the owner has an endpoint of this slug")]
    SlugTaken,
    #[error("the caller publishes nothing for the organization")]
    MayNotPublish,
    #[error("there is no such endpoint, as far as the caller can see")]
    NotFound,
    #[error("the caller may see the endpoint and not change it")]
    Forbidden,
    #[error("items of the catalogue break a rule")]
    Catalogue(Vec<SyncIssue>),
    #[error("the catalogue was not stored")]
    SyncFailed(#[source] StoreError),
    #[error(transparent)]
    Identity(#[from] identity::Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// A failure nobody foresaw is told to who syncs in the form that its clients know (contract hub 7.1).
    pub(super) fn of_sync(self) -> Self {
        match self {
            Self::Store(StoreError::Unavailable(reason)) => {
                Self::Store(StoreError::Unavailable(reason))
            }
            Self::Store(error) => Self::SyncFailed(error),
            refusal => refusal,
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(issues) => Self::Invalid(issues),
            // 400, not 409: spaces publish with POST and turn to PATCH on 400 (contract hub 2.6).
            Refusal::SlugTaken => Self::bad_request("The owner has an endpoint with this slug"),
            Refusal::MayNotPublish => Self::forbidden("You may not publish for this organization"),
            Refusal::NotFound => Self::not_found("Endpoint not found"),
            Refusal::Catalogue(issues) => {
                let message = "Nothing was published: the catalogue has mistakes";
                let errors = serde_json::to_value(issues).expect("plain structs become JSON");
                Self::coded(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
                    .with("errors", errors)
            }
            Refusal::SyncFailed(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a catalogue was not stored"
                );
                let message = "Nothing was published: the hub could not store the catalogue";
                Self::coded(StatusCode::INTERNAL_SERVER_ERROR, "SYNC_FAILED", message)
            }
            Refusal::Forbidden => Self::forbidden("Only the owner may change this endpoint"),
            Refusal::Identity(refusal) => refusal.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}
