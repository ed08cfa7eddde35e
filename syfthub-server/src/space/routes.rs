//! What callers reach: questions, and whether the space is well. Nothing here administers, and nothing here tells how
//! the space is doing.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::State;
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::health::routes as health;
use super::node::Space;
use super::query;
use crate::http::{ApiError, Json};
use crate::router::Bearer;

/// Every route of the query listener.
pub(crate) fn routes(space: Space) -> Router {
    let (router, _) = api().split_for_parts();
    router.with_state(space)
}

/// The OpenAPI description of those routes.
pub(crate) fn description() -> OpenApi {
    api().into_openapi()
}

fn api() -> OpenApiRouter<Space> {
    OpenApiRouter::with_openapi(Description::openapi())
        // A hub asks `/` whether the space is alive (contract space 8.3).
        .routes(routes!(index))
        .routes(routes!(alive))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(openapi))
        .nest(
            "/api/v1",
            OpenApiRouter::new().routes(routes!(query::ask)).merge(health::public_routes()),
        )
        .routes(routes!(query::ask_tenant))
}

#[derive(utoipa::OpenApi)]
#[openapi(info(title = "SyftHub space", description = "Questions to one space."), modifiers(&Bearer))]
struct Description;

/// What this server is.
#[derive(Serialize, ToSchema)]
struct Index {
    message: &'static str,
    version: &'static str,
}

/// That it lives.
#[derive(Serialize, ToSchema)]
struct Alive {
    status: &'static str,
    version: &'static str,
}

const ALIVE: Alive = Alive { status: "healthy", version: env!("CARGO_PKG_VERSION") };

/// Says what this server is.
#[utoipa::path(get, path = "/", tag = "operation", responses((status = 200, body = Index)))]
async fn index() -> Json<Index> {
    Json(Index { message: "SyftHub space", version: env!("CARGO_PKG_VERSION") })
}

/// Says that the process answers; touches nothing else.
#[utoipa::path(get, path = "/health", tag = "operation", responses((status = 200, body = Alive)))]
async fn alive() -> Json<Alive> {
    Json(ALIVE)
}

/// Says that the process answers; touches nothing else.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Alive)))]
async fn healthz() -> Json<Alive> {
    Json(ALIVE)
}

/// Says whether the space can do its work: its database answers.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = Alive),
    (status = 503, description = "The database does not answer"),
))]
async fn readyz(State(space): State<Space>) -> Result<Json<Alive>, ApiError> {
    space.db.ping().await?;
    Ok(Json(ALIVE))
}

/// Describes every route, for programs.
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = String)))]
async fn openapi() -> ([(HeaderName, HeaderValue); 1], &'static str) {
    static DOCUMENT: LazyLock<String> =
        LazyLock::new(|| description().to_pretty_json().expect("the description is plain data"));
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], &DOCUMENT)
}
