//! The question to one space and its answer (contract aggregator 2, contract space 2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::chat::Usage;
use super::filter::Filter;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What was said.
    pub content: String,
}

impl Message {
    /// A turn of `role`.
    pub fn new(role: &str, content: impl Into<String>) -> Self {
        Self { role: role.to_owned(), content: content.into() }
    }
}

impl Input for Message {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let role: Option<String> = fields.required("role");
        if role.as_deref().is_some_and(|role| !ROLES.contains(&role)) {
            fields.refuse::<()>("role", Invalid::not_one_of(ROLES));
        }
        let content = fields.required("content");
        Some(Self { role: role?, content: content? })
    }
}

const ROLES: &[&str] = &["system", "user", "assistant"];

/// The question: plain text, or a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Messages {
    /// A query.
    Text(String),
    /// Turns, oldest first.
    Turns(Vec<Message>),
}

impl Messages {
    /// The text to search for: the query, or what the user said last.
    pub fn query(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Turns(turns) => turns
                .iter()
                .rev()
                .find(|turn| turn.role == "user")
                .map_or("", |turn| turn.content.as_str()),
        }
    }

    /// The turns; a plain query is one turn of the user.
    pub fn into_turns(self) -> Vec<Message> {
        match self {
            Self::Text(text) => vec![Message::new("user", text)],
            Self::Turns(turns) => turns,
        }
    }
}

impl Input for Messages {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Value::String(_) => String::read(value, place).map(Self::Text),
            Value::Array(items) => {
                let turns: Vec<Option<Message>> = items
                    .iter()
                    .enumerate()
                    .map(|(n, item)| {
                        Message::read(item, &mut place.at(crate::input::Part::Index(n)))
                    })
                    .collect();
                turns.into_iter().collect::<Option<_>>().map(Self::Turns)
            }
            _ => place.refuse(
                Invalid::new("string_type", "Input should be a valid string or list of messages"),
                value,
            ),
        }
    }
}

/// Body of `POST /api/v1/endpoints/{slug}/query` at a space. Unknown keys, such as the `user_email` of old clients, are
/// ignored and never trusted.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryRequest {
    /// The question.
    pub messages: Messages,
    /// The least score of a document, 0 to 1.
    pub similarity_threshold: f64,
    /// The most documents; the space may give fewer.
    pub limit: i64,
    /// Whether documents carry their metadata.
    pub include_metadata: bool,
    /// The most tokens of the answer; the space may allow fewer.
    pub max_tokens: i64,
    /// 0 to 2.
    pub temperature: f64,
    /// Where the model stops.
    pub stop_sequences: Vec<String>,
    /// Whether to answer as server-sent events.
    pub stream: bool,
    /// -2 to 2.
    pub presence_penalty: f64,
    /// -2 to 2.
    pub frequency_penalty: f64,
    /// The caller's accounting token.
    pub transaction_token: Option<String>,
    /// What the documents have to be.
    pub filters: Option<Filter>,
}

impl Input for QueryRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let messages = fields.required("messages");
        let similarity_threshold = fields.real("similarity_threshold", 0.0, 1.0, 0.5);
        let limit = fields.number("limit", 1, i64::from(i32::MAX), 5);
        let include_metadata = fields.or("include_metadata", true);
        let max_tokens = fields.number("max_tokens", 1, i64::from(i32::MAX), 1024);
        let temperature = fields.real("temperature", 0.0, 2.0, 0.7);
        let stop_sequences = fields.list("stop_sequences", 16);
        let stream = fields.or("stream", false);
        let presence_penalty = fields.real("presence_penalty", -2.0, 2.0, 0.0);
        let frequency_penalty = fields.real("frequency_penalty", -2.0, 2.0, 0.0);
        let transaction_token = fields.optional("transaction_token");
        let filters = match fields.raw("filters") {
            None | Some(Value::Null) => Some(None),
            Some(_) => fields.required("filters").map(Some),
        };
        Some(Self {
            messages: messages?,
            similarity_threshold: similarity_threshold?,
            limit: limit?,
            include_metadata: include_metadata?,
            max_tokens: max_tokens?,
            temperature: temperature?,
            stop_sequences: stop_sequences?,
            stream: stream?,
            presence_penalty: presence_penalty?,
            frequency_penalty: frequency_penalty?,
            transaction_token,
            filters: filters?,
        })
    }
}

