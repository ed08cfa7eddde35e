//! What the owner has set up: datasets, models and the endpoints in front of them.

mod datasets;
mod endpoints;
mod files;
mod models;
mod parts;
mod preview;
mod secrets;
mod views;

use serde::Serialize;
use serde_json::{Map, Value};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Timestamp};

use super::ids::{DatasetId, EndpointKey, ModelId};

pub(crate) use endpoints::EndpointPatch;
pub(crate) use files::Files;
pub(crate) use parts::PartPatch;
pub(crate) use views::{EndpointDetail, EndpointItem};

/// An endpoint that uses a dataset or model.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Connected {
    /// The endpoint.
    pub id: EndpointKey,
    /// Its name.
    pub name: String,
    /// Its address.
    pub slug: String,
}

/// A dataset or model as the owner sees it (contract space 1.7). Secrets are masked.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Part<I> {
    /// The part.
    pub id: I,
    /// Its name, unique among the tenant's.
    pub name: String,
    /// Its type.
    pub dtype: String,
    /// Its settings, written out in full.
    pub configuration: Map<String, Value>,
    /// For people.
    pub summary: String,
    /// Separated by commas.
    pub tags: String,
    /// When it was made. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was changed last. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// The endpoints that use it.
    pub connected_endpoints: Vec<Connected>,
}

/// A dataset as the owner sees it.
pub type Dataset = Part<DatasetId>;

/// A model as the owner sees it.
pub type Model = Part<ModelId>;

/// An endpoint as the owner sees it (contract space 1.7).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Endpoint {
    /// The endpoint.
    pub id: EndpointKey,
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// In Markdown; the hub shows it as the readme.
    pub description: String,
    /// In one line; the hub shows it as the description.
    pub summary: String,
    /// What it searches.
    pub dataset_id: Option<DatasetId>,
    /// What answers.
    pub model_id: Option<ModelId>,
    /// `raw`, `summary` or `both`.
    pub response_type: ResponseType,
    /// Whether callers may ask it.
    pub published: bool,
    /// How many hubs list it.
    pub listed: usize,
    /// Separated by commas.
    pub tags: String,
    /// What the model is told before anything else; empty when nothing.
    pub system_prompt: String,
    /// Put away: kept, and closed to callers.
    pub is_archived: bool,
    /// When it was made. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was changed last. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What an endpoint answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ResponseType {
    /// Documents.
    Raw,
    /// The model's text.
    Summary,
    /// Both.
    #[default]
    Both,
}

impl ResponseType {
    const ALL: [Self; 3] = [Self::Raw, Self::Summary, Self::Both];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Summary => "summary",
            Self::Both => "both",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    pub(crate) fn has_documents(self) -> bool {
        self != Self::Summary
    }

    pub(crate) fn has_summary(self) -> bool {
        self != Self::Raw
    }
}

impl Input for ResponseType {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let refusal = || Invalid::not_one_of(&Self::ALL.map(Self::as_str));
        value.as_str().and_then(Self::parse).or_else(|| place.refuse(refusal(), value))
    }
}

/// A dataset or model to be made (contract space 1.1, 1.2).
#[derive(Debug, Clone, utoipa::ToSchema)]
pub struct NewPart {
    /// Its name, 1 to 100 characters, unique among the tenant's.
    pub name: String,
    /// Its type.
    pub dtype: String,
    /// Its settings.
    pub configuration: Map<String, Value>,
    /// For people.
    pub summary: String,
    /// Separated by commas.
    pub tags: String,
}

impl NewPart {
    /// A part without summary and tags.
    pub fn new(
        name: impl Into<String>,
        dtype: impl Into<String>,
        configuration: Map<String, Value>,
    ) -> Self {
        Self {
            name: name.into(),
            dtype: dtype.into(),
            configuration,
            summary: String::new(),
            tags: String::new(),
        }
    }
}

impl Input for NewPart {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.text("name", 1, 100);
        let dtype = fields.text("dtype", 1, 100);
        let configuration = fields.required("configuration");
        let summary = fields.text_or("summary", 0, 500, "");
        let tags = fields.text_or("tags", 0, 500, "");
        Some(Self {
            name: name?,
            dtype: dtype?,
            configuration: configuration?,
            summary: summary?,
            tags: tags?,
        })
    }
}

/// An endpoint to be made (contract space 1.3).
#[derive(Debug, Clone, utoipa::ToSchema)]
pub struct NewEndpoint {
    /// Its name, 1 to 100 characters.
    pub name: String,
    /// Its address, by the hub's rules: 3 to 63 lower-case letters, digits and single hyphens.
    #[schema(value_type = String)]
    pub slug: syfthub_core::Slug,
    /// In Markdown, at most 50,000 characters.
    pub description: String,
    /// In one line, at most 500 characters.
    pub summary: String,
    /// What it searches.
    pub dataset_id: Option<DatasetId>,
    /// What answers.
    pub model_id: Option<ModelId>,
    /// What it answers with.
    pub response_type: ResponseType,
    /// Whether callers may ask it at once.
    pub published: bool,
    /// Separated by commas.
    pub tags: String,
    /// What the model is told before anything else, at most 20,000 characters.
    pub system_prompt: String,
}

impl NewEndpoint {
    /// An endpoint without parts, which has yet to be given one.
    pub fn new(name: impl Into<String>, slug: syfthub_core::Slug) -> Self {
        Self {
            name: name.into(),
            slug,
            description: String::new(),
            summary: String::new(),
            dataset_id: None,
            model_id: None,
            response_type: ResponseType::default(),
            published: false,
            tags: String::new(),
            system_prompt: String::new(),
        }
    }
}

impl Input for NewEndpoint {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.text("name", 1, 100);
        let slug: Option<syfthub_core::Slug> = fields.required("slug");
        if slug.as_ref().is_some_and(syfthub_core::Slug::is_reserved) {
            fields.refuse::<()>("slug", Invalid::value("this slug is reserved"));
        }
        let description = fields.text_or("description", 0, 50_000, "");
        let summary = fields.text_or("summary", 0, 500, "");
        let dataset_id = fields.optional("dataset_id");
        let model_id = fields.optional("model_id");
        let response_type = fields.or("response_type", ResponseType::default());
        let published = fields.or("published", false);
        let tags = fields.text_or("tags", 0, 500, "");
        let system_prompt = fields.text_or("system_prompt", 0, 20_000, "");
        Some(Self {
            name: name?,
            slug: slug?,
            description: description?,
            summary: summary?,
            dataset_id,
            model_id,
            response_type: response_type?,
            published: published?,
            tags: tags?,
            system_prompt: system_prompt?,
        })
    }
}
