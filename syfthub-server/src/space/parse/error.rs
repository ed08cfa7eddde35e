//! Why a document has no text.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Format;

/// A document fails alone: the reason, one sentence for the owner, goes into its job, the other documents go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub(crate) enum ParseError {
    #[error("no parser for this kind of file")]
    UnknownFormat,
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    #[error("the file cannot be read now: {0}")]
    Busy(String),
    #[error("the file changed while it was read")]
    Changed,
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    #[error("the file holds binary data, not text")]
    NotText,
    #[error("the file holds no text")]
    Empty,
    #[error("the {format} cannot be read: {reason}")]
    Broken { format: Format, reason: String },
    #[error("unpacked, the file is larger than {0} bytes")]
    UnpacksTooLarge(u64),
    #[error("a part of the file unpacks to more than {0} times its packed size")]
    UnpacksTooMuch(u64),
    #[error("the file is an archive of more than {0} parts")]
    TooManyParts(usize),
    #[error("the file holds more than {0} bytes of text")]
    TooMuchText(u64),
    #[error("the file needs more than {0} bytes of memory to be parsed")]
    OutOfMemory(u64),
    #[error("the file nests too deep")]
    TooDeep,
    #[error("the file took longer than {} s to parse", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("the parser broke on this file: {0}")]
    Died(String),
    #[error("something outside killed the parser of this file")]
    Killed,
    #[error("no parser could be started: {0}")]
    NoParser(String),
}

impl ParseError {
    /// A file that is not what its name says, or is damaged.
    pub(super) fn broken(format: Format, reason: impl fmt::Display) -> Self {
        Self::Broken { format, reason: reason.to_string() }
    }

    /// Whether the same file may well be read at another time.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Changed | Self::Killed | Self::NoParser(_))
    }
}
