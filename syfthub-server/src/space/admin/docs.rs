//! The description of the admin routes, for programs at `/openapi.json` and for people at `/docs`.

use std::sync::LazyLock;

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Json, Path};
use crate::operation::docs;
use crate::space::node::Space;
use crate::telemetry;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(metrics))
        .routes(routes!(description))
        .routes(routes!(page))
        .routes(routes!(file))
}

/// Says what this listener is for.
#[utoipa::path(get, path = "/", tag = "operation", responses((status = 200, body = Value)))]
async fn index() -> Json<Value> {
    Json(serde_json::json!({
        "message": "SyftHub space, administration",
        "version": env!("CARGO_PKG_VERSION"),
        "docs": "/docs",
    }))
}

/// Counts and latencies in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, body = String)))]
async fn metrics() -> ([(HeaderName, HeaderValue); 1], String) {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], telemetry::metrics())
}

/// Describes every route, for programs.
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = String)))]
async fn description() -> ([(HeaderName, HeaderValue); 1], &'static str) {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        super::description().to_pretty_json().expect("the description is plain data")
    });
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], &DOCUMENT)
}

/// Shows every route, and lets one try them (Swagger UI).
#[utoipa::path(get, path = "/docs", tag = "operation",
    responses((status = 200, body = String, content_type = "text/html")))]
async fn page() -> Response {
    docs::swagger_page()
}

/// The file in the path.
struct File(String);

impl Input for File {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("file")?))
    }
}

/// A part of the page at `/docs`.
#[utoipa::path(get, path = "/docs/{file}", tag = "operation",
    params(("file" = String, Path, description = "As the page names it")),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/css"), (String = "text/javascript"),
        )),
        (status = 404, description = "The page has no such part"),
))]
async fn file(Path(File(name)): Path<File>) -> Result<Response, ApiError> {
    docs::swagger_file(&name).ok_or_else(|| ApiError::not_found("Not Found"))
}
