//! Settings that are changed while the space runs (contract space 1.6).

use axum::extract::State;
use serde_json::{Value, json};
use syfthub_core::Secret;
use syfthub_core::input::{Fields, Input, Place};
use url::Url;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::marketplaces::web_url;
use crate::http::{ApiError, Json};
use crate::space::access::Actor;
use crate::space::hub::Proxy;
use crate::space::node::Space;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(show, set)).routes(routes!(
        proxy,
        connect_proxy,
        disconnect_proxy
    ))
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

/// How the space is to be reached without an address of its own.
#[derive(Debug, ToSchema)]
struct Token {
    /// A token of ngrok's; without one, the hubs' own tunnels are used.
    #[schema(value_type = Option<String>, format = Password)]
    token: Option<Secret>,
}

impl Input for Token {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let token = Fields::of(value, place)?.optional_text("token", 500);
        let token = token.filter(|token| !token.trim().is_empty());
        Some(Self { token: token.map(|token| Secret::new(token.trim())) })
    }
}

/// Shows how the space is reached without an address of its own: through its hubs, or through an agent of ngrok's.
#[utoipa::path(get, path = "/settings/proxy", tag = "settings", security(("bearer" = [])), responses(
    (status = 200, body = Proxy),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn proxy(State(space): State<Space>, actor: Actor) -> Json<Proxy> {
    Json(space.proxy(actor.tenant).await)
}

/// Has the space reached through an agent of ngrok's with this token, or else through its hubs. An address that was set by
/// hand is forgotten.
#[utoipa::path(post, path = "/settings/proxy", tag = "settings", security(("bearer" = [])),
    request_body = Token,
    responses(
        (status = 200, body = Proxy),
        (status = 400, description = "The configuration decides, or switches tunnels off"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A field does not fit"),
        (status = 502, description = "A hub did not take the new address"),
))]
async fn connect_proxy(
    State(space): State<Space>,
    actor: Actor,
    Json(Token { token }): Json<Token>,
) -> Result<Json<Proxy>, ApiError> {
    Ok(Json(space.connect_proxy(&actor, token).await?))
}

/// Has the space reached that way no more, and tells the hubs that it is nowhere for now.
#[utoipa::path(delete, path = "/settings/proxy", tag = "settings", security(("bearer" = [])), responses(
    (status = 200, body = Proxy),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
    (status = 502, description = "A hub did not take it"),
))]
async fn disconnect_proxy(
    State(space): State<Space>,
    actor: Actor,
) -> Result<Json<Proxy>, ApiError> {
    space.disconnect_proxy(&actor).await?;
    Ok(Json(Proxy::default()))
}
