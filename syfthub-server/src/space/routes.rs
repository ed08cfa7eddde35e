//! What callers reach: questions, and whether the space is well. Nothing here administers.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::health::routes as health;
use super::node::Space;
use super::query;
use crate::http::{ApiError, Json};
use crate::telemetry;

/// Every route of the query listener.
pub(crate) fn routes(space: Space) -> Router {
    Router::new()
        // A hub asks `/` whether the space is alive (contract space 8.3).
        .route("/", get(index))
        .route("/health", get(alive))
        .route("/healthz", get(alive))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/api/v1/endpoints/{slug}/query", post(query::ask))
        .route("/api/v1/datasets/{name}/health", get(health::public_dataset))
        .route("/api/v1/models/{name}/health", get(health::public_model))
        .with_state(space)
}

async fn index() -> Json<Value> {
    Json(json!({"message": "SyftHub space", "version": env!("CARGO_PKG_VERSION")}))
}

async fn alive() -> Json<Value> {
    Json(json!({"status": "healthy", "version": env!("CARGO_PKG_VERSION")}))
}

async fn readyz(State(space): State<Space>) -> Result<Json<Value>, ApiError> {
    space.db.ping().await?;
    Ok(alive().await)
}

async fn metrics() -> Response {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], telemetry::metrics()).into_response()
}
