//! What goes into a statement and what comes out of it.

use super::StoreError;

/// A value as the engines know it. `Debug` shows its kind alone: many of them are secrets.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A truth value; SQLite keeps it as 0 or 1.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Integer(_) => "an integer",
            Self::Real(_) => "a real number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

/// What can be a parameter of a statement.
pub trait ToValue {
    /// The value to bind.
    fn to_value(&self) -> Value;
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// What the type is called in an error.
    const EXPECTED: &'static str;

    /// Reads the value; `None` when it is of another kind.
    fn from_value(value: &Value) -> Option<Self>;
}

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row(Vec<Value>);

impl Row {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// The column at `index`, from 0.
    ///
    /// # Errors
    /// [`StoreError::Column`] when the column is missing or holds something else.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, StoreError> {
        let value = self.0.get(index);
        let found = value.map_or("nothing", Value::kind);
        value.and_then(T::from_value).ok_or(StoreError::Column {
            index,
            expected: T::EXPECTED,
            found,
        })
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: &Value) -> Option<Self> {
        if matches!(value, Value::Null) { Some(None) } else { T::from_value(value).map(Some) }
    }
}

macro_rules! plain {
    ($($type:ty, $variant:ident, $expected:literal;)*) => { $(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::$variant(self.clone().into())
            }
        }

        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::$variant(inner) => inner.clone().try_into().ok(),
                    _ => None,
                }
            }
        }
    )* };
}

plain! {
    i64, Integer, "an integer";
    u32, Integer, "an unsigned integer";
    String, Text, "text";
    Vec<u8>, Blob, "bytes";
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Blob(self.to_vec())
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl FromValue for bool {
    const EXPECTED: &'static str = "a truth value";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(inner) => Some(*inner),
            Value::Integer(inner @ (0 | 1)) => Some(*inner == 1),
            _ => None,
        }
    }
}

impl ToValue for f64 {
    fn to_value(&self) -> Value {
        Value::Real(*self)
    }
}

impl FromValue for f64 {
    const EXPECTED: &'static str = "a real number";

    #[expect(
        clippy::cast_precision_loss,
        reason = "SQLite keeps a whole real number as an integer"
    )]
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Real(inner) => Some(*inner),
            Value::Integer(inner) => Some(*inner as f64),
            _ => None,
        }
    }
}
