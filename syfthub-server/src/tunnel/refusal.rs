//! Why a request does not get through a tunnel, and how that looks on the wire.

use std::time::Duration;

use http::StatusCode;

use super::metrics::Outcome;
use crate::db::StoreError;
use crate::http::ApiError;
use crate::shared::TooMany;

/// When it is worth asking again for a space that is away: it comes back with growing pauses.
const AWAY: Duration = Duration::from_secs(5);

/// When there may be room again in a tunnel that is full.
const FULL: Duration = Duration::from_secs(1);

/// Why the space was not asked, or did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("no tunnel of this owner is open")]
    Away,
    #[error("the tunnel carries as many requests as it may")]
    Full,
    #[error("{0}")]
    TooOften(#[from] TooMany),
    #[error("the tunnel has carried as many bytes as it may")]
    TooMuch(Duration),
    #[error("the tunnel broke")]
    Broken,
    #[error("the space did not begin its answer within {0:?}")]
    TimedOut(Duration),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Away => Outcome::Away,
            Self::Full | Self::TooOften(_) | Self::TooMuch(_) => Outcome::Busy,
            Self::Broken | Self::Store(_) => Outcome::Broken,
            Self::TimedOut(_) => Outcome::TimedOut,
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Away => {
                let detail = "The space is not connected to this hub now";
                Self::later(StatusCode::SERVICE_UNAVAILABLE, detail, AWAY)
            }
            Refusal::Full => {
                let detail = "The space answers as many requests as its tunnel may carry";
                Self::later(StatusCode::SERVICE_UNAVAILABLE, detail, FULL)
            }
            Refusal::TooOften(refused) => refused.into(),
            Refusal::TooMuch(wait) => {
                let detail = "The space's tunnel has carried as many bytes as it may for now";
                Self::later(StatusCode::TOO_MANY_REQUESTS, detail, wait)
            }
            Refusal::Broken => {
                Self::plain(StatusCode::BAD_GATEWAY, "The connection to the space broke off")
            }
            Refusal::TimedOut(limit) => {
                let seconds = limit.as_secs_f64();
                let detail = format!("The space did not begin to answer within {seconds}s");
                Self::plain(StatusCode::GATEWAY_TIMEOUT, detail)
            }
            Refusal::Store(error) => error.into(),
        }
    }
}
