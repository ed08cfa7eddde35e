//! Why identity does not do what it was asked to, and how that looks on the wire.

use http::StatusCode;
use syfthub_core::input::Issue;
use syfthub_core::model::Scope;

use super::store::users::Taken;
use super::workers::Busy;
use crate::accounting;
use crate::db::StoreError;
use crate::http::ApiError;
use crate::shared::TooMany;

/// Why an operation on users, sessions or tokens did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the values break a rule")]
    Invalid(Vec<Issue>),
    #[error("somebody else registered with the {0}")]
    Registered(Taken),
    #[error("somebody else has the {0}")]
    Conflict(Taken),
    #[error("no user has this name and password")]
    BadCredentials,
    #[error("the account is switched off")]
    Deactivated,
    #[error("the address is not verified")]
    EmailNotVerified,
    #[error("this is not the code, or no longer")]
    WrongCode,
    #[error("the code was tried too often")]
    CodeExhausted,
    #[error("the current password is another one")]
    WrongPassword,
    #[error("the token does not count")]
    Unauthenticated,
    #[error("the personal access token lacks the scope {0}")]
    MissingScope(Scope),
    #[error("the user has {0} personal access tokens already")]
    TooManyTokens(i64),
    #[error("the user has no such personal access token")]
    TokenNotFound,
    #[error("the account is somebody else's")]
    NotPermitted,
    #[error("the caller does not run the hub")]
    NotAnAdministrator,
    #[error("there is no such user")]
    UserNotFound,
    #[error("administrators do not switch themselves off")]
    OwnAccount,
    #[error("nobody else runs the hub")]
    LastAdministrator,
    #[error("nobody else owns the organizations {}", .0.join(", "))]
    LastOwner(Vec<String>),
    #[error("the user has {0} aggregators already")]
    TooManyAggregators(usize),
    #[error("there is no such aggregator")]
    AggregatorNotFound,
    #[error("the aggregator is in somebody else's list")]
    ForeignAggregator,
    #[error("guests get no tokens here")]
    NoGuests,
    #[error("no service was named")]
    MissingAudience,
    #[error("no user is called {0}")]
    AudienceNotFound(String),
    #[error("the account of {0} is switched off")]
    AudienceInactive(String),
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Accounting(accounting::Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(issues) => Self::Invalid(issues),
            Refusal::Registered(taken) => {
                let message = format!("This {taken} is already registered");
                Self::coded(StatusCode::CONFLICT, "USER_ALREADY_EXISTS", message)
                    .with("field", taken.as_str())
            }
            Refusal::Conflict(taken) => {
                let message = format!("This {taken} is already in use");
                Self::coded(StatusCode::CONFLICT, "CONFLICT", message)
                    .with("resource", "user")
                    .with("field", taken.as_str())
            }
            Refusal::BadCredentials => Self::unauthorized("Invalid credentials"),
            Refusal::Deactivated => Self::unauthorized("Account is deactivated"),
            Refusal::EmailNotVerified => not_verified(),
            Refusal::WrongCode => wrong_code(),
            Refusal::CodeExhausted => code_exhausted(),
            Refusal::WrongPassword => Self::bad_request("Current password is incorrect"),
            Refusal::Unauthenticated => Self::unauthenticated(),
            Refusal::MissingScope(scope) => Self::forbidden(format!(
                "This access token lacks the scope '{scope}' that the request needs"
            )),
            Refusal::TooManyTokens(most) => Self::bad_request(format!(
                "You have {most} active access tokens, the most there can be; revoke one first"
            )),
            Refusal::TokenNotFound => Self::not_found("Access token not found"),
            Refusal::NotPermitted => Self::forbidden("Access denied: insufficient permissions"),
            Refusal::NotAnAdministrator => Self::forbidden("Operation not permitted"),
            Refusal::UserNotFound => Self::not_found("User not found"),
            Refusal::OwnAccount => Self::bad_request("You cannot deactivate your own account here"),
            Refusal::LastAdministrator => Self::bad_request(
                "This is the last active administrator; make another user an administrator first",
            ),
            Refusal::LastOwner(slugs) => Self::bad_request(format!(
                "This is the last active owner of: {}; make another member an owner first",
                slugs.join(", ")
            )),
            Refusal::TooManyAggregators(most) => Self::bad_request(format!(
                "You have {most} aggregators, the most there can be; delete one first"
            )),
            Refusal::AggregatorNotFound => Self::not_found("Aggregator not found"),
            Refusal::ForeignAggregator => Self::forbidden("This aggregator is another user's"),
            Refusal::NoGuests => Self::forbidden("This hub makes no tokens for guests"),
            Refusal::MissingAudience => {
                audience("missing_audience", "The audience must not be empty", "")
            }
            Refusal::AudienceNotFound(name) => {
                audience("audience_not_found", "Nobody has this name", &name)
            }
            Refusal::AudienceInactive(name) => {
                audience("audience_inactive", "This user's account is inactive", &name)
            }
            Refusal::TooMany(refused) => refused.into(),
            Refusal::Busy(busy) => busy.into(),
            Refusal::Accounting(refusal) => refusal.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

fn not_verified() -> ApiError {
    let message = "Verify your e-mail address with the code that was mailed to it";
    ApiError::coded(StatusCode::FORBIDDEN, "EMAIL_NOT_VERIFIED", message)
}

fn wrong_code() -> ApiError {
    let message = "This is not the code, or it is too old";
    ApiError::coded(StatusCode::BAD_REQUEST, "INVALID_OTP", message)
}

fn code_exhausted() -> ApiError {
    let message = "The code was tried too often; ask for a new one";
    ApiError::coded(StatusCode::TOO_MANY_REQUESTS, "OTP_MAX_ATTEMPTS", message)
}

/// The merged body that clients of either era read (contract hub 4.3).
fn audience(error: &str, message: &str, name: &str) -> ApiError {
    ApiError::named(StatusCode::BAD_REQUEST, error, message)
        .with("code", error.to_uppercase())
        .with("audience", name)
}

impl Taken {
    /// The field of the registration and the profile.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
        }
    }
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
