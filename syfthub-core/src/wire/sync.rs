//! Publishing a whole catalogue at once (contract hub 7.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint::{Endpoint, EndpointDraft};
use crate::input::{Fields, Input, Place};

/// The most endpoints of one catalogue.
pub const MAX_CATALOGUE: usize = 300;

/// Body of `POST /api/v1/endpoints/sync`: everything that the caller publishes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncRequest {
    /// At most 300. An empty list removes all; the key must be there for that.
    #[cfg_attr(feature = "openapi", schema(max_items = 300))]
    pub endpoints: Vec<EndpointDraft>,
}

impl Input for SyncRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        Some(Self { endpoints: fields.required_list("endpoints", MAX_CATALOGUE)? })
    }
}

/// Answer of `POST /api/v1/endpoints/sync`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncResponse {
    /// How many endpoints the catalogue has.
    pub synced: i64,
    /// How many the caller had before.
    pub deleted: i64,
    /// The endpoints in the order of the catalogue.
    pub endpoints: Vec<Endpoint>,
}

/// What is wrong with one item of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SyncIssue {
    /// Which item, from 0.
    pub index: i64,
    /// Which of its fields.
    pub field: String,
    /// Why, for people.
    pub error: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_catalogue_names_its_list_even_when_it_is_empty() {
        let empty: SyncRequest = parse(&json!({"endpoints": []}), "body").unwrap();
        assert!(empty.endpoints.is_empty());
        let item = json!({"name": "Notes", "type": "model"});
        for (body, kind) in [
            (json!({}), "missing"),
            (json!({"endpoints": null}), "list_type"),
            (json!({"endpoints": vec![item.clone(); 301]}), "too_long"),
            (json!({"endpoints": [item, {"name": "x"}]}), "missing"),
        ] {
            assert_eq!(parse::<SyncRequest>(&body, "body").unwrap_err()[0].kind, kind);
        }
    }
}
