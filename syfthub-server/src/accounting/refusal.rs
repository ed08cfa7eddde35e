//! Why an accounting service did not do what it was asked to, and how that looks on the wire.

use std::time::Duration;

use http::StatusCode;

use crate::db::StoreError;
use crate::http::ApiError;
use crate::ledger::LedgerError;
use crate::outbound::Refused;
use crate::seal::Unsealable;

/// Why a call to an accounting service, or what needs one, did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the user has no account at an accounting service")]
    NotConfigured,
    #[error("the service must not be called: {0}")]
    NotCallable(Refused),
    #[error("the service cannot be reached")]
    Unreachable,
    #[error("the service did not answer in time")]
    TooSlow,
    #[error("the service does not accept the user's credentials")]
    Rejected,
    #[error("the service refused: {detail}")]
    Refused { status: StatusCode, detail: String },
    #[error("the service answered with something else than its interface has")]
    Unreadable,
    #[error("the service has an account of this address already")]
    AccountExists,
    #[error("no user has this name")]
    NoSuchOwner,
    #[error("they are paid at another accounting service")]
    PaidElsewhere,
    #[error("organizations are paid at the hub's own ledger")]
    PaidHere,
    #[error("the user's money is at another accounting service")]
    KeptElsewhere,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the account at the service has another password")]
    WrongPassword,
    #[error("the service opens no account at present")]
    NoAccount,
    #[error(transparent)]
    Sealed(#[from] Unsealable),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// What is said about one of several owners.
    pub(super) fn about_one(&self) -> String {
        match self {
            Self::Refused { detail, .. } => detail.clone(),
            other => other.to_string(),
        }
    }
}

/// When a service that is away is worth another try.
const LATER: Duration = Duration::from_secs(5);

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotConfigured => {
                Self::bad_request("Accounting is not configured for this account")
            }
            Refusal::NotCallable(reason) => {
                Self::bad_request(format!("The accounting service must not be called: {reason}"))
            }
            Refusal::Unreachable | Refusal::TooSlow | Refusal::NoAccount => {
                let message = "The accounting service is not available";
                Self::later(StatusCode::SERVICE_UNAVAILABLE, message, LATER)
                    .known_as("ACCOUNTING_SERVICE_UNAVAILABLE")
            }
            // Not 401, which would make clients refresh their session (contract hub 4.2).
            Refusal::Rejected => Self::coded(
                StatusCode::FAILED_DEPENDENCY,
                "INVALID_ACCOUNTING_PASSWORD",
                "The accounting service does not accept the stored credentials",
            ),
            Refusal::Refused { status, detail } => Self::plain(status, detail),
            Refusal::NoSuchOwner => {
                Self::plain(StatusCode::NOT_FOUND, "Nobody who can be paid has this name")
            }
            Refusal::PaidElsewhere | Refusal::PaidHere => {
                Self::plain(StatusCode::CONFLICT, sentence(&refusal))
            }
            Refusal::KeptElsewhere => Self::bad_request(
                "Your account is at another accounting service, which has nothing like this",
            ),
            Refusal::Ledger(error) => error.into(),
            Refusal::Unreadable => Self::plain(
                StatusCode::BAD_GATEWAY,
                "The accounting service answered with something unexpected",
            ),
            Refusal::AccountExists => Self::coded(
                StatusCode::FAILED_DEPENDENCY,
                "ACCOUNTING_ACCOUNT_EXISTS",
                "The accounting service has an account of this address; send its password to link it",
            )
            .with("requires_accounting_password", true),
            // 401 is what clients know here (contract hub 3.1); nobody is signed in yet.
            Refusal::WrongPassword => Self::coded(
                StatusCode::UNAUTHORIZED,
                "INVALID_ACCOUNTING_PASSWORD",
                "The account at the accounting service has another password",
            ),
            Refusal::Sealed(error) => Self::internal(error),
            Refusal::Store(error) => error.into(),
        }
    }
}

/// The words of a refusal as a sentence of their own.
fn sentence(refusal: &impl std::fmt::Display) -> String {
    let words = refusal.to_string();
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
