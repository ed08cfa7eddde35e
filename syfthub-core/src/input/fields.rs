//! Reading a JSON object field by field.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::issue::{Part, Place};
use super::values::{Input, read_number, read_text};
use crate::invalid::Invalid;

/// What a partial update says of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field is absent: leave it.
    #[default]
    Keep,
    /// The field is null.
    Clear,
    /// The field has a value.
    Set(T),
}

impl<T> Patch<T> {
    /// The new value, when there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The same change with the value as `change` makes it.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }
}

/// Null clears, and anything else is the value; a field of this type that may be absent also needs `#[serde(default)]`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// The fields of one JSON object. Each reading notes its refusals and goes on, so that all are found.
#[derive(Debug)]
pub struct Fields<'v, 'p, 'i> {
    object: &'v Map<String, Value>,
    whole: &'v Value,
    place: &'p mut Place<'i>,
}

impl<'v, 'p, 'i> Fields<'v, 'p, 'i> {
    /// The fields of `value`; a refusal when it is no object.
    pub fn of(value: &'v Value, place: &'p mut Place<'i>) -> Option<Self> {
        match value.as_object() {
            Some(object) => Some(Self { object, whole: value, place }),
            None => place.refuse(
                Invalid::new(
                    "model_attributes_type",
                    "Input should be a valid dictionary or object to extract fields from",
                ),
                value,
            ),
        }
    }

    /// The raw value of a field, null included.
    pub fn raw(&self, name: &str) -> Option<&'v Value> {
        self.object.get(name)
    }

    /// Notes a refusal about the field `name`.
    pub fn refuse<T>(&mut self, name: &str, invalid: Invalid) -> Option<T> {
        let input = self.object.get(name).unwrap_or(&Value::Null).clone();
        self.place.at(Part::Field(name.to_owned())).refuse(invalid, &input)
    }

    /// Refuses every field whose name is not in `known`.
    pub fn only(&mut self, known: &[&str]) {
        for (name, value) in self.object {
            if !known.contains(&name.as_str()) {
                let refusal = Invalid::new("extra_forbidden", "Extra inputs are not permitted");
                self.place.at(Part::Field(name.clone())).refuse::<()>(refusal, value);
            }
        }
    }

    /// Reads a field with `read`; without one, what `absent` says.
    fn read_with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value, &mut Place<'_>) -> Option<T>,
        absent: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        let Some(value) = self.object.get(name) else { return absent() };
        read(value, &mut self.place.at(Part::Field(name.to_owned())))
    }

    fn required_with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value, &mut Place<'_>) -> Option<T>,
    ) -> Option<T> {
        if self.object.contains_key(name) {
            return self.read_with(name, read, || None);
        }
        let refusal = Invalid::new("missing", "Field required");
        self.place.at(Part::Field(name.to_owned())).refuse(refusal, self.whole)
    }

    /// A field that must be there.
    pub fn required<T: Input>(&mut self, name: &str) -> Option<T> {
        self.required_with(name, T::read)
    }

    /// A field that must be there: text of `min` to `max` characters.
    pub fn text(&mut self, name: &str, min: usize, max: usize) -> Option<String> {
        self.required_with(name, |value, place| read_text(value, place, min, max))
    }

    /// Text of `min` to `max` characters, `default` when absent.
    pub fn text_or(&mut self, name: &str, min: usize, max: usize, default: &str) -> Option<String> {
        self.read_with(
            name,
            |value, place| read_text(value, place, min, max),
            || Some(default.to_owned()),
        )
    }

    /// Text of at most `max` characters, or nothing when absent or null.
    pub fn optional_text(&mut self, name: &str, max: usize) -> Option<String> {
        self.non_null(name)?;
        self.read_with(name, |value, place| read_text(value, place, 0, max), || None)
    }

    /// A whole number from `min` to `max`, `default` when absent.
    pub fn number(&mut self, name: &str, min: i64, max: i64, default: i64) -> Option<i64> {
        self.read_with(name, |value, place| read_number(value, place, min, max), || Some(default))
    }

    /// A number from `min` to `max`, `default` when absent.
    pub fn real(&mut self, name: &str, min: f64, max: f64, default: f64) -> Option<f64> {
        let read = |value: &Value, place: &mut Place<'_>| {
            let number = f64::read(value, place)?;
            if number < min {
                return place.refuse(Invalid::below(min), value);
            }
            if number > max {
                return place.refuse(Invalid::above(max), value);
            }
            Some(number)
        };
        self.read_with(name, read, || Some(default))
    }

    /// A field that may be absent, with `default` then; null is refused.
    pub fn or<T: Input>(&mut self, name: &str, default: T) -> Option<T> {
        self.read_with(name, T::read, || Some(default))
    }

    /// A field that may be absent or null.
    pub fn optional<T: Input>(&mut self, name: &str) -> Option<T> {
        self.non_null(name)?;
        self.read_with(name, T::read, || None)
    }

    /// A list of at most `max` elements, empty when absent.
    pub fn list<T: Input>(&mut self, name: &str, max: usize) -> Option<Vec<T>> {
        self.read_with(name, |value, place| read_list(value, place, max), || Some(Vec::new()))
    }

    /// A list of at most `max` elements that must be there, if only empty.
    pub fn required_list<T: Input>(&mut self, name: &str, max: usize) -> Option<Vec<T>> {
        self.required_with(name, |value, place| read_list(value, place, max))
    }

    /// A field of a partial update.
    pub fn patch<T: Input>(&mut self, name: &str) -> Patch<T> {
        match self.object.get(name) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Clear,
            Some(_) => self.required(name).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// A text field of a partial update, of `min` to `max` characters.
    pub fn patch_text(&mut self, name: &str, min: usize, max: usize) -> Patch<String> {
        match self.object.get(name) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Clear,
            Some(_) => self.text(name, min, max).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// An address field of a partial update: `http` or `https`, of at most `max` characters; empty text clears, as null
    /// does.
    pub fn patch_web_address(&mut self, name: &str, max: usize) -> Patch<String> {
        match self.patch_text(name, 0, max) {
            Patch::Set(text) if text.trim().is_empty() => Patch::Clear,
            Patch::Set(text) if !is_web_address(&text) => {
                self.refuse::<()>(name, Invalid::value("an http or https URL is expected"));
                Patch::Keep
            }
            patch => patch,
        }
    }

    /// A list field of a partial update, of at most `max` elements.
    pub fn patch_list<T: Input>(&mut self, name: &str, max: usize) -> Patch<Vec<T>> {
        match self.object.get(name) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Clear,
            Some(_) => self.list(name, max).map_or(Patch::Keep, Patch::Set),
        }
    }

    fn non_null(&self, name: &str) -> Option<()> {
        self.object.get(name).filter(|value| !value.is_null()).map(|_| ())
    }
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn read_list<T: Input>(value: &Value, place: &mut Place<'_>, max: usize) -> Option<Vec<T>> {
    let Some(items) = value.as_array() else {
        return place.refuse(Invalid::new("list_type", "Input should be a valid list"), value);
    };
    if items.len() > max {
        let found = items.len();
        let message = format!("List should have at most {max} items after validation, not {found}");
        return place.refuse(Invalid::new("too_long", message), value);
    }
    let read: Vec<Option<T>> = items
        .iter()
        .enumerate()
        .map(|(n, item)| T::read(item, &mut place.at(Part::Index(n))))
        .collect();
    read.into_iter().collect()
}
