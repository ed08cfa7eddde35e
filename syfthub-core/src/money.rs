//! Amounts of money: whole millionths, so that sums are exact (contract accounting 4.7).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

use crate::input::{Input, Place};
use crate::invalid::Invalid;

/// An amount in millionths of the accounting service's unit, never negative.
///
/// On the wire it is a JSON number of units with at most six decimals; as text it is the exact decimal.
///
/// ```
/// use syfthub_core::Money;
///
/// let price: Money = "0.05".parse()?;
/// assert_eq!(price.micros(), 50_000);
/// assert_eq!(price.plus(price).to_string(), "0.1");
/// # Ok::<(), syfthub_core::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// Millionths of a unit.
const UNIT: i64 = 1_000_000;

/// The same for arithmetic on wire numbers.
const UNIT_F64: f64 = 1e6;

/// The largest amount that is read: what is larger is a slip of the pen. Sums of it stay exact in a JSON number.
const MOST_UNITS: f64 = 1_000_000.0;

/// The most millionths that a JSON number holds exactly.
const MOST_SUMMED: f64 = 9_007_199_254_740_992.0;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many millionths.
    ///
    /// # Panics
    /// When they are negative.
    pub const fn from_micros(micros: i64) -> Self {
        assert!(micros >= 0, "an amount is not negative");
        Self(micros)
    }

    /// Its millionths.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whether there is nothing to pay.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both together; the largest amount there is when that does not fit.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left without `other`; nothing when that is more.
    pub const fn minus(self, other: Self) -> Option<Self> {
        if other.0 > self.0 { None } else { Some(Self(self.0 - other.0)) }
    }

    /// The amount as the wire has it, in units.
    #[expect(clippy::cast_precision_loss, reason = "amounts stay below 2^53 millionths")]
    pub fn to_units(self) -> f64 {
        self.0 as f64 / UNIT_F64
    }

    /// The same as a JSON number.
    pub fn to_number(self) -> Value {
        Number::from_f64(self.to_units()).map_or(Value::Null, Value::Number)
    }

    /// The amount of so many units, as the wire has it.
    ///
    /// # Errors
    /// When it is negative, above a million, no number, or has more than six decimals.
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked first")]
    pub fn from_units(units: f64) -> Result<Self, Invalid> {
        if !(0.0..=MOST_UNITS).contains(&units) {
            return Err(Invalid::value("expected an amount from 0 to 1000000"));
        }
        let micros = (units * UNIT_F64).round();
        if (micros - units * UNIT_F64).abs() > 1e-3 {
            return Err(Invalid::value("an amount has at most six decimals"));
        }
        Ok(Self(micros as i64))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (units, micros) = (self.0 / UNIT, self.0 % UNIT);
        if micros == 0 {
            return write!(f, "{units}");
        }
        let decimals = format!("{micros:06}");
        write!(f, "{units}.{}", decimals.trim_end_matches('0'))
    }
}

/// Reads an exact decimal such as `0.05`, from 0 to a million, with at most six decimals.
impl FromStr for Money {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (units, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !are_digits(units) || !are_digits(decimals) {
            return Err(Invalid::value("expected an amount such as 0.05"));
        }
        if decimals.len() > 6 {
            return Err(Invalid::value("an amount has at most six decimals"));
        }
        let too_much = || Invalid::value("expected an amount from 0 to 1000000");
        let units: i64 = units.parse().ok().filter(|&n| n <= UNIT).ok_or_else(too_much)?;
        let micros: i64 = format!("{decimals:0<6}").parse().expect("six digits fit");
        let whole = units * UNIT + micros;
        if whole > UNIT * UNIT { Err(too_much()) } else { Ok(Self(whole)) }
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.to_units())
    }
}

/// Reads what somebody else summed up: to the nearest millionth, and without the largest price.
impl<'de> Deserialize<'de> for Money {
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked first")]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let micros = (f64::deserialize(deserializer)? * UNIT_F64).round();
        if (0.0..=MOST_SUMMED).contains(&micros) {
            return Ok(Self(micros as i64));
        }
        Err(serde::de::Error::custom("expected an amount of money"))
    }
}

/// An amount that somebody names. What is summed up is read to the nearest millionth; this is read as it is meant, and
/// refused where that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Price(pub Money);

impl TryFrom<f64> for Price {
    type Error = Invalid;

    fn try_from(units: f64) -> Result<Self, Invalid> {
        Money::from_units(units).map(Self)
    }
}

impl Input for Money {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let units = f64::read(value, place)?;
        Self::from_units(units).map_or_else(|invalid| place.refuse(invalid, value), Some)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn amounts_are_exact_to_the_millionth() {
        let tenth: Money = parse(&json!(0.1), "price").unwrap();
        let sum = (0..10).fold(Money::ZERO, |sum, _| sum.plus(tenth));
        assert_eq!((sum.to_units(), sum.to_string().as_str()), (1.0, "1"));
        assert!(parse::<Money>(&json!(0.000_000_4), "price").is_err());
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "-1",
            "+1",
            "1.",
            ".5",
            "1e3",
            "0.0000001",
            "1000000.000001",
            "9999999999999999999",
            "1,5",
            "NaN",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
        for value in [json!(-0.1), json!(1_000_001), json!("NaN"), json!(null), json!([1])] {
            assert!(parse::<Money>(&value, "price").is_err(), "{value}");
        }
    }

    #[test]
    fn nobody_has_less_than_nothing() {
        let (one, two) = (Money::from_micros(1), Money::from_micros(2));
        assert_eq!((two.minus(one), one.minus(two)), (Some(one), None));
    }

    proptest! {
        #[test]
        fn an_amount_reads_back_as_it_is_written(micros in 0..=1_000_000_000_000_i64) {
            let amount = Money::from_micros(micros);
            prop_assert_eq!(parse::<Money>(&amount.to_number(), "price").unwrap(), amount);
            prop_assert_eq!(amount.to_string().parse::<Money>().unwrap(), amount);
            let written = serde_json::to_value(amount).unwrap();
            prop_assert_eq!(serde_json::from_value::<Money>(written).unwrap(), amount);
        }
    }
}
