//! Search by meaning through the whole space, beside an embedding server of the test's own (a fixture of a third party's).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response as Answer};
use axum::routing::post;
use reqwest::Method;

use super::*;

/// Words that mean the same to the server.
const SYNONYMS: [(&str, &str); 2] = [("doctor", "physician"), ("cash", "money")];

const DIMENSIONS: usize = 256;

/// An embedding server that counts words, synonyms together. It notes the models that were asked for.
#[derive(Clone)]
struct Server {
    /// What it answers instead of vectors, unless 0.
    failure: Arc<AtomicU16>,
    models: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(failure: u16) -> (Self, String) {
        let server = Self { failure: Arc::new(failure.into()), models: Arc::default() };
        let listener = listener().await;
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/embeddings", post(embed)).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (server, url)
    }

    fn set_failure(&self, status: u16) {
        self.failure.store(status, Ordering::SeqCst);
    }
}

async fn embed(State(server): State<Server>, body: String) -> Answer {
    let failure = server.failure.load(Ordering::SeqCst);
    if failure != 0 {
        return StatusCode::from_u16(failure).unwrap().into_response();
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    server.models.lock().unwrap().push(body["model"].as_str().unwrap().to_owned());
    let texts = body["input"].as_array().unwrap().iter().map(|text| vector(text.as_str().unwrap()));
    let data: Vec<Value> =
        texts.enumerate().map(|(n, vector)| json!({"index": n, "embedding": vector})).collect();
    axum::Json(json!({ "data": data })).into_response()
}

fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    vector[0] = 0.5;
    for word in text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()) {
        let word = SYNONYMS.iter().find(|(one, _)| *one == word).map_or(word, |(_, other)| other);
        let mut hasher = DefaultHasher::new();
        word.hash(&mut hasher);
        vector[usize::try_from(hasher.finish() % DIMENSIONS as u64).unwrap()] += 1.0;
    }
    vector
}

impl Stage {
    /// A dataset `notes` that is embedded by the server at `url`, and its published endpoint.
    async fn embed_notes(&self, url: &str) {
        let documents = self.folder.path().join("notes");
        std::fs::create_dir_all(&documents).unwrap();
        std::fs::write(documents.join("visit.md"), "The physician sees patients on Monday.")
            .unwrap();
        std::fs::write(documents.join("yard.md"), "Wagons stand in the yard behind the mill.")
            .unwrap();
        let embedding =
            json!({"provider": "openai", "model": "m", "base_url": url, "api_key": "sk-1"});
        let configuration = json!({"filePaths": [{"path": documents}], "embedding": embedding});
        let new = json!({"name": "notes", "dtype": "local_file", "configuration": configuration});
        let (status, dataset) = self.owner(Method::POST, "datasets", Some(new)).await;
        assert_eq!(status, 201, "{dataset}");
        assert!(!dataset.to_string().contains("sk-1"), "{dataset}");
        let new = json!({"name": "notes", "slug": "notes", "dataset_id": dataset["id"], "published": true});
        assert_eq!(self.owner(Method::POST, "endpoints", Some(new)).await.0, 201);
    }

    async fn is_ready(&self) {
        let mut progress = self.space.progress();
        let ready = progress.wait_for(|progress| progress.datasets.values().all(|one| one.ready));
        tokio::time::timeout(Duration::from_mins(1), ready).await.expect("in time").unwrap();
    }

    /// The names of the files found for a question, and how they were found.
    async fn found(&self, question: &str, filters: Value) -> Vec<(String, String)> {
        let body = json!({"messages": question, "limit": 3, "similarity_threshold": 0.3, "filters": filters});
        let answer = self.ask("notes", body).await;
        let found = answer["references"]["documents"].as_array().unwrap().iter().map(|found| {
            let text = |name: &str| found["metadata"][name].as_str().unwrap().to_owned();
            (text("file_name"), text("search_mode"))
        });
        found.collect()
    }
}

fn found(name: &str, mode: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), mode.to_owned())]
}

#[tokio::test]
async fn a_paraphrase_is_found_and_while_the_embedder_is_away_words_still_find() {
    let stage = Stage::set().await;
    let (server, url) = Server::start(0).await;
    stage.embed_notes(&url).await;
    stage.is_ready().await;
    assert_eq!(stage.found("doctor", Value::Null).await, found("visit.md", "both"));
    server.set_failure(503);
    assert_eq!(stage.found("patients", Value::Null).await, found("visit.md", "words"));
    stage.close().await;
}

#[tokio::test]
async fn documents_wait_for_an_embedder_that_is_away_and_are_indexed_when_it_is_back() {
    let stage = Stage::set().await;
    let (server, url) = Server::start(401).await;
    stage.embed_notes(&url).await;
    let mut progress = stage.space.progress();
    let away =
        progress.wait_for(|progress| progress.datasets.values().any(|one| one.error.is_some()));
    let said = away.await.unwrap().datasets.values().next().unwrap().error.clone().unwrap();
    assert!(said.contains("refused this space's credentials"), "{said}");
    server.set_failure(0);
    stage.is_ready().await;
    assert_eq!(stage.found("doctor", Value::Null).await, found("visit.md", "both"));
    stage.close().await;
}

#[tokio::test]
async fn another_model_embeds_everything_anew() {
    let stage = Stage::set().await;
    let (server, url) = Server::start(0).await;
    stage.embed_notes(&url).await;
    stage.is_ready().await;
    let changed = json!({"configuration": {"embedding": {"provider": "openai", "model": "n", "base_url": url}}});
    let (status, body) = stage.owner(Method::PATCH, "datasets/notes", Some(changed)).await;
    assert_eq!(status, 200, "{body}");
    stage.is_ready().await;
    assert_eq!(stage.found("doctor", Value::Null).await, found("visit.md", "both"));
    assert!(server.models.lock().unwrap().iter().any(|model| model == "n"));
    stage.close().await;
}

#[tokio::test]
async fn a_question_is_bounded_by_its_filters_and_a_filter_that_makes_no_sense_is_refused() {
    let stage = Stage::set().await;
    let (_server, url) = Server::start(0).await;
    stage.embed_notes(&url).await;
    stage.is_ready().await;
    let condition = |op: &str, value: Value| json!({"type": "condition", "property": "file_name", "op": op, "value": value});
    assert!(stage.found("doctor", condition("like", json!("y*"))).await.is_empty());
    let not_the_yard = condition("ne", json!("yard.md"));
    assert_eq!(stage.found("doctor", not_the_yard).await, found("visit.md", "both"));
    let odd = json!({"messages": "x", "filters": condition("near", json!(1))});
    let refused = stage.ask_with(&stage.token().await, "notes", &odd).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "filters", "op"]), "{refused}");
    stage.close().await;
}
