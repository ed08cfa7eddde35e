//! Why a sign of life is not taken, and how that looks on the wire.

use syfthub_core::input::Issue;
use syfthub_core::model::Access;

use crate::db::StoreError;
use crate::http::ApiError;
use crate::identity;

/// Why a sign of life is not taken, or a history not shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the values break a rule")]
    Invalid(Vec<Issue>),
    #[error("there is no such organization, as far as the caller can see")]
    NoOrganization,
    #[error("the caller does not speak for the organization's space")]
    Forbidden,
    #[error("there is no such endpoint, as far as the caller can see")]
    NoEndpoint(Box<ApiError>),
    #[error(transparent)]
    Identity(#[from] identity::Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    pub(super) fn unless_granted(access: Access) -> Result<(), Self> {
        match access {
            Access::Granted => Ok(()),
            Access::Refused => Err(Self::Forbidden),
            Access::Hidden => Err(Self::NoOrganization),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(issues) => Self::Invalid(issues),
            Refusal::NoOrganization => Self::not_found("Organization not found"),
            Refusal::Forbidden => {
                Self::forbidden("Only owners and admins of the organization may send its heartbeat")
            }
            Refusal::NoEndpoint(denial) => *denial,
            Refusal::Identity(refusal) => refusal.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}
