//! Routes for those who run a hub: whether it lives, whether it is ready, what it counts, and what it offers.

pub(crate) mod docs;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use axum::extract::State;
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Json};
use crate::hub::Hub;
use crate::{router, telemetry};

/// The routes of this folder.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(health))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .routes(routes!(description))
        .routes(routes!(docs::docs))
        .routes(routes!(docs::docs_file))
        .routes(routes!(docs::redoc))
}

#[derive(Serialize, ToSchema)]
struct Index {
    message: &'static str,
    version: &'static str,
    docs: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Health {
    status: &'static str,
    version: &'static str,
}

const HEALTHY: Health = Health { status: "healthy", version: env!("CARGO_PKG_VERSION") };

/// Says what this server is.
#[utoipa::path(get, path = "/", responses((status = 200, body = Index)), tag = "operation")]
async fn index() -> Json<Index> {
    Json(Index { message: "SyftHub", version: env!("CARGO_PKG_VERSION"), docs: "/docs" })
}

/// Says that the process answers; touches nothing else.
#[utoipa::path(get, path = "/health", responses((status = 200, body = Health)), tag = "operation")]
async fn health() -> Json<Health> {
    Json(HEALTHY)
}

/// Says that the process answers; touches nothing else.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = Health)), tag = "operation")]
async fn healthz() -> Json<Health> {
    Json(HEALTHY)
}

/// Says whether the hub can do its work: its database answers.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = Health),
    (status = 503, description = "The database does not answer"),
))]
async fn readyz(State(hub): State<Hub>) -> Result<Json<Health>, ApiError> {
    hub.db.ping().await?;
    Ok(Json(HEALTHY))
}

/// Counts and latencies in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", responses((status = 200, body = String)), tag = "operation")]
pub(crate) async fn metrics() -> ([(HeaderName, HeaderValue); 1], String) {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], telemetry::metrics())
}

/// Describes every route, for programs.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, body = String)), tag = "operation")]
async fn description() -> ([(HeaderName, HeaderValue); 1], &'static str) {
    static DOCUMENT: LazyLock<String> = LazyLock::new(router::openapi);
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], &DOCUMENT)
}
