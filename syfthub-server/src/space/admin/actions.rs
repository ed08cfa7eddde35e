//! What a type of model can do before there is a model of it (contract space 1.9).

use serde::Serialize;
use serde_json::{Map, Value};
use syfthub_core::input::{Fields, Input, Place};

use crate::http::{ApiError, Json, Path};
use crate::space::error::SpaceError;
use crate::space::models::{self, ModelError};

/// The one action there is.
const LIST_MODELS: &str = "list_models";

/// A type and what it shall do.
#[derive(Debug)]
pub(super) struct Action {
    name: String,
    action: String,
}

impl Input for Action {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let (name, action) = (fields.required("name"), fields.required("action"));
        Some(Self { name: name?, action: action? })
    }
}

/// What of a model's configuration is known yet.
#[derive(Debug, utoipa::ToSchema)]
pub(super) struct Known {
    /// Such as `base_url` and `api_key`.
    #[schema(value_type = Object)]
    configuration: Map<String, Value>,
}

impl Input for Known {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        fields.or("configuration", Map::new()).map(|configuration| Self { configuration })
    }
}

/// What a model's server offers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AvailableModels {
    /// The names of its models.
    models: Vec<String>,
}

/// Lists the models of the server that a configuration names, so that one can be chosen.
#[utoipa::path(post, path = "/api/v1/models/types/{name}/actions/{action}", tag = "models",
    params(("name" = String, Path), ("action" = String, Path, description = "`list_models`")), request_body = Known,
    responses((status = 200, body = AvailableModels), (status = 400, description = "The configuration cannot be used"),
        (status = 401, description = "No owner"), (status = 404, description = "No such type or action"),
        (status = 422, description = "Not well-formed"), (status = 502, description = "The server refuses or fails")))]
pub(super) async fn act(
    Path(Action { name, action }): Path<Action>,
    Json(Known { configuration }): Json<Known>,
) -> Result<Json<AvailableModels>, ApiError> {
    let kind = models::find(&name).ok_or(SpaceError::NotFound("model type"))?;
    let listing = kind.available(&configuration).map_err(SpaceError::from)?;
    let listing =
        listing.filter(|_| action == LIST_MODELS).ok_or(SpaceError::NotFound("action"))?;
    let listed = listing.await.map_err(|error: ModelError| {
        ApiError::plain(http::StatusCode::BAD_GATEWAY, error.to_string())
    });
    Ok(Json(AvailableModels { models: listed? }))
}
