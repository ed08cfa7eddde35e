//! The aggregators a user keeps, one of them the default (contract hub 12).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::ids::{AggregatorId, UserId};
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;

/// One aggregator in a user's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserAggregator {
    /// Its number.
    pub id: AggregatorId,
    /// Whose list it is in.
    pub user_id: UserId,
    /// What the user calls it.
    pub name: String,
    /// Where it is reached.
    pub url: String,
    /// Whether it is the one to use unless another is named; exactly one of a list that is not empty.
    pub is_default: bool,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// Answer of `GET /api/v1/users/me/aggregators?format=object`; without the parameter the answer is the bare array.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserAggregators {
    /// All of them, in the order of their numbers.
    pub aggregators: Vec<UserAggregator>,
    /// The default one; null when there are none.
    pub default_aggregator_id: Option<AggregatorId>,
}

/// Body of `POST /api/v1/users/me/aggregators`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AggregatorDraft {
    /// What to call it, 1 to 100 characters.
    pub name: String,
    /// Where it is reached: `http` or `https`, at most 500 characters.
    pub url: String,
    /// Whether it becomes the default; the first one does anyhow.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    #[serde(default)]
    pub is_default: bool,
}

impl Input for AggregatorDraft {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.text("name", 1, 100);
        let url = fields.text("url", 1, 500).and_then(|text| web_address(&mut fields, text));
        let is_default = fields.optional("is_default").unwrap_or(false);
        Some(Self { name: name?, url: url?, is_default })
    }
}

/// Body of `PUT /api/v1/users/me/aggregators/{id}`: what is absent or null stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AggregatorPatch {
    /// What to call it, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is reached: `http` or `https`, at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// True makes it the default; false changes nothing, since there is always one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
}

impl Input for AggregatorPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.patch_text("name", 1, 100).value();
        let url = fields.patch_text("url", 1, 500).value();
        let url = url.and_then(|text| web_address(&mut fields, text));
        let is_default = fields.optional("is_default");
        Some(Self { name, url, is_default })
    }
}

fn web_address(fields: &mut Fields<'_, '_, '_>, text: String) -> Option<String> {
    let is_web = |url: url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if url::Url::parse(&text).is_ok_and(is_web) {
        Some(text)
    } else {
        fields.refuse("url", Invalid::value("an http or https URL is expected"))
    }
}
