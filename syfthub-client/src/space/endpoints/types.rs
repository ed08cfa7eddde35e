//! What an endpoint is, and what is told to make or change one.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use syfthub_core::Timestamp;
use uuid::Uuid;

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// The endpoint.
    pub id: Uuid,
    /// Its address.
    pub slug: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// In one line.
    #[serde(default)]
    pub summary: String,
    /// In Markdown.
    #[serde(default)]
    pub description: String,
    /// `raw`, `summary` or `both`.
    #[serde(default)]
    pub response_type: String,
    /// Whether callers may ask it.
    #[serde(default)]
    pub published: bool,
    /// How many hubs list it.
    #[serde(default)]
    pub listed: u64,
    /// What its model is told before every conversation.
    #[serde(default)]
    pub system_prompt: Option<String>,
    /// Whether it was put away.
    #[serde(default)]
    pub is_archived: bool,
    /// Separated by commas.
    #[serde(default)]
    pub tags: String,
    /// What it searches.
    #[serde(default)]
    pub dataset_id: Option<Uuid>,
    /// What answers.
    #[serde(default)]
    pub model_id: Option<Uuid>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

/// An endpoint with what stands behind it, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointItem {
    /// The endpoint itself.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// What it searches.
    #[serde(default)]
    pub dataset: Option<PartOf>,
    /// What answers.
    #[serde(default)]
    pub model: Option<PartOf>,
}

/// An endpoint with everything about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EndpointDetail {
    /// The endpoint with what stands behind it.
    #[serde(flatten)]
    pub item: EndpointItem,
    /// What guards it.
    #[serde(default)]
    pub policies: Vec<PolicyOf>,
}

impl EndpointItem {
    /// The dataset's id, however the space says it.
    pub fn dataset(&self) -> Option<Uuid> {
        self.endpoint.dataset_id.or_else(|| self.dataset.as_ref().map(|part| part.id))
    }

    /// The model's id, however the space says it.
    pub fn model(&self) -> Option<Uuid> {
        self.endpoint.model_id.or_else(|| self.model.as_ref().map(|part| part.id))
    }
}

impl Deref for EndpointItem {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Deref for EndpointDetail {
    type Target = EndpointItem;

    fn deref(&self) -> &EndpointItem {
        &self.item
    }
}

/// A dataset or model of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartOf {
    /// The dataset or model.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Of a dataset: for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Its type.
    #[serde(default)]
    pub dtype: String,
    /// Its settings; secrets are masked.
    #[serde(default)]
    pub configuration: Map<String, Value>,
}

/// A policy of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyOf {
    /// The policy.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// Its settings.
    #[serde(default)]
    pub configuration: Map<String, Value>,
}

/// An endpoint to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewEndpoint {
    /// Its name, 1 to 100 characters.
    pub name: String,
    /// Its address, by the hub's rules: 3 to 63 lower-case letters, digits and hyphens.
    pub slug: String,
    /// In Markdown.
    #[serde(default)]
    pub description: String,
    /// In one line.
    #[serde(default)]
    pub summary: String,
    /// What it searches.
    #[serde(default)]
    pub dataset_id: Option<Uuid>,
    /// What answers.
    #[serde(default)]
    pub model_id: Option<Uuid>,
    /// `raw`, `summary` or `both`.
    #[serde(default = "both")]
    pub response_type: String,
    /// Whether callers may ask it at once.
    #[serde(default)]
    pub published: bool,
    /// Separated by commas.
    #[serde(default)]
    pub tags: String,
    /// What its model is told before every conversation.
    #[serde(default)]
    pub system_prompt: String,
}

fn both() -> String {
    "both".to_owned()
}

impl NewEndpoint {
    /// An endpoint that answers with `both`, and has yet to be given a dataset or a model.
    pub fn new(name: impl Into<String>, slug: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            slug: slug.into(),
            description: String::new(),
            summary: String::new(),
            dataset_id: None,
            model_id: None,
            response_type: both(),
            published: false,
            tags: String::new(),
            system_prompt: String::new(),
        }
    }
}

/// Changes to an endpoint; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EndpointPatch {
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another line about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Another text about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Other tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// `raw`, `summary` or `both`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_type: Option<String>,
    /// Whether callers may ask it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<bool>,
    /// Another dataset to search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_id: Option<Uuid>,
    /// Another model to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<Uuid>,
    /// What its model is told before every conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
}