/// A document that a space found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Document {
    /// The chunk's identity within its dataset.
    #[serde(default)]
    pub document_id: String,
    /// The chunk's text.
    pub content: String,
    /// What is known of it, such as `title` and `file_path`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Map<String, Value>,
    /// 0 to 1; what it means is the dataset type's to say.
    pub similarity_score: f64,
}

/// The answer of a space (contract aggregator 2.5): what the endpoint gives, in the nested shape, and again in the flat
/// shape that older clients read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryResponse {
    /// What the model said.
    #[serde(default)]
    pub summary: Option<Summary>,
    /// What was found.
    #[serde(default)]
    pub references: Option<References>,
    /// What was found, for older clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<LegacyDocument>>,
    /// What the model said, for older clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// What the whole answer cost the caller; also in one of the parts, for older clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// What the endpoint's policies did; absent when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_metadata: Option<PolicyMetadata>,
}

/// What an endpoint's policies did with a question (contract space 2.5), on answers and on refusals.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyMetadata {
    /// `success`, `access_denied`, `rate_limited`, `payment_required` or `policy_violation`.
    pub outcome: String,
    /// One for each policy that had a say, in the order of the phases.
    #[serde(default)]
    pub entries: Vec<PolicyEntry>,
}

/// What one policy did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyEntry {
    /// The policy's type.
    pub policy_type: String,
    /// `access`, `rate_limit`, `payment` or `transform`.
    pub kind: String,
    /// `applied`, `rejected`, `charged`, `refunded`, `free` or `skipped`.
    pub status: String,
    /// How much, where it is about money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// Of which currency, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How the money moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<PolicyTransaction>,
    /// Why, for programs, such as `RATE_LIMITED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whatever else there is to say, such as `retry_after` in seconds.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub details: Map<String, Value>,
}

/// A transaction at a service for money.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyTransaction {
    /// The kind of service, such as `accounting`.
    pub rail: String,
    /// The transaction's id there.
    pub id: String,
}

/// What the model said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// The answer's identity.
    pub id: String,
    /// The model's name.
    pub model: String,
    /// The answer.
    pub message: SummaryMessage,
    /// Such as `stop` or `length`.
    pub finish_reason: String,
    /// What the model counted.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// Always null.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub logprobs: Option<Value>,
    /// What it cost the caller.
    #[serde(default)]
    pub cost: f64,
    /// How it was made.
    #[serde(default)]
    pub provider_info: ProviderInfo,
}

/// The answer as a turn, with its length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryMessage {
    /// Always `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
    /// Its tokens.
    #[serde(default)]
    pub tokens: i64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct References {
    /// Best first.
    pub documents: Vec<Document>,
    /// How it was found.
    #[serde(default)]
    pub provider_info: ProviderInfo,
    /// What it cost the caller.
    #[serde(default)]
    pub cost: f64,
}

/// How a part of the answer came to be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderInfo {
    /// Version of the type's interface.
    #[serde(default)]
    pub api_version: Option<String>,
    /// Whole milliseconds.
    #[serde(default)]
    pub response_time_ms: Option<i64>,
    /// The dataset's type.
    #[serde(default)]
    pub search_engine: Option<String>,
}

/// A document in the flat shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegacyDocument {
    /// The chunk's text.
    pub content: String,
    /// 0 to 1.
    pub score: f64,
    /// What is known of it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn the_query_is_what_the_user_said_last() {
        let turns = vec![
            Message::new("user", "first"),
            Message::new("assistant", "x"),
            Message::new("user", "last"),
        ];
        assert_eq!(Messages::Turns(turns).query(), "last");
        assert_eq!(Messages::Turns(vec![]).query(), "");
    }

    #[test]
    fn both_forms_of_messages_are_read_and_unknown_keys_ignored() {
        let text: QueryRequest =
            parse(&json!({"messages": "why?", "user_email": "x@y.z"}), "body").unwrap();
        assert_eq!(text.messages, Messages::Text("why?".to_owned()));
        let turns: QueryRequest =
            parse(&json!({"messages": [{"role": "user", "content": "why?"}]}), "body").unwrap();
        assert_eq!(turns.messages.query(), "why?");
    }
}
