//! A hub on a free port that answers with a closure and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::{Value, json};
use syfthub_client::wire::auth::Tokens;
use syfthub_client::{Client, ClientBuilder};

/// One request, as the hub saw it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) route: String,
    pub(crate) query: String,
    pub(crate) bearer: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) correlation_id: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

type Answer = dyn Fn(&Asked) -> Response<Body> + Send + Sync;

#[derive(Clone)]
struct Script {
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

pub(crate) struct FixtureHub {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FixtureHub {
    pub(crate) async fn start<F>(answer: F) -> Self
    where
        F: Fn(&Asked) -> Response<Body> + Send + Sync + 'static,
    {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let script = Script { answer: Arc::new(answer), asked: Arc::clone(&asked) };
        let router = Router::new().fallback(handle).with_state(script);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// A client that does not wait between tries for long, and not at all for a proxy.
    pub(crate) fn client(&self) -> ClientBuilder {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Client::builder(&self.url).http(http)
    }

    /// Everything that was asked on `route`, such as `GET /api/v1/auth/me`.
    pub(crate) fn asked(&self, route: &str) -> Vec<Asked> {
        self.all().into_iter().filter(|asked| asked.route == route).collect()
    }

    pub(crate) fn all(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn handle(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let asked = Asked {
        route: format!("{method} {}", uri.path()),
        query: uri.query().unwrap_or_default().to_owned(),
        bearer: header("authorization").and_then(|v| v.strip_prefix("Bearer ").map(str::to_owned)),
        tenant: header("x-tenant-name"),
        idempotency_key: header("idempotency-key"),
        correlation_id: header("x-correlation-id").unwrap_or_default(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    script.asked.lock().unwrap().push(asked.clone());
    (script.answer)(&asked)
}

pub(crate) fn reply(status: u16, body: &Value) -> Response<Body> {
    typed(status, "application/json", body.to_string())
}

pub(crate) fn typed(status: u16, kind: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header("content-type", kind).body(body.into()).unwrap()
}

pub(crate) fn refusal(status: u16, detail: &str) -> Response<Body> {
    reply(status, &json!({ "detail": detail }))
}

pub(crate) fn tokens(name: &str) -> Tokens {
    Tokens {
        access_token: format!("{name}-access"),
        refresh_token: format!("{name}-refresh"),
        token_type: "bearer".to_owned(),
    }
}

pub(crate) fn user() -> Value {
    json!({
        "id": 7, "username": "ada", "email": "ada@example.org", "full_name": "Ada", "role": "user",
        "is_active": true, "created_at": "2026-01-01T00:00:00Z",
    })
}

pub(crate) fn endpoint(slug: &str, kind: &str, url: &str) -> Value {
    json!({
        "name": slug, "slug": slug, "type": kind, "owner_username": "ada", "version": "0.1.0",
        "connect": [{"type": "https", "enabled": true, "config": {"url": url}}],
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    })
}

pub(crate) fn own_endpoint(slug: &str, kind: &str) -> Value {
    let mut endpoint = endpoint(slug, kind, "https://space");
    let owned = json!({"id": 3, "user_id": 7, "visibility": "public", "is_active": true});
    endpoint.as_object_mut().unwrap().extend(owned.as_object().unwrap().clone());
    endpoint
}

pub(crate) fn organization() -> Value {
    json!({
        "id": 5, "name": "Acme", "slug": "acme", "description": "", "avatar_url": null, "is_active": true,
        "domain": null, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    })
}
