//! What a registry says of one of its types (contract space 1.7, 3.2).

use serde::Serialize;
use serde_json::{Map, Value};

/// A type of dataset or model, and how it is configured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TypeInfo {
    /// The name that `dtype` takes.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) description: &'static str,
    /// JSON Schema 2020-12 of the configuration; secrets are `writeOnly`.
    pub(crate) config_schema: Value,
    /// One emoji.
    pub(crate) icon: &'static str,
    /// Whether it can be used here.
    pub(crate) enabled: bool,
}

/// Stands for a stored secret in answers.
pub(crate) const MASK: &str = "********";

impl TypeInfo {
    /// Splits a configuration into what may be shown and the secrets, which the schema marks as `writeOnly`.
    pub(crate) fn split(
        &self,
        mut configuration: Map<String, Value>,
    ) -> (Map<String, Value>, Map<String, Value>) {
        let mut secrets = Map::new();
        for name in self.secret_names() {
            if let Some(secret) = configuration.remove(name) {
                secrets.insert(name.to_owned(), secret);
            }
        }
        (configuration, secrets)
    }

    fn secret_names(&self) -> impl Iterator<Item = &str> {
        let properties = self.config_schema["properties"].as_object();
        properties
            .into_iter()
            .flatten()
            .filter(|(_, schema)| schema["writeOnly"] == true)
            .map(|(name, _)| name.as_str())
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
