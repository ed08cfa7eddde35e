//! What a stretch of an answer rests on (contract aggregator 1.12).

use serde::{Deserialize, Serialize};

/// A stretch of text, counted in Unicode code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Span {
    /// Its first character, from 0.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
}

/// One claim of an answer and one document that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CitedSpan {
    /// First character of the claim in the answer without its markers, counted in Unicode code points.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
    /// The document's number: its place in `sources`, from 1.
    pub document: usize,
    /// The document's key in `sources`.
    pub title: String,
    /// Path of the endpoint that gave the document: `owner/slug`.
    pub source: String,
    /// The document's path inside its dataset, when the source said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The sentence of the document's text that shares most with the claim; absent when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Span>,
}
