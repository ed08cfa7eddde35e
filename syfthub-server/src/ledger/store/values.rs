//! The ledger's own types as parameters and columns.

use syfthub_core::Money;
use syfthub_core::ledger::{AccountId, Bucket, GrantId, Kind, Origin, Side, Status, TransactionId};

use crate::db::{FromValue, ToValue, Value};

macro_rules! texts {
    ($($type:ty: $expected:literal, $read:expr;)*) => { $(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::Text(self.as_str().to_owned())
            }
        }

        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::Text(text) => $read(text.as_str()),
                    _ => None,
                }
            }
        }
    )* };
}

texts! {
    AccountId: "an account's id", |text: &str| Some(AccountId::new(text));
    TransactionId: "a transaction's id", |text: &str| Some(TransactionId::new(text));
    GrantId: "a grant's id", |text: &str| Some(GrantId::new(text));
    Status: "a status of a transaction", Status::parse;
    Side: "a side of a transaction", Side::parse;
    Kind: "a kind of movement", Kind::parse;
    Bucket: "a bucket of an account", Bucket::parse;
    Origin: "an origin of a grant", Origin::parse;
}

impl ToValue for Money {
    fn to_value(&self) -> Value {
        Value::Integer(self.micros())
    }
}

impl FromValue for Money {
    const EXPECTED: &'static str = "an amount of money";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).filter(|micros| *micros >= 0).map(Self::from_micros)
    }
}
