//! The question to the aggregator and its answer (contract aggregator 1.3 to 1.5).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::billing::Billing;
use super::citation::CitedSpan;
use super::space::Message;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;

/// An endpoint to call, as the client resolved it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointRef {
    /// Base URL of the space.
    pub url: String,
    /// The endpoint's name there.
    pub slug: String,
    /// For display.
    pub name: String,
    /// Sent as `X-Tenant-Name`.
    pub tenant_name: Option<String>,
    /// Key into the token maps, and first half of the path in answers.
    pub owner_username: Option<String>,
    /// Replaces the prompt for this source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_override: Option<String>,
}

impl EndpointRef {
    /// `owner/slug`, or the slug alone when the owner is unknown.
    pub fn path(&self) -> String {
        match self.owner_username.as_deref() {
            Some(owner) if !owner.is_empty() => format!("{owner}/{}", self.slug),
            _ => self.slug.clone(),
        }
    }
}

impl Input for EndpointRef {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let url = fields.required("url");
        let slug = fields.required("slug");
        let name = fields.or("name", String::new());
        let tenant_name = fields.optional("tenant_name");
        let owner_username = fields.optional("owner_username");
        let query_override = fields.optional("query_override");
        Some(Self {
            url: url?,
            slug: slug?,
            name: name?,
            tenant_name,
            owner_username,
            query_override,
        })
    }
}

/// What becomes of an answer when a source refuses the caller (contract aggregator 7.2 R7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum OnDenied {
    /// It is made from what the other sources give.
    #[default]
    Continue,
    /// There is none: better no answer than one on other grounds.
    Fail,
}

impl OnDenied {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Input for OnDenied {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value.as_str() {
            Some("continue") => Some(Self::Continue),
            Some("fail") => Some(Self::Fail),
            _ => place.refuse(Invalid::not_one_of(&["continue", "fail"]), value),
        }
    }
}

/// Body of `POST /aggregator/api/v1/chat` and `/chat/stream`.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatRequest {
    /// The question; also the retrieval query.
    pub prompt: String,
    /// The endpoint that answers.
    pub model: EndpointRef,
    /// The endpoints to ask for documents.
    pub data_sources: Vec<EndpointRef>,
    /// Owner to satellite token.
    pub endpoint_tokens: HashMap<String, String>,
    /// Owner to accounting token.
    pub transaction_tokens: HashMap<String, String>,
    /// Documents per source, 1 to 20.
    pub top_k: i64,
    /// Accepted; the route decides.
    pub stream: bool,
    /// The most tokens of the answer.
    pub max_tokens: i64,
    /// 0 to 2.
    pub temperature: f64,
    /// The least score of a document, 0 to 1.
    pub similarity_threshold: f64,
    /// Replaces the system message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_system_prompt: Option<String>,
    /// The hub token of newer clients; never logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_token: Option<String>,
    /// Turns before the question.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// Stop after retrieval.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retrieval_only: bool,
    /// Extra events the client can read: `rerank`, `heartbeat`, `citations`, `phases`, or `all` of them; other words
    /// are ignored (contract aggregator 1.7.4).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stream_events: Vec<String>,
    /// Whether a source that refuses the caller ends the answer.
    #[serde(skip_serializing_if = "OnDenied::is_default")]
    pub on_denied: OnDenied,
}

impl std::fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatRequest")
            .field("model", &self.model)
            .field("data_sources", &self.data_sources)
            .field("top_k", &self.top_k)
            .finish_non_exhaustive()
    }
}

impl ChatRequest {
    /// A question with the defaults of contract aggregator 1.3.
    pub fn new(prompt: impl Into<String>, model: EndpointRef) -> Self {
        Self {
            prompt: prompt.into(),
            model,
            data_sources: Vec::new(),
            endpoint_tokens: HashMap::new(),
            transaction_tokens: HashMap::new(),
            top_k: 5,
            stream: false,
            max_tokens: 1024,
            temperature: 0.7,
            similarity_threshold: 0.5,
            custom_system_prompt: None,
            user_token: None,
            messages: Vec::new(),
            retrieval_only: false,
            stream_events: Vec::new(),
            on_denied: OnDenied::Continue,
        }
    }
}

