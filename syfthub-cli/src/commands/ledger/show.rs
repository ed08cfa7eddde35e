//! How money, moments and lists are shown.

use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use syfthub_client::Error;

use crate::args::Listing;

/// An amount as the wire has it, with at most six decimals.
pub(super) fn amount(units: f64) -> String {
    let text = format!("{units:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A moment as a service writes it, to the second, without the letter between date and time.
pub(super) fn moment(text: &str) -> String {
    let whole = text.get(..19).filter(|start| start.is_ascii()).unwrap_or(text);
    whole.replace('T', " ")
}

/// As much of a list as is to be shown, page after page.
pub(super) async fn first<T>(
    list: impl Stream<Item = Result<T, Error>> + Send,
    listing: &Listing,
) -> Result<Vec<T>, Error> {
    list.take(usize::try_from(listing.limit).unwrap_or(usize::MAX)).try_collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_as_many_decimals_as_they_need_and_no_more_than_six() {
        for (units, text) in [
            (0.0, "0"),
            (2.5, "2.5"),
            (-0.000_001, "-0.000001"),
            (0.1 + 0.2, "0.3"),
            (1_000_000.0, "1000000"),
            (-0.000_000_1, "0"),
        ] {
            assert_eq!(amount(units), text);
        }
    }

    #[test]
    fn a_moment_that_is_none_stays_as_it_is() {
        assert_eq!(moment("2026-11-20T12:51:43.000120Z"), "2026-11-20 12:51:43");
        assert_eq!(moment("yesterday"), "yesterday");
    }
}
