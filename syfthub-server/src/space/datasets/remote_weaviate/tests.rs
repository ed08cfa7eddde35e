use std::sync::{Arc as Shared, Mutex};

use axum::Router;
use axum::extract::{Json, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::*;

/// A fixture of a Weaviate server: answers the schema of `Article` and these objects, and keeps what it was asked.
#[derive(Clone)]
struct Fixture {
    vectorizer: &'static str,
    objects: Value,
    asked: Shared<Mutex<Vec<(HeaderMap, String)>>>,
}

impl Fixture {
    async fn start(vectorizer: &'static str, objects: Value) -> (Self, String) {
        let this = Self { vectorizer, objects, asked: Shared::default() };
        let router = Router::new()
            .route("/v1/schema/Article", get(schema_of))
            .route("/v1/graphql", post(answer))
            .with_state(this.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (this, url)
    }

    fn asked(&self) -> (HeaderMap, String) {
        self.asked.lock().unwrap().last().cloned().expect("it was asked")
    }
}

async fn schema_of(State(fixture): State<Fixture>) -> Json<Value> {
    Json(json!({"class": "Article", "vectorizer": fixture.vectorizer, "properties": [
        {"name": "body", "dataType": ["text"]},
        {"name": "year", "dataType": ["int"]},
        {"name": "author", "dataType": ["Person"]},
    ]}))
}

async fn answer(
    State(fixture): State<Fixture>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    if headers.get("authorization").is_none_or(|key| key != "Bearer wk-1") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    fixture.asked.lock().unwrap().push((headers, body["query"].as_str().unwrap().to_owned()));
    Ok(Json(json!({"data": {"Get": {"Article": fixture.objects}}})))
}

#[expect(clippy::needless_pass_by_value, reason = "a literal is handed over")]
fn dataset(url: &str, more: Value) -> Objects {
    let mut configuration = json!({
        "http_url": url, "grpc_url": "x:50051", "api_key": "wk-1", "collection_name": "Article",
        "headers": {"X-OpenAI-Api-Key": "sk-2"}, "content_property": "body",
    });
    configuration.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let configuration = RemoteWeaviate.settle(configuration.as_object().unwrap()).unwrap();
    let settings: Settings = RemoteWeaviate.info().read(&configuration).unwrap();
    let Settings { url, api_key, headers, collection, shown } = settings;
    Objects { server: Server::new(&url, api_key, &headers, collection).unwrap(), shown }
}

fn search(question: &str) -> Search {
    Search { question: question.to_owned(), limit: 5, threshold: 0.5, filters: None }
}

fn objects() -> Value {
    json!([
        {"body": "Granite.", "year": 2020, "_additional": {"id": "a", "certainty": 0.95, "distance": 0.1}},
        {"body": "Harbour.", "year": 2024, "_additional": {"id": "b", "certainty": 0.80, "distance": 0.4}},
        {"body": "Nothing.", "year": 2024, "_additional": {"id": "c", "certainty": 0.55, "distance": 0.9}},
    ])
}

#[tokio::test]
async fn objects_are_found_by_meaning_with_a_score_that_is_the_cosine() {
    let (fixture, url) = Fixture::start("text2vec-openai", objects()).await;
    let found = dataset(&url, json!({})).search(search("What is it \"made\" of?")).await.unwrap();
    let brief: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.text.as_str())).collect();
    assert_eq!(
        brief,
        [("a", "Granite."), ("b", "Harbour.")],
        "what scores below the threshold is left out"
    );
    assert!((found[0].score - 0.9).abs() < 1e-9 && (found[1].score - 0.6).abs() < 1e-9);
    assert_eq!(Value::Object(found[0].metadata.clone()), json!({"year": 2020}));
    let (headers, query) = fixture.asked();
    assert_eq!(headers["x-openai-api-key"], "sk-2");
    assert_eq!(
        query,
        r#"{ Get { Article(nearText: {concepts: ["What is it \"made\" of?"]}, limit: 5) { body year _additional { id certainty distance } } } }"#
    );
}

