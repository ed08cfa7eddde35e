use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use reqwest::Method;

use super::*;

/// A model's server that refuses whatever it is asked in its own words, and counts.
async fn refusing() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let refuse = move || async move {
        count.fetch_add(1, Ordering::SeqCst);
        (StatusCode::PAYMENT_REQUIRED, r#"{"error":{"message":"account acme-42 owes money"}}"#)
    };
    let listener = listener().await;
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/api/tags", get(refuse));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked)
}

async fn outside(stage: &Stage, path: &str) -> Value {
    let url = format!("http://{}/api/v1/{path}", stage.questions.address());
    let response = http().get(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn strangers_hear_one_word_and_cause_no_calls_while_the_owner_hears_the_reason() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let (url, asked) = refusing().await;
    let new = json!({"name": "llama", "dtype": "ollama", "configuration": {"base_url": url, "model": "m"}});
    let (status, model) = stage.owner(Method::POST, "models/", Some(new)).await;
    assert_eq!(status, 201, "{model}");
    let unwell = json!({"status": "unhealthy", "message": "unhealthy"});
    let hidden = outside(&stage, "models/llama/health").await;
    assert_eq!(hidden, unwell, "what no endpoint uses is nobody's business");
    assert_eq!(outside(&stage, "models/nobody/health").await, hidden);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nor is it worth a call");

    let endpoint =
        json!({"name": "Llama", "slug": "llama", "model_id": model["id"], "published": true});
    assert_eq!(stage.owner(Method::POST, "endpoints/", Some(endpoint)).await.0, 201);
    for _ in 0..5 {
        assert_eq!(outside(&stage, "models/llama/health").await, unwell);
    }
    let told = stage.get("models/llama/health").await;
    assert_eq!(told["status"], "unhealthy");
    assert!(told["message"].as_str().unwrap().contains("account acme-42 owes money"), "{told}");
    assert!(told["checked_at"].is_string());
    assert_eq!(asked.load(Ordering::SeqCst), 1, "one check serves all who ask");

    let well = json!({"dataset_type_status": "healthy", "message": "healthy"});
    assert_eq!(outside(&stage, "datasets/permits/health").await, well);
    assert_eq!(stage.get("datasets/permits/health/").await["dataset_type_status"], "healthy");
    assert_eq!(stage.owner(Method::GET, "datasets/nothing/health", None).await.0, 404);
    stage.close().await;
}

#[tokio::test]
async fn the_models_of_a_server_are_listed_before_one_is_chosen() {
    let stage = Stage::set().await;
    let server = listener().await;
    let url = format!("http://{}", server.local_addr().unwrap());
    let tags = || async { r#"{"models":[{"name":"qwen2.5:7b"},{"name":"llama3:latest"}]}"# };
    let router = Router::new().route("/api/tags", get(tags));
    tokio::spawn(async move { axum::serve(server, router).await });
    let known = json!({"configuration": {"base_url": url}});
    let path = "models/types/ollama/actions/list_models";
    let (status, listed) = stage.owner(Method::POST, path, Some(known.clone())).await;
    assert_eq!((status, listed), (200, json!({"models": ["qwen2.5:7b", "llama3:latest"]})));
    for (path, status) in [
        ("models/types/ollama/actions/dance", 404),
        ("models/types/extractive/actions/list_models", 404),
        ("models/types/nothing/actions/list_models", 404),
        ("models/types/openai/actions/list_models", 502),
    ] {
        assert_eq!(stage.owner(Method::POST, path, Some(known.clone())).await.0, status, "{path}");
    }
    stage.close().await;
}
