//! What a type of model can do before there is a model of it (contract space 1.9).

use serde::Serialize;
use serde_json::{Map, Value};
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Json, Path};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::models::{self, ModelError};
use crate::space::node::Space;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(act))
}

/// The one action there is.
const LIST_MODELS: &str = "list_models";

/// A type and what it shall do.
#[derive(Debug)]
struct Action {
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
struct Known {
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
struct AvailableModels {
    /// The names of its models.
    models: Vec<String>,
}

/// Lists the models of the server that a configuration names, so that one can be chosen.
#[utoipa::path(post, path = "/models/types/{name}/actions/{action}", tag = "models", security(("bearer" = [])),
    params(("name" = String, Path), ("action" = String, Path, description = "`list_models`")), request_body = Known,
    responses(
        (status = 200, body = AvailableModels),
        (status = 400, description = "The configuration cannot be used"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such type or action"),
        (status = 422, description = "A field does not fit"),
        (status = 502, description = "The server refuses or fails"),
))]
async fn act(
    _: Actor,
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
