//! Reading single values. Every refusal says which form is accepted.

use std::net::SocketAddr;
use std::time::Duration;

use clap::builder::Resettable;
use clap::{Args, Command};
use url::Url;

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "expected an IP address and a port, such as 127.0.0.1:8080 or [::]:8080".to_owned()
    })
}

pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let expected = "expected an address such as https://hub.example.org";
    let url = Url::parse(text).map_err(|_| expected.to_owned())?;
    if matches!(url.scheme(), "http" | "https") && url.query().is_none() {
        Ok(url)
    } else {
        Err(expected.to_owned())
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let expected = "expected a number of seconds above 0, such as 30 or 2.5";
    let seconds: f64 = text.parse().map_err(|_| expected.to_owned())?;
    let span = Duration::try_from_secs_f64(seconds).map_err(|_| expected.to_owned())?;
    if span.is_zero() { Err(expected.to_owned()) } else { Ok(span) }
}

pub(super) fn milliseconds(text: &str) -> Result<Duration, String> {
    let count = text.parse().ok().filter(|count| (1..=86_400_000).contains(count));
    let count = count.ok_or("expected a whole number of milliseconds above 0, such as 5000");
    Ok(Duration::from_millis(count?))
}

pub(super) fn minutes(text: &str) -> Result<Duration, String> {
    whole(text, 60, "expected a whole number of minutes above 0, such as 30")
}

pub(super) fn days(text: &str) -> Result<Duration, String> {
    whole(text, 24 * 60 * 60, "expected a whole number of days above 0, such as 7")
}

fn whole(text: &str, unit: u64, expected: &str) -> Result<Duration, String> {
    let count: u32 = text.parse().map_err(|_| expected.to_owned())?;
    if count == 0 {
        Err(expected.to_owned())
    } else {
        Ok(Duration::from_secs(u64::from(count) * unit))
    }
}

/// A count of things that there must be at least one of.
pub(super) fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=1_000_000_000).contains(count));
    count.ok_or_else(|| "expected a whole number above 0".to_owned())
}

/// A count that is stored and compared in the database.
pub(super) fn few(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| "expected a whole number from 1 to 1000000".to_owned())
}

/// A truth value in the spellings of the wire.
pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// A group of settings at its defaults, whatever the environment says.
///
/// # Panics
/// When a setting of the group is required, which is a mistake in the group.
pub(crate) fn defaults<T: Args>() -> T {
    let command = T::augment_args(Command::new("defaults").no_binary_name(true));
    let command = command.mut_args(|argument| argument.env(Resettable::Reset));
    let matches = command.get_matches_from([""; 0]);
    T::from_arg_matches(&matches).expect("every setting of the group has a default")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_in_their_unit() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        assert_eq!(minutes("30"), Ok(Duration::from_mins(30)));
        assert_eq!(days("7"), Ok(Duration::from_hours(168)));
    }

    #[test]
    fn a_refusal_says_what_is_accepted() {
        for refusal in [
            seconds("-1").unwrap_err(),
            seconds("inf").unwrap_err(),
            milliseconds("0").unwrap_err(),
            minutes("0").unwrap_err(),
            days("a week").unwrap_err(),
            count("0").unwrap_err(),
            few("0").unwrap_err(),
            truth("maybe").unwrap_err(),
            address("localhost").unwrap_err(),
            web_url("hub.example.org").unwrap_err(),
        ] {
            assert!(refusal.starts_with("expected "), "{refusal}");
        }
    }
}
