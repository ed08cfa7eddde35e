//! Why something the owner asked of the space was not done.

use std::borrow::Cow;

use http::StatusCode;

use super::datasets::OpenError;
use super::ingest::IngestError;
use super::kind::BadConfiguration;
use crate::db::StoreError;
use crate::http::ApiError;
use crate::seal::Unsealable;

/// A refusal or failure of the space's own operations.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpaceError {
    /// There is no such thing.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// It collides with something that exists.
    #[error("{0}")]
    Conflict(String),
    /// It is not this one's to do.
    #[error("{0}")]
    Forbidden(String),
    /// It cannot be done as asked.
    #[error("{0}")]
    Refused(String),
    /// The hub refused or failed.
    #[error("{url}: {reason}")]
    Hub {
        /// The hub.
        url: String,
        /// What it said, or why it could not be asked.
        reason: String,
        /// Its status, when it answered.
        status: Option<u16>,
    },
    /// The space's own tables.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else of the space failed.
    #[error("{what}")]
    Broken {
        /// What failed.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SpaceError {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }

    pub(crate) fn broken(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Broken { what, source: source.into() }
    }

    pub(crate) fn hub(url: &impl ToString, error: &syfthub_client::Error) -> Self {
        Self::Hub { url: url.to_string(), reason: error.to_string(), status: error.status() }
    }
}

impl From<BadConfiguration> for SpaceError {
    fn from(bad: BadConfiguration) -> Self {
        Self::Refused(bad.0)
    }
}

impl From<Unsealable> for SpaceError {
    fn from(error: Unsealable) -> Self {
        Self::broken("a stored secret cannot be read", error)
    }
}

impl From<OpenError> for SpaceError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Configuration(bad) => bad.into(),
            error => Self::broken("the dataset cannot be opened", error),
        }
    }
}

impl From<IngestError> for SpaceError {
    fn from(error: IngestError) -> Self {
        Self::broken("the ingestion cannot be changed", error)
    }
}

impl From<tokio::task::JoinError> for SpaceError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::broken("a worker broke", error)
    }
}

impl From<SpaceError> for ApiError {
    fn from(error: SpaceError) -> Self {
        match error {
            SpaceError::NotFound(what) => Self::not_found(capitalised(what) + " not found"),
            SpaceError::Conflict(reason) => Self::plain(StatusCode::CONFLICT, reason),
            SpaceError::Forbidden(reason) => Self::forbidden(reason),
            SpaceError::Refused(reason) => Self::bad_request(reason),
            SpaceError::Hub { status, .. } => {
                let refused = status
                    .and_then(|status| StatusCode::from_u16(status).ok())
                    .filter(StatusCode::is_client_error);
                Self::plain(refused.unwrap_or(StatusCode::BAD_GATEWAY), error.to_string())
            }
            SpaceError::Store(error) => error.into(),
            error @ SpaceError::Broken { .. } => Self::internal(error),
        }
    }
}

fn capitalised(text: &'static str) -> Cow<'static, str> {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    Cow::Owned(first + letters.as_str())
}
