//! The description of the routes, for people: Swagger UI at `/docs`, and one plain page at `/redoc`. Neither asks
//! anything of another server.

mod archive;
mod plain;
mod swagger;

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};

use crate::http::{ApiError, Path};
use crate::router;

/// The file in the path.
pub(crate) struct File(String);

impl Input for File {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("file")?))
    }
}

/// Shows every route, and lets one try them (Swagger UI).
#[utoipa::path(get, path = "/docs", tag = "operation",
    responses((status = 200, body = String, content_type = "text/html")))]
pub(crate) async fn docs() -> Response {
    swagger_page()
}

/// The page, which shows what `/openapi.json` beside it describes.
pub(crate) fn swagger_page() -> Response {
    page(swagger::PAGE, swagger::POLICY)
}

/// A part of that page.
pub(crate) fn swagger_file(name: &str) -> Option<Response> {
    swagger::file(name)
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
pub(crate) async fn docs_file(Path(File(name)): Path<File>) -> Result<Response, ApiError> {
    swagger_file(&name).ok_or_else(|| ApiError::not_found("Not Found"))
}

/// Lists every route on one page without scripts.
#[utoipa::path(get, path = "/redoc", tag = "operation",
    responses((status = 200, body = String, content_type = "text/html")))]
pub(super) async fn redoc() -> Response {
    static PAGE: LazyLock<String> = LazyLock::new(|| plain::page(&router::description()));
    page(&PAGE, plain::POLICY)
}

fn page(html: &'static str, policy: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    (headers, html).into_response()
}
