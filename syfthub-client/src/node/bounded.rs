//! JSON of strangers, with a bound on how much becomes of it.
//!
//! A value takes many times the bytes that it was written in: eight mebibytes of `[0,0,…]` become more than a hundred. So
//! the parts are counted while they are read. How deep they may lie, the parser bounds by itself.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The most values and keys of one answer: hundreds of documents with an embedding each, and not a memory full of brackets.
const PARTS: usize = 200_000;

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoValue {
    /// It is no JSON, or too deep.
    NotJson,
    /// It has too many parts.
    TooMany,
}

/// The value that all of `bytes` say.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, NoValue> {
    parse_within(bytes, PARTS)
}

fn parse_within(bytes: &[u8], parts: usize) -> Result<Value, NoValue> {
    let mut left = parts;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Part { left: &mut left }.deserialize(&mut reader);
    match read.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(_) if left == 0 => Err(NoValue::TooMany),
        Err(_) => Err(NoValue::NotJson),
    }
}

/// One value, whatever it is.
struct Part<'a> {
    left: &'a mut usize,
}

impl Part<'_> {
    /// Counts one.
    fn count<E: serde::de::Error>(&mut self) -> Result<(), E> {
        *self.left = self.left.saturating_sub(1);
        if *self.left == 0 { Err(E::custom("too many parts")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<Value, D::Error> {
        self.count().map_err(|error: D::Error| error)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Part { left: &mut *self.left })? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            self.count().map_err(|error: A::Error| A::Error::custom(error))?;
            let value = fields.next_value_seed(Part { left: &mut *self.left })?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_and_keys_count() {
        let said = br#"{"a": [1, "b"], "c": null}"#; // the object, two keys, the list, two items, null
        assert_eq!(parse_within(said, 8), Ok(json!({"a": [1, "b"], "c": null})));
        assert_eq!(parse_within(said, 7), Err(NoValue::TooMany));
    }

    #[test]
    fn what_is_cut_off_goes_on_or_lies_too_deep_is_no_json() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for text in ["", "{", "[1,", "1 2", "nul", "{\"a\":NaN}", "\u{feff}{}", &deep] {
            assert_eq!(parse(text.as_bytes()), Err(NoValue::NotJson), "{text:.20}");
        }
        assert_eq!(parse(b"\"\xff\""), Err(NoValue::NotJson));
    }

    #[test]
    fn brackets_do_not_fill_the_memory() {
        let many = format!("[{}0]", "0,".repeat(PARTS));
        assert_eq!(parse(many.as_bytes()), Err(NoValue::TooMany));
    }

    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9_f64).prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,4}", inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_has_room_is_read_as_the_library_reads_it(value in anything()) {
            let text = value.to_string();
            prop_assert_eq!(parse(text.as_bytes()).ok(), serde_json::from_str(&text).ok());
        }
    }
}
