//! A model's server for tests: it answers as it is told and keeps what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use syfthub_core::wire::space::Message;
use tokio::net::TcpListener;

use super::Chat;

/// What the server was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// A server on a free port.
pub(super) struct Fixture {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fixture {
    /// Answers every request with this status, content type and body, and `Retry-After: 7`.
    pub(super) async fn answering(status: u16, kind: &'static str, body: &'static str) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let answer = move |method: Method, uri: Uri, headers: HeaderMap, sent: Bytes| async move {
            let body_sent = serde_json::from_slice(&sent).unwrap_or_default();
            let path = uri.path().to_owned();
            kept.lock().unwrap().push(Asked { method, path, headers, body: body_sent });
            let status = StatusCode::from_u16(status).unwrap();
            let head = [("content-type", kind), ("retry-after", "7")];
            let response: Response = (status, head, body).into_response();
            response
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// The last request.
    pub(super) fn asked(&self) -> Asked {
        self.asked.lock().unwrap().last().cloned().expect("it was asked")
    }
}

/// A conversation of one question.
pub(super) fn chat() -> Chat {
    Chat {
        messages: vec![Message::new("user", "Hi")],
        max_tokens: 10,
        temperature: 0.0,
        stop: Vec::new(),
        presence_penalty: 0.0,
        frequency_penalty: 0.0,
    }
}
