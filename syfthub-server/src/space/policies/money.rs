//! Amounts of money: whole millionths, so that sums are exact.

use std::fmt;

use serde_json::{Number, Value};
use syfthub_core::Invalid;
use syfthub_core::input::{Input, Place};

/// An amount in millionths of the accounting service's unit, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Amount(i64);

/// Millionths of a unit.
const UNIT: f64 = 1e6;

/// The largest price: what is larger is a slip of the pen. Sums of it stay exact in a JSON number.
const MOST_UNITS: f64 = 1_000_000.0;

impl Amount {
    /// So many millionths.
    pub(crate) const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Its millionths.
    pub(crate) const fn micros(self) -> i64 {
        self.0
    }

    /// Whether there is nothing to pay.
    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both together.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The amount as the wire has it, in units.
    #[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53 millionths")]
    pub(crate) fn to_units(self) -> f64 {
        self.0 as f64 / UNIT
    }

    /// The same as a JSON number.
    pub(crate) fn to_number(self) -> Value {
        Number::from_f64(self.to_units()).map_or(Value::Null, Value::Number)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_units())
    }
}

impl Input for Amount {
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked first")]
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let units = f64::read(value, place)?;
        if !(0.0..=MOST_UNITS).contains(&units) {
            return place.refuse(Invalid::value("expected an amount from 0 to 1000000"), value);
        }
        let micros = (units * UNIT).round();
        if (micros - units * UNIT).abs() > 1e-3 {
            return place.refuse(Invalid::value("an amount has at most six decimals"), value);
        }
        Some(Self(micros as i64))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use syfthub_core::input::parse;

    use super::*;

    #[test]
    fn amounts_are_exact_to_the_millionth() {
        let tenth: Amount = parse(&json!(0.1), "price").unwrap();
        let sum = (0..10).fold(Amount::default(), |sum, _| sum.plus(tenth));
        assert_eq!((sum.to_units(), sum.to_string().as_str()), (1.0, "1"));
        assert!(parse::<Amount>(&json!(0.000_000_4), "price").is_err());
    }

    proptest! {
        #[test]
        fn an_amount_reads_back_as_it_is_written(micros in 0..1_000_000_000_000_i64) {
            let amount = Amount::from_micros(micros);
            prop_assert_eq!(parse::<Amount>(&amount.to_number(), "price").unwrap(), amount);
        }
    }
}
