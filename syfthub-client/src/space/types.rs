//! What datasets, models and policies there can be (contract space 1.7).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A type of dataset, model or policy, and how it is configured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TypeInfo {
    /// The name that `dtype` takes.
    pub name: String,
    /// For people.
    pub description: String,
    /// JSON Schema of the configuration; secrets are `writeOnly`.
    pub config_schema: Value,
    /// One emoji.
    pub icon: String,
    /// Whether it can be used on this machine.
    pub enabled: bool,
    /// Of a type of dataset: the settings that say where a store is that the space does not keep itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_fields: Option<Vec<String>>,
}
