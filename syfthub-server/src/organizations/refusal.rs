//! Why an operation on an organization does not happen, and how that looks on the wire.

use syfthub_core::input::Issue;
use syfthub_core::model::Access;

use crate::db::StoreError;
use crate::http::ApiError;
use crate::identity;

/// Why an operation on an organization or a member did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the values break a rule")]
    Invalid(Vec<Issue>),
    #[error("the slug is, or once was, somebody's name")]
    SlugTaken,
    #[error("there is no such organization, as far as the caller can see")]
    NotFound,
    #[error("the caller may see the organization and not do this")]
    Forbidden,
    #[error("there is no such user, or the account is switched off")]
    NoSuchUser,
    #[error("the user is no member")]
    NoSuchMember,
    #[error("the user is a member already")]
    AlreadyMember,
    #[error("the organization would have no owner")]
    LastOwner,
    #[error("the organization has no owner to come back for")]
    Ownerless,
    #[error(transparent)]
    Identity(#[from] identity::Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// Goes on when access was granted.
    pub(super) fn unless_granted(access: Access) -> Result<(), Self> {
        match access {
            Access::Granted => Ok(()),
            Access::Refused => Err(Self::Forbidden),
            Access::Hidden => Err(Self::NotFound),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(issues) => Self::Invalid(issues),
            Refusal::SlugTaken => Self::bad_request("This slug is taken"),
            Refusal::NotFound => Self::not_found("Organization not found"),
            Refusal::Forbidden => Self::forbidden("Your role does not allow this"),
            Refusal::NoSuchUser => Self::not_found("User not found"),
            Refusal::NoSuchMember => Self::not_found("Member not found"),
            Refusal::AlreadyMember => Self::bad_request("The user is a member already"),
            Refusal::LastOwner => {
                Self::bad_request("An organization keeps at least one owner; name another first")
            }
            Refusal::Ownerless => Self::bad_request("The organization has no active owner"),
            Refusal::Identity(refusal) => refusal.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}
