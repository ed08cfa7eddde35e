//! The world around a hub: a node that answers questions, and a ledger.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::ledger;

/// A node and a ledger behind one listener.
pub(crate) struct World {
    address: SocketAddr,
}

impl World {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Self {
        let app = Router::new()
            .route("/api/v1/endpoints/{slug}/query", post(query))
            .nest("/ledger", ledger::routes());
        let listener =
            tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address }
    }

    /// The node.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The ledger.
    pub(crate) fn ledger(&self) -> String {
        format!("{}/ledger", self.url())
    }
}

const ANSWER: [&str; 2] = ["Granite, ", "says the model."];

/// `notes` has one document, `oracle` is a model. Both answer in the shape of today and in that of the first clients.
async fn query(Path(slug): Path<String>, Json(body): Json<Value>) -> Response {
    if slug == "notes" {
        let text = "The lighthouse is made of granite.";
        let document = |score: &str| json!({"document_id": "d1", "content": text, "metadata": {"title": "Granite"}, score: 0.9});
        return Json(json!({
            "summary": null,
            "references": {"documents": [document("similarity_score")]},
            "documents": [document("score")],
        }))
        .into_response();
    }
    if body["stream"] == true {
        let frames = ANSWER.map(|text| format!("data: {}\n\n", json!({"content": text})));
        let frames = frames.into_iter().chain(["data: [DONE]\n\n".to_owned()]);
        let frames = frames.map(|frame| Ok::<_, std::io::Error>(Bytes::from(frame)));
        let stream = Body::from_stream(futures_util::stream::iter(frames));
        return ([("content-type", "text/event-stream")], stream).into_response();
    }
    let message = json!({"role": "assistant", "content": ANSWER.concat()});
    let summary = json!({"id": "1", "model": "m", "message": message, "finish_reason": "stop"});
    Json(json!({"summary": summary, "references": null, "message": message})).into_response()
}
