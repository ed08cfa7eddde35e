//! The hub's API on one page: every capability's routes, in the order of the reference.

use axum::Router;
use axum::extract::State;
use http::{HeaderName, HeaderValue, header};
use serde::Serialize;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Json};
use crate::hub::Hub;
use crate::{aggregator, identity, registry, telemetry};

/// Every route of the hub, ready to be served.
pub(crate) fn routes(hub: Hub) -> Router {
    let (router, _) = api().split_for_parts();
    router.with_state(hub)
}

/// The OpenAPI description of those routes, as JSON.
///
/// # Panics
/// When a schema cannot be written as JSON, which is a mistake in its declaration.
pub fn openapi() -> String {
    api().into_openapi().to_pretty_json().expect("the description is plain data")
}

fn api() -> OpenApiRouter<Hub> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(index))
        .routes(routes!(health))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .routes(routes!(description))
        .merge(identity::routes())
        .merge(registry::routes())
        .merge(aggregator::routes())
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "SyftHub", description = "A federated hub for AI endpoints."),
    modifiers(&Bearer)
)]
struct Description;

/// The scheme that routes for signed-in users name.
struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build(),
        );
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("bearer", scheme);
    }
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
async fn metrics() -> ([(HeaderName, HeaderValue); 1], String) {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], telemetry::metrics())
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, body = String)), tag = "operation")]
async fn description() -> ([(HeaderName, HeaderValue); 1], String) {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi())
}
