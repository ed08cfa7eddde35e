//! Finding endpoints: search, stars, and who publishes what (contract hub 7.2, 7.6, 12).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint::EndpointPublic;
use crate::input::{Fields, Input, Place};
use crate::invalid::{Invalid, check_length};
use crate::model::EndpointType;

/// Body of `POST /api/v1/endpoints/search`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchRequest {
    /// What to look for, 1 to 1000 characters of any kind: nothing in it has a special meaning.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1000))]
    pub query: String,
    /// How many to find at most, 1 to 50; 10 unless given.
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 1, maximum = 50, default = 10, required = false)
    )]
    pub top_k: i64,
    /// Only endpoints of this type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<EndpointType>,
}

impl SearchRequest {
    /// A search for `query` with defaults everywhere.
    pub fn new(query: impl Into<String>) -> Self {
        Self { query: query.into(), top_k: 10, kind: None }
    }
}

impl Input for SearchRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let query = fields.required("query").map(|AnyText(text)| text);
        let refused = query.as_deref().and_then(|query| check_length(query, 1, 1000).err());
        if let Some(refusal) = refused {
            fields.refuse::<()>("query", refusal);
        }
        let top_k = fields.number("top_k", 1, 50, 10);
        let kind = fields.optional("type");
        Some(Self { query: query?, top_k: top_k?, kind })
    }
}

/// Text of any characters: a search is never stored, so that null characters do no harm.
struct AnyText(String);

impl Input for AnyText {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        match value.as_str() {
            Some(text) => Some(Self(text.to_owned())),
            None => {
                place.refuse(Invalid::new("string_type", "Input should be a valid string"), value)
            }
        }
    }
}

/// An endpoint that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResult {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: EndpointPublic,
    /// How well it fits, from above 0 to 1: the share of the query's words that it has, where a rare word counts more than
    /// a common one, and one in the name more than one in the tags, the owner, the description or, least, the readme. 1
    /// when its name is what was asked for.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1))]
    pub relevance_score: f64,
}

/// Answer of `POST /api/v1/endpoints/search`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResponse {
    /// The best fitting one first.
    pub results: Vec<SearchResult>,
    /// How many there are in `results`.
    pub total: i64,
    /// The query, as it was sent.
    pub query: String,
}

/// Whether the caller starred an endpoint; after starring, whether that was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Starred {
    /// The answer.
    pub starred: bool,
}

/// Somebody with public endpoints: an item of `GET /api/v1/endpoints/public/owners`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicOwner {
    /// The user's name or the organization's slug.
    pub username: String,
    /// How many public endpoints they have.
    pub endpoint_count: i64,
    /// How many of them generate text.
    pub model_count: i64,
    /// How many of them retrieve documents; one that does both counts twice.
    pub data_source_count: i64,
    /// The stars of all of them together.
    pub stars_count: i64,
}

/// The public endpoints of one owner: an item of `GET /api/v1/endpoints/public/grouped`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnerGroup {
    /// The user's name or the organization's slug.
    pub owner_username: String,
    /// How many public endpoints they have.
    pub total_count: i64,
    /// Whether there are more than `endpoints` shows.
    pub has_more: bool,
    /// The latest edited ones.
    pub endpoints: Vec<EndpointPublic>,
}

/// Body of `PATCH /api/v1/endpoints/{id}/admin`: what is absent or null stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointAdminPatch {
    /// False switches the endpoint off for everybody but its owner, true takes that back. One that does not answer stays
    /// off either way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// What the counter is to show, from 0.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stars_count: Option<i64>,
}

impl Input for EndpointAdminPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let stars_count: Option<i64> = fields.optional("stars_count");
        if stars_count.is_some_and(|count| count < 0) {
            fields.refuse::<()>("stars_count", Invalid::below(0));
        }
        Some(Self { is_active: fields.optional("is_active"), stars_count })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_search_takes_any_text_up_to_a_thousand_characters() {
        let hostile = "\" OR * NEAR(a b) -- \0 ' 🦀";
        let read: SearchRequest = parse(&json!({"query": hostile}), "body").unwrap();
        assert_eq!(read, SearchRequest::new(hostile));
        for (body, kind) in [
            (json!({}), "missing"),
            (json!({"query": ""}), "string_too_short"),
            (json!({"query": "x".repeat(1001)}), "string_too_long"),
            (json!({"query": 7}), "string_type"),
            (json!({"query": "x", "top_k": 51}), "less_than_equal"),
            (json!({"query": "x", "type": "robot"}), "enum"),
        ] {
            assert_eq!(parse::<SearchRequest>(&body, "body").unwrap_err()[0].kind, kind, "{body}");
        }
    }

    #[test]
    fn a_counter_is_never_set_below_zero() {
        let issues = parse::<EndpointAdminPatch>(&json!({"stars_count": -1}), "body").unwrap_err();
        assert_eq!(issues[0].kind, "greater_than_equal");
        let patch: EndpointAdminPatch = parse(&json!({"is_active": "yes"}), "body").unwrap();
        assert_eq!(patch, EndpointAdminPatch { is_active: Some(true), stars_count: None });
    }
}
