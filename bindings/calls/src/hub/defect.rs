//! Defects on purpose, in debug builds alone: the tests of both languages try with them that a panic stays on this side.

use futures_util::stream;
use syfthub_client::{Client, Error};

use crate::operation::operations;

operations! {
    /// Defects on purpose.
    OPERATIONS on Client;

    /// Panics with this reason.
    call "defect.call" [], (reason: String) |_hub| {
        defect::<()>(&reason)
    }

    /// Gives one text and panics where the next one was to come.
    stream "defect.stream" [], (reason: String) |_hub| {
        stream::iter(0..2).map(move |nth| if nth == 0 { Ok::<_, Error>(nth) } else { panic!("{reason}") })
    }
}

fn defect<T>(reason: &str) -> Result<T, crate::Failure> {
    panic!("{reason}")
}
