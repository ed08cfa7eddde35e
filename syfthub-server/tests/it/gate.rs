//! A fixture: a proxy before a hub that holds chosen calls, on their way there or on their way back.

#![expect(clippy::unwrap_used, reason = "a fixture ends where something is not as it must be")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// When a call is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the hub hears of it.
    Before,
    /// Once the hub has done what it was asked: its answer never arrives.
    After,
}

/// The proxy; clones share it.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) url: String,
    inside: Arc<Inside>,
}

struct Inside {
    http: reqwest::Client,
    hub: Mutex<String>,
    held: Mutex<Option<(&'static str, Moment)>>,
    reached: Notify,
}

impl Gate {
    /// A gate that leads nowhere yet.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inside = Inside {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            hub: Mutex::default(),
            held: Mutex::default(),
            reached: Notify::new(),
        };
        let gate = Self { url, inside: Arc::new(inside) };
        let router = Router::new().fallback(pass).with_state(gate.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gate
    }

    /// From now on it leads to the hub at `url`.
    pub(crate) fn lead_to(&self, url: &str) {
        url.trim_end_matches('/').clone_into(&mut self.inside.hub.lock().unwrap());
    }

    /// Holds calls that change something and whose path contains `word`.
    pub(crate) fn hold(&self, word: &'static str, moment: Moment) {
        *self.inside.held.lock().unwrap() = Some((word, moment));
    }

    /// Returns when a call is held.
    pub(crate) async fn reached(&self) {
        self.inside.reached.notified().await;
    }

    /// Holds no further calls.
    pub(crate) fn let_pass(&self) {
        *self.inside.held.lock().unwrap() = None;
    }

    async fn hold_if(&self, request: &Method, path: &str, now: Moment) {
        let held = *self.inside.held.lock().unwrap();
        let is_held = held.is_some_and(|(word, moment)| moment == now && path.contains(word));
        if is_held && *request == Method::POST {
            self.inside.reached.notify_one();
            // Until whoever called is dead.
            std::future::pending::<()>().await;
        }
    }
}

async fn pass(State(gate): State<Gate>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().unwrap().as_str().to_owned();
    gate.hold_if(&parts.method, &path, Moment::Before).await;
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{path}", *gate.inside.hub.lock().unwrap());
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let asked = gate.inside.http.request(parts.method.clone(), url).headers(headers).body(body);
    let Ok(answer) = asked.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    gate.hold_if(&parts.method, &path, Moment::After).await;
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = status;
    for name in [header::CONTENT_TYPE, header::WWW_AUTHENTICATE, header::ETAG] {
        if let Some(value) = headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}
