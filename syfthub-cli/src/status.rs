//! How a command ended, as its exit code.

use std::process::ExitCode;

use syfthub_client::ErrorKind;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Success,
    Failure,
    Usage,
    NotSignedIn,
    NotFound,
    Refused,
    Unreachable,
    Interrupted,
}

impl Status {
    /// What a failed call means for the command.
    pub(crate) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Usage => Self::Usage,
            ErrorKind::NotSignedIn => Self::NotSignedIn,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Forbidden | ErrorKind::RateLimited => Self::Refused,
            ErrorKind::Unreachable | ErrorKind::Timeout => Self::Unreachable,
            _ => Self::Failure,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Success => 0,
            Status::Failure => 1,
            Status::Usage => 2,
            Status::NotSignedIn => 3,
            Status::NotFound => 4,
            Status::Refused => 5,
            Status::Unreachable => 6,
            Status::Interrupted => 130,
        })
    }
}
