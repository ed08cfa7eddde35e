//! `GET /api/v1/tunnel`, and what is reached through tunnels: `/s/{owner}/…`.

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::forward::{self, Asked};
use super::open::{self, Claim};
use crate::http::{ApiError, ClientAddress, CorrelationId, Path, Query};
use crate::hub::Hub;
use crate::identity::Signed;

/// The routes of this folder.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(connect))
        .routes(routes!(index))
        .routes(routes!(health))
        .routes(routes!(question))
        .routes(routes!(tenants_question))
}

/// Whose tunnel it is to be.
#[derive(Debug)]
struct Wanted {
    owner: Option<String>,
}

impl Input for Wanted {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let owner = Fields::of(value, place)?.optional_text("owner", 64);
        Some(Self { owner: owner.filter(|name| !name.is_empty()) })
    }
}

/// The owner of the space that is asked.
#[derive(Debug)]
struct Of {
    owner: String,
}

impl Input for Of {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { owner: Fields::of(value, place)?.text("owner", 1, 255)? })
    }
}

/// Open a tunnel to a space that is not reachable otherwise. The request asks for a WebSocket; in its binary messages runs
/// HTTP/2, in which the hub asks and the space answers. The answer's `X-Tunnel-Url` says where callers reach the space. A
/// newer tunnel of the same owner ends the older one.
#[utoipa::path(get, path = "/api/v1/tunnel", tag = "tunnels", security(("bearer" = [])),
    params(("owner" = Option<String>, Query, description = "An organization whose space this is; the caller's own unless given")),
    responses(
        (status = 101, description = "The tunnel begins",
            headers(("X-Tunnel-Url" = String, description = "Where callers reach the space"))),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller may not serve the organization's space, or the token is for reading"),
        (status = 404, description = "There is no such organization, as far as the caller can see"),
        (status = 426, description = "The request asks for no WebSocket"),
        (status = 429, description = "Too many tunnels were opened"),
        (status = 503, description = "There is no room, or this hub takes no tunnels"),
    ))]
async fn connect(
    State(hub): State<Hub>,
    signed: Signed,
    Query(Wanted { owner }): Query<Wanted>,
    request: Request,
) -> Result<Response, ApiError> {
    let owner = owner.map(|name| name.to_lowercase());
    open::open(hub, Claim { signed, owner }, request).await
}

/// Says whether the owner's space is there: its own answer to `GET /`.
#[utoipa::path(get, path = "/s/{owner}", tag = "tunnels",
    params(("owner" = String, Path, description = "A username or an organization's slug, in any case")),
    responses(
        (status = 200, description = "What the space answered", body = Object),
        (status = 429, description = "The space's quota is used up; `Retry-After` says when to try again"),
        (status = 502, description = "The tunnel broke"),
        (status = 503, description = "The space is not connected, or its tunnel is full; `Retry-After` says when to try again"),
        (status = 504, description = "The space took too long"),
    ))]
async fn index(
    State(hub): State<Hub>,
    Path(Of { owner }): Path<Of>,
    client: ClientAddress,
    correlation: CorrelationId,
    request: Request,
) -> Result<Response, ApiError> {
    forward::ask(&hub, &owner, Asked { client, correlation }, request).await
}

/// The space's own answer to `GET /health`.
#[utoipa::path(get, path = "/s/{owner}/health", tag = "tunnels",
    params(("owner" = String, Path, description = "A username or an organization's slug, in any case")),
    responses(
        (status = 200, description = "What the space answered", body = Object),
        (status = 429, description = "The space's quota is used up; `Retry-After` says when to try again"),
        (status = 502, description = "The tunnel broke"),
        (status = 503, description = "The space is not connected, or its tunnel is full; `Retry-After` says when to try again"),
        (status = 504, description = "The space took too long"),
    ))]
async fn health(
    State(hub): State<Hub>,
    Path(Of { owner }): Path<Of>,
    client: ClientAddress,
    correlation: CorrelationId,
    request: Request,
) -> Result<Response, ApiError> {
    forward::ask(&hub, &owner, Asked { client, correlation }, request).await
}

/// Ask an endpoint of a space behind a tunnel, as one would ask the space itself.
#[utoipa::path(post, path = "/s/{owner}/api/v1/endpoints/{slug}/query", tag = "tunnels",
    params(
        ("owner" = String, Path, description = "A username or an organization's slug, in any case"),
        ("slug" = String, Path, description = "The endpoint's slug at the space"),
    ),
    request_body(content = Object, description = "What the space expects"),
    responses(
        (status = 200, description = "What the space answered, perhaps as a stream of events", body = Object),
        (status = 408, description = "The body did not arrive in time"),
        (status = 413, description = "The body is too large"),
        (status = 429, description = "The space's quota is used up; `Retry-After` says when to try again"),
        (status = 502, description = "The tunnel broke"),
        (status = 503, description = "The space is not connected, or its tunnel is full; `Retry-After` says when to try again"),
        (status = 504, description = "The space took too long"),
        (status = "default", description = "What the space refused with"),
    ))]
async fn question(
    State(hub): State<Hub>,
    Path(Of { owner }): Path<Of>,
    client: ClientAddress,
    correlation: CorrelationId,
    request: Request,
) -> Result<Response, ApiError> {
    forward::ask(&hub, &owner, Asked { client, correlation }, request).await
}

/// Ask an endpoint of one of the tenants of a space behind a tunnel.
#[utoipa::path(post, path = "/s/{owner}/t/{tenant}/api/v1/endpoints/{slug}/query", tag = "tunnels",
    params(
        ("owner" = String, Path, description = "A username or an organization's slug, in any case"),
        ("tenant" = String, Path, description = "The tenant's name at the space"),
        ("slug" = String, Path, description = "The endpoint's slug at the space"),
    ),
    request_body(content = Object, description = "What the space expects"),
    responses(
        (status = 200, description = "What the space answered, perhaps as a stream of events", body = Object),
        (status = 408, description = "The body did not arrive in time"),
        (status = 413, description = "The body is too large"),
        (status = 429, description = "The space's quota is used up; `Retry-After` says when to try again"),
        (status = 502, description = "The tunnel broke"),
        (status = 503, description = "The space is not connected, or its tunnel is full; `Retry-After` says when to try again"),
        (status = 504, description = "The space took too long"),
        (status = "default", description = "What the space refused with"),
    ))]
async fn tenants_question(
    State(hub): State<Hub>,
    Path(Of { owner }): Path<Of>,
    client: ClientAddress,
    correlation: CorrelationId,
    request: Request,
) -> Result<Response, ApiError> {
    forward::ask(&hub, &owner, Asked { client, correlation }, request).await
}
