//! Why the registry does not do what it was asked to, and how that looks on the wire.

use syfthub_core::input::Issue;

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
    #[error(transparent)]
    Identity(#[from] identity::Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(issues) => Self::Invalid(issues),
            // 400, not 409: spaces publish with POST and turn to PATCH on 400 (contract hub 2.6).
            Refusal::SlugTaken => Self::bad_request("The owner has an endpoint with this slug"),
            Refusal::MayNotPublish => Self::forbidden("You may not publish for this organization"),
            Refusal::NotFound => Self::not_found("Endpoint not found"),
            Refusal::Forbidden => Self::forbidden("Only the owner may change this endpoint"),
            Refusal::Identity(refusal) => refusal.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}
