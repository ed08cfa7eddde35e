//! The promises every route may rely on, tried on a small router of our own.

mod edge;
mod extract;
mod serve;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::{delete, get, post};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Secret, Slug};
use tower::ServiceExt as _;

use super::{ApiError, Form, Json, Page, Path, Query, edge as wrap, sse};
use crate::config::HttpSettings;
use crate::db::StoreError;

/// A body, form or path with one field of each interesting kind.
#[derive(Debug)]
struct Draft {
    slug: Slug,
    password: Option<Secret>,
    count: i64,
}

impl Input for Draft {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let slug = fields.required("slug");
        let password = fields.optional("password");
        let count = fields.number("count", 1, 20, 5);
        Some(Self { slug: slug?, password, count: count? })
    }
}

impl Draft {
    fn told(&self) -> String {
        format!("{} {} {}", self.slug, self.count, self.password.is_some())
    }
}

fn routes() -> Router {
    Router::new()
        .route("/json", post(|Json(draft): Json<Draft>| async move { Json(draft.told()) }))
        .route("/form", post(|Form(draft): Form<Draft>| async move { Json(draft.told()) }))
        .route("/things/{slug}", get(|Path(draft): Path<Draft>| async move { Json(draft.told()) }))
        .route(
            "/things",
            get(|Query(Page { skip, limit }): Query<Page>| async move { Json([skip, limit]) }),
        )
        .route("/things/{slug}/gone", delete(|| async { StatusCode::NO_CONTENT }))
        .route("/panic", get(panics))
        .route(
            "/failure",
            get(|| async { ApiError::internal("the disk said: /var/secret is full") }),
        )
        .route(
            "/away",
            get(|| async { ApiError::from(StoreError::Unavailable("busy".to_owned())) }),
        )
        .route("/unread", post(|| async { ApiError::unauthenticated() }))
        .route("/refused", get(|| async { ApiError::unauthenticated() }))
        .route(
            "/events",
            get(|| async {
                sse::answer(futures_util::stream::iter([sse::event("done", &"a\u{2028}b")]))
            }),
        )
}

async fn panics() -> &'static str {
    panic!("a secret detail")
}

fn router(settings: &HttpSettings) -> Router {
    wrap(routes(), "test", settings, None)
}

async fn ask(request: Request<Body>) -> Response {
    ask_under(&HttpSettings::default(), request).await
}

async fn ask_under(settings: &HttpSettings, request: Request<Body>) -> Response {
    router(settings).oneshot(request).await.unwrap()
}

async fn get_path(path: &str) -> Response {
    ask(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}
