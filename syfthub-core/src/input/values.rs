//! Reading single values, with the coercions of contract hub 1.5.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::issue::Place;
use crate::clock::Timestamp;
use crate::email::Email;
use crate::ids::{EndpointId, OrganizationId, OwnerName, Slug, Tag, UserId, Username, Version};
use crate::invalid::{Invalid, check_length};
use crate::secret::Secret;

/// A type that can be read from what a stranger sent.
pub trait Input: Sized {
    /// Reads `value`; what is wrong with it is noted at `place`.
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self>;
}

pub(super) fn read_text(
    value: &Value,
    place: &mut Place<'_>,
    min: usize,
    max: usize,
) -> Option<String> {
    let text = String::read(value, place)?;
    match check_length(&text, min, max) {
        Ok(()) => Some(text),
        Err(refusal) => place.refuse(refusal, value),
    }
}

pub(super) fn read_number(value: &Value, place: &mut Place<'_>, min: i64, max: i64) -> Option<i64> {
    let number = i64::read(value, place)?;
    if number < min {
        return place.refuse(Invalid::below(min), value);
    }
    if number > max {
        return place.refuse(Invalid::above(max), value);
    }
    Some(number)
}

impl Input for Value {
    fn read(value: &Value, _: &mut Place<'_>) -> Option<Self> {
        Some(value.clone())
    }
}

impl Input for Map<String, Value> {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value.as_object() {
            Some(object) => Some(object.clone()),
            None => {
                place.refuse(Invalid::new("dict_type", "Input should be a valid dictionary"), value)
            }
        }
    }
}

impl Input for String {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value.as_str() {
            Some(text) if text.contains('\0') => {
                place.refuse(Invalid::value("text must not hold a null character"), value)
            }
            Some(text) => Some(text.to_owned()),
            None => {
                place.refuse(Invalid::new("string_type", "Input should be a valid string"), value)
            }
        }
    }
}

impl Input for Secret {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        String::read(value, place).map(Self::new)
    }
}

impl Input for bool {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let read = match value {
            Value::Bool(yes) => Some(*yes),
            Value::Number(number) if number.as_f64() == Some(1.0) => Some(true),
            Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
            Value::String(word) => match word.to_lowercase().as_str() {
                "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
                "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        read.or_else(|| {
            let message = "Input should be a valid boolean, unable to interpret input";
            place.refuse(Invalid::new("bool_parsing", message), value)
        })
    }
}

impl Input for i64 {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Some(whole),
                (None, Some(real)) => whole_of(real).or_else(|| {
                    let message =
                        "Input should be a valid integer, got a number with a fractional part";
                    place.refuse(Invalid::new("int_from_float", message), value)
                }),
                (None, None) => place.refuse(not_an_integer(), value),
            },
            Value::String(text) => {
                text.trim().parse().ok().or_else(|| place.refuse(not_an_integer(), value))
            }
            _ => place.refuse(Invalid::new("int_type", "Input should be a valid integer"), value),
        }
    }
}

fn not_an_integer() -> Invalid {
    Invalid::new(
        "int_parsing",
        "Input should be a valid integer, unable to parse string as an integer",
    )
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the bounds are checked first; 2^53 is exact in both types"
)]
fn whole_of(real: f64) -> Option<i64> {
    (real.fract() == 0.0 && real.abs() <= 9_007_199_254_740_992.0).then_some(real as i64)
}

impl Input for f64 {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let read = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => {
                return place
                    .refuse(Invalid::new("float_type", "Input should be a valid number"), value);
            }
        };
        read.filter(|number| number.is_finite()).or_else(|| {
            let message = "Input should be a valid number, unable to parse string as a number";
            place.refuse(Invalid::new("float_parsing", message), value)
        })
    }
}

macro_rules! numbers {
    ($($name:ident),*) => {$(
        impl Input for $name {
            fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
                i64::read(value, place).map(Self)
            }
        }
    )*};
}

numbers!(UserId, OrganizationId, EndpointId);

impl Input for Timestamp {
    /// RFC 3339 in any offset; a moment without one is taken for UTC, as `isoformat()` of naive Python dates writes it.
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let Some(text) = value.as_str() else {
            let refusal = Invalid::new("datetime_type", "Input should be a valid datetime");
            return place.refuse(refusal, value);
        };
        let read = Self::parse(text).or_else(|_| Self::parse(&format!("{text}Z")));
        // An offset can push a moment out of the years that can be written down again.
        let read = read.ok().filter(|moment| write!(String::new(), "{moment}").is_ok());
        read.or_else(|| {
            let message = "Input should be a valid datetime, such as 2026-11-20T12:00:00Z";
            place.refuse(Invalid::new("datetime_from_date_parsing", message), value)
        })
    }
}

macro_rules! parsed_text {
    ($($name:ty),*) => {$(
        impl Input for $name {
            fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
                let text = String::read(value, place)?;
                Self::parse(&text).map_or_else(|refusal| place.refuse(refusal, value), Some)
            }
        }
    )*};
}

parsed_text!(Username, OwnerName, Slug, Tag, Version, Email);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parse;
    use crate::clock::Timestamp;

    #[test]
    fn integers_pass_as_text_and_as_whole_floats() {
        for (sent, read) in [(json!(7), 7), (json!("7"), 7), (json!(7.0), 7)] {
            assert_eq!(parse::<i64>(&sent, "query").unwrap(), read);
        }
        assert_eq!(parse::<i64>(&json!(7.5), "query").unwrap_err()[0].kind, "int_from_float");
        assert_eq!(parse::<i64>(&json!("x"), "query").unwrap_err()[0].kind, "int_parsing");
    }

    #[test]
    fn booleans_pass_as_words_and_as_bits() {
        for yes in [json!(true), json!(1), json!("YES"), json!("on")] {
            assert!(parse::<bool>(&yes, "body").unwrap());
        }
        assert_eq!(parse::<bool>(&json!("perhaps"), "body").unwrap_err()[0].kind, "bool_parsing");
    }

    #[test]
    fn a_number_never_passes_as_text() {
        assert_eq!(parse::<String>(&json!(7), "body").unwrap_err()[0].kind, "string_type");
    }

    #[test]
    fn a_moment_without_an_offset_is_utc() {
        let read = |text: &str| parse::<Timestamp>(&json!(text), "body");
        assert_eq!(read("2026-11-20T12:00:00"), read("2026-11-20T13:00:00+01:00"));
        for bad in ["", "soon", "2026-11-20", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-05:00"] {
            assert_eq!(read(bad).unwrap_err()[0].kind, "datetime_from_date_parsing", "{bad}");
        }
    }

    #[test]
    fn only_finite_numbers_are_numbers() {
        assert!(parse::<f64>(&json!("NaN"), "body").is_err());
        assert!((parse::<f64>(&json!("0.25"), "body").unwrap() - 0.25).abs() < f64::EPSILON);
    }
}
