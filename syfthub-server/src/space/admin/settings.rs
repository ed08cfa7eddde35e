//! Settings that are changed while the space runs (contract space 1.6).

use axum::extract::State;
use serde_json::{Value, json};
use syfthub_core::input::{Fields, Input, Place};
use url::Url;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::marketplaces::web_url;
use crate::http::{ApiError, Json};
use crate::space::access::Actor;
use crate::space::node::Space;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(show, set))
}

/// Where callers are to reach the space.
#[derive(Debug, ToSchema)]
struct PublicUrl {
    #[schema(value_type = String, format = "uri")]
    public_url: Url,
}

impl Input for PublicUrl {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        web_url(&mut fields, "public_url").map(|public_url| Self { public_url })
    }
}

/// Shows where callers reach the space.
#[utoipa::path(get, path = "/settings/public-url", tag = "settings", security(("bearer" = [])), responses(
    (status = 200, body = Value),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn show(State(space): State<Space>, actor: Actor) -> Result<Json<Value>, ApiError> {
    let url = space.public_url(actor.tenant).await?;
    Ok(Json(json!({"public_url": url})))
}

/// Sets where callers reach the space, once every hub knows it.
#[utoipa::path(patch, path = "/settings/public-url", tag = "settings", security(("bearer" = [])),
    request_body = PublicUrl,
    responses(
        (status = 200, body = Value),
        (status = 400, description = "SPACE_PUBLIC_URL decides"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A field does not fit"),
        (status = 502, description = "A hub did not take it"),
))]
async fn set(
    State(space): State<Space>,
    actor: Actor,
    Json(new): Json<PublicUrl>,
) -> Result<Json<Value>, ApiError> {
    if space.config.public_url.is_some() {
        return Err(ApiError::bad_request("SPACE_PUBLIC_URL decides this setting"));
    }
    space.set_public_url(&actor, new.public_url).await?;
    show(State(space), actor).await
}
