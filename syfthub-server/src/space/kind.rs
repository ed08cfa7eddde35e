//! What a registry says of one of its types, and how a configuration is read by it (contract space 1.7, 3.2).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::config::distance;

/// A type of dataset, model or policy, and how it is configured.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct TypeInfo {
    /// The name that `dtype` takes.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) description: &'static str,
    /// JSON Schema 2020-12 of the configuration; secrets are `writeOnly`.
    #[schema(value_type = Object)]
    pub(crate) config_schema: Value,
    /// One emoji.
    pub(crate) icon: &'static str,
    /// Whether it can be used here.
    pub(crate) enabled: bool,
}

/// A name that differs from a known one by more letters is not taken for its misspelling.
const MISSPELLED: usize = 3;

/// JSON Schema 2020-12 of a configuration: an object of these properties and no others. They are shown in the order
/// they stand in, which `x-order` tells.
pub(crate) fn schema(required: &[&str], mut properties: Value) -> Value {
    for (place, property) in properties.as_object_mut().into_iter().flatten().enumerate() {
        property.1["x-order"] = (place + 1).into();
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The properties of several parts of a configuration, in their order.
pub(crate) fn joined<const N: usize>(parts: [Value; N]) -> Value {
    let mut whole = Map::new();
    for part in parts {
        whole.extend(part.as_object().cloned().unwrap_or_default());
    }
    whole.into()
}

impl TypeInfo {
    /// Reads a configuration. A property that the type does not have is refused with the one that was probably meant;
    /// of other refusals the first becomes the sentence.
    pub(crate) fn read<T: syfthub_core::input::Input>(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<T, BadConfiguration> {
        if let Some(bad) = unknown(&self.config_schema, configuration, "configuration") {
            return Err(bad);
        }
        read(configuration)
    }

    /// Splits a configuration into what may be shown and the secrets, which the schema marks as `writeOnly`. A secret
    /// inside an object goes by its place, such as `embedding.api_key`; an empty one is none.
    pub(crate) fn split(
        &self,
        mut configuration: Map<String, Value>,
    ) -> (Map<String, Value>, Map<String, Value>) {
        let mut secrets = Map::new();
        take_secrets(&self.config_schema, &mut configuration, "", &mut secrets);
        (configuration, secrets)
    }
}

fn take_secrets(
    schema: &Value,
    configuration: &mut Map<String, Value>,
    above: &str,
    found: &mut Map<String, Value>,
) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{above}{name}");
        if property["writeOnly"] == true {
            if let Some(secret) = configuration.remove(name).filter(|secret| !is_none(secret)) {
                found.insert(place, secret);
            }
        } else if let Some(Value::Object(inner)) = configuration.get_mut(name) {
            take_secrets(property, inner, &format!("{place}."), found);
        }
    }
}

/// An empty secret is none.
fn is_none(secret: &Value) -> bool {
    match secret {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// Puts a secret back into its place; objects on the way there are made.
pub(crate) fn put(configuration: &mut Map<String, Value>, place: &str, value: Value) {
    match place.split_once('.') {
        None => {
            configuration.insert(place.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = configuration.entry(name).or_insert_with(|| json!({}));
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}

/// The first property that the schema does not have, objects inside included.
fn unknown(schema: &Value, object: &Map<String, Value>, place: &str) -> Option<BadConfiguration> {
    let known = schema["properties"].as_object()?;
    object.iter().find_map(|(name, value)| match known.get(name) {
        Some(property) => unknown(property, value.as_object()?, &format!("{place}.{name}")),
        None if schema["additionalProperties"] == false => {
            let names = known.iter().filter(|(_, property)| property["deprecated"] != true);
            let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
            let hint = hint(name, &names);
            Some(BadConfiguration(format!("{place}.{name}: there is no such setting; {hint}")))
        }
        None => None,
    })
}

fn hint(name: &str, known: &[&str]) -> String {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-'], "");
    let distances = known.iter().map(|other| (distance(&plain(name), &plain(other)), other));
    match distances.min() {
        Some((letters, closest)) if letters <= MISSPELLED.min(name.len() / 2) => {
            format!("did you mean {closest}?")
        }
        Some(_) => format!("there are {}", known.join(", ")),
        None => "this type has none".to_owned(),
    }
}

/// What is wrong with a configuration, in one sentence that names the property.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadConfiguration(pub(crate) String);

/// Reads a configuration; the first refusal becomes the sentence.
pub(crate) fn read<T: syfthub_core::input::Input>(
    configuration: &Map<String, Value>,
) -> Result<T, BadConfiguration> {
    syfthub_core::input::parse(&Value::Object(configuration.clone()), "configuration").map_err(
        |issues| {
            let issue = issues.first().expect("a refusal has at least one issue");
            let place = serde_json::to_value(&issue.loc).unwrap_or_default();
            let place: Vec<String> = place.as_array().into_iter().flatten().map(part).collect();
            BadConfiguration(format!("{}: {}", place.join("."), issue.msg))
        },
    )
}

fn part(part: &Value) -> String {
    part.as_str().map_or_else(|| part.to_string(), str::to_owned)
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