#[tokio::test]
async fn without_a_vectorizer_words_are_searched_and_a_mode_may_be_asked_for() {
    let scored = json!([{"body": "Granite.", "_additional": {"id": "a", "score": "3"}}]);
    let (fixture, url) = Fixture::start("none", scored).await;
    let found = dataset(&url, json!({})).search(search("granite")).await.unwrap();
    assert!((found[0].score - 0.5).abs() < 1e-9);
    assert!(fixture.asked().1.contains(r#"bm25: {query: "granite"}"#));
    dataset(&url, json!({"search_mode": "hybrid"})).search(search("granite")).await.unwrap();
    assert!(fixture.asked().1.contains(r#"hybrid: {query: "granite"}"#));
}

#[tokio::test]
async fn filters_of_the_dataset_and_of_the_question_both_hold() {
    let (fixture, url) = Fixture::start("text2vec-openai", objects()).await;
    let own =
        json!({"filters": {"type": "condition", "property": "year", "op": "gte", "value": 2021}});
    let asked = json!({"type": "group", "op": "not", "operands": [
        {"type": "condition", "property": "body", "op": "like", "value": "N*"},
        {"type": "condition", "property": "year", "op": "ne", "value": 2024},
    ]});
    let asked = Search {
        filters: Some(serde_json::from_value(asked).unwrap()),
        threshold: 0.01,
        ..search("granite")
    };
    let found = dataset(&url, own).search(asked).await.unwrap();
    assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["b"]);
    let (_, query) = fixture.asked();
    let told = r#"where: {operator: And, operands: [{path: ["year"], operator: GreaterThanEqual, valueInt: 2021}, {path: ["year"], operator: Equal, valueInt: 2024}]}"#;
    assert!(query.contains(told), "{query}");
}

#[tokio::test]
async fn a_server_that_is_away_or_refuses_is_no_empty_answer() {
    let (_, url) = Fixture::start("none", json!([])).await;
    assert!(dataset(&url, json!({})).search(search("granite")).await.unwrap().is_empty());
    let denied = dataset(&url, json!({"api_key": "wrong"}));
    let SearchError(cause) = denied.search(search("granite")).await.unwrap_err();
    assert_eq!(cause.to_string(), "the Weaviate server refused this space's credentials");
    let missing = dataset(&url, json!({"collection_name": "Other"}));
    let SearchError(cause) = missing.check().await.unwrap_err();
    assert_eq!(cause.to_string(), "the Weaviate server has no collection Other");
    let away = dataset("http://127.0.0.1:1", json!({}));
    assert!(away.search(search("granite")).await.is_err() && away.check().await.is_err());
}

#[test]
fn a_configuration_is_checked_property_by_property_and_its_secrets_are_known() {
    let refused = |name: &str, value: Value| {
        let mut configuration = json!({"http_url": "http://x", "collection_name": "Article"});
        configuration[name] = value;
        RemoteWeaviate.settle(configuration.as_object().unwrap()).unwrap_err().0
    };
    for (name, value) in [
        ("http_url", json!("ftp://x")),
        ("collection_name", json!("Article{")),
        ("collection_name", json!("lower")),
        ("content_property", json!("a b")),
        ("metadata_properties", json!(["1st"])),
        ("headers", json!({"a b": "x"})),
        ("headers", json!({"a": 1})),
        ("search_mode", json!("magic")),
        ("filters", json!({"type": "condition"})),
        ("default_similarity_threshold", json!(2)),
    ] {
        let place = format!("configuration.{name}");
        assert!(refused(name, value.clone()).starts_with(&place), "{name}: {value}");
    }
    let whole = json!({"api_key": "wk", "headers": {"X-Key": "k"}});
    let (shown, secrets) = RemoteWeaviate.info().split(whole.as_object().cloned().unwrap());
    assert!(shown.is_empty() && secrets.len() == 2);
}