impl Input for ChatRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let prompt = fields.text("prompt", 1, usize::MAX);
        let model = fields.required("model");
        let data_sources = fields.list("data_sources", usize::MAX);
        let endpoint_tokens = read_tokens(&mut fields, "endpoint_tokens");
        let transaction_tokens = read_tokens(&mut fields, "transaction_tokens");
        let top_k = fields.number("top_k", 1, 20, 5);
        let stream = fields.or("stream", false);
        let max_tokens = fields.number("max_tokens", 1, i64::from(i32::MAX), 1024);
        let temperature = fields.real("temperature", 0.0, 2.0, 0.7);
        let similarity_threshold = fields.real("similarity_threshold", 0.0, 1.0, 0.5);
        let custom_system_prompt = fields.optional("custom_system_prompt");
        let user_token = fields.optional("user_token");
        let messages = fields.list("messages", usize::MAX);
        let retrieval_only = fields.or("retrieval_only", false);
        let stream_events = fields.list("stream_events", 20);
        let on_denied = fields.or("on_denied", OnDenied::Continue);
        Some(Self {
            prompt: prompt?,
            model: model?,
            data_sources: data_sources?,
            endpoint_tokens: endpoint_tokens?,
            transaction_tokens: transaction_tokens?,
            top_k: top_k?,
            stream: stream?,
            max_tokens: max_tokens?,
            temperature: temperature?,
            similarity_threshold: similarity_threshold?,
            custom_system_prompt,
            user_token,
            messages: messages?,
            retrieval_only: retrieval_only?,
            stream_events: stream_events?,
            on_denied: on_denied?,
        })
    }
}

fn read_tokens(
    fields: &mut Fields<'_, '_, '_>,
    name: &'static str,
) -> Option<HashMap<String, String>> {
    let object: Map<String, Value> = fields.or(name, Map::new())?;
    let mut tokens = HashMap::with_capacity(object.len());
    for (owner, token) in object {
        let Value::String(token) = token else {
            return fields
                .refuse(name, Invalid::new("string_type", "Input should be a valid string"));
        };
        tokens.insert(owner, token);
    }
    Some(tokens)
}

/// A document behind the answer, as the `sources` map has it under its title.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceEntry {
    /// Path of the endpoint it came from: `owner/slug`.
    pub slug: String,
    /// The document's text.
    pub content: String,
    /// The document's path inside its dataset, when the source said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// Score from 0 to 1, when the source said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// What one source did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetrievalInfo {
    /// `owner/slug`.
    pub path: String,
    /// How many documents it gave.
    pub documents_retrieved: i64,
    /// `success`, `error` or `timeout`; newer clients also get `access_denied` and others (contract aggregator 1.5).
    pub status: String,
    /// Why it failed.
    #[serde(default)]
    pub error_message: Option<String>,
}

/// How long the phases took, in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timings {
    /// From the start to the last source.
    pub retrieval_time_ms: i64,
    /// The model call.
    pub generation_time_ms: i64,
    /// Everything.
    pub total_time_ms: i64,
}

/// What the model counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens of the prompt.
    #[serde(default)]
    pub prompt_tokens: i64,
    /// Tokens of the answer.
    #[serde(default)]
    pub completion_tokens: i64,
    /// Both.
    #[serde(default)]
    pub total_tokens: i64,
}

/// Answer of `POST /aggregator/api/v1/chat`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatResponse {
    /// The model's text.
    #[serde(default)]
    pub response: String,
    /// Title to document, best first.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub sources: Sources,
    /// One entry a source, in the order of the request.
    #[serde(default)]
    pub retrieval_info: Vec<RetrievalInfo>,
    /// How long it took.
    #[serde(default)]
    pub metadata: Timings,
    /// What the model counted, when it said so.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// The claims that the model marked, and the documents they rest on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<CitedSpan>,
    /// The text with every marker as `[cite:N-start:end]`; absent when nothing is cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotated: Option<String>,
    /// Path of each cited endpoint to its share of the answer; the shares add up to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profit_share: Option<BTreeMap<String, f64>>,
    /// What the answer cost; absent when no endpoint said anything of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
}

/// Titles and their documents, in order. On the wire a JSON object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sources(pub Vec<(String, SourceEntry)>);

impl Serialize for Sources {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(title, entry)| (title, entry)))
    }
}

impl<'de> Deserialize<'de> for Sources {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Map::<String, Value>::deserialize(deserializer)?;
        let entries =
            object.into_iter().map(|(title, entry)| Ok((title, serde_json::from_value(entry)?)));
        entries
            .collect::<Result<_, serde_json::Error>>()
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}
