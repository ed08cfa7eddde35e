//! Spans of time as both languages write them: a number of seconds.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// More than nothing, in seconds; fractions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) Duration);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        match Duration::try_from_secs_f64(number) {
            Ok(span) if !span.is_zero() => Ok(Self(span)),
            _ => Err(D::Error::custom(format_args!("expected more than 0 seconds, not {number}"))),
        }
    }
}
