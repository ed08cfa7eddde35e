//! The same JSON with the names of fields in camelCase, for languages that write them so.
//!
//! Only the fields of structs are renamed: the keys of maps are data and stay as they are. Serde tells the two apart, as
//! no look at JSON text could, so the renaming is done between the types and the text, both ways.
//!
//! Reading ends where serde looks at a value before it knows its type: within untagged and internally tagged enums, and
//! within the values of flattened structs. The bodies of requests have none of them.

mod names;
mod read;
#[cfg(test)]
mod tests;
mod write;

use serde::{Deserializer, Serialize};

pub(crate) use names::camel;

/// `value`, to be written with its fields in camelCase.
pub(crate) fn written<T: Serialize>(value: &T) -> impl Serialize + use<'_, T> {
    write::Camel(value)
}

/// A reader of what `deserializer` reads, whose fields are in camelCase.
pub(crate) fn reader<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> impl Deserializer<'de, Error = D::Error> {
    read::Camel::new(deserializer)
}
