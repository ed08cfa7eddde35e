//! A fixture embedding server with the OpenAI API: texts that share long words are near each other.

use axum::extract::Json;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const DIMENSIONS: usize = 256;

/// Starts it on a free port; the base URL of its API.
pub(crate) async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let url = format!("http://{}/v1", listener.local_addr().expect("it is bound"));
    let router = axum::Router::new().route("/v1/embeddings", post(embed));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn embed(Json(body): Json<Value>) -> Json<Value> {
    let texts = body["input"].as_array().cloned().unwrap_or_default();
    let data = texts.iter().enumerate().map(|(index, text)| {
        json!({"object": "embedding", "index": index, "embedding": vector(text.as_str().unwrap_or_default())})
    });
    let data: Vec<Value> = data.collect();
    Json(json!({"object": "list", "model": body["model"], "data": data}))
}

/// A bag of the words of at least four letters, each at a place that its letters decide.
fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    vector[0] = 0.1; // a text without such words has a direction, too
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3);
    for word in words {
        let hash =
            word.to_lowercase().bytes().fold(14_695_981_039_346_656_037_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
            });
        vector[usize::try_from(hash % (DIMENSIONS as u64 - 1)).expect("it is small") + 1] += 1.0;
    }
    vector
}
