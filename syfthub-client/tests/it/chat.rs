//! Questions: what the aggregator is sent, and how its stream is read.

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use syfthub_client::{Chat, ChatEvent, Client, ErrorKind};

use crate::support::{Asked, FixtureHub, endpoint, refusal, reply, tokens, typed};

const ANSWER: &str = "event: retrieval_start\ndata: {\"sources\":1}\n\n\
    event: source_complete\ndata: {\"path\":\"ada/notes\",\"status\":\"success\",\"documents\":1}\n\n\
    event: brand_new\ndata: ?\n\n: hb\n\n\
    event: token\ndata: {\"content\":\"Reed\\u2028s \"}\n\n\
    event: token\ndata: {\"content\":\"[cite:1]\"}\n\n";
const END: &str = "event: done\ndata: {\"sources\":{\"River\":{\"slug\":\"ada/notes\",\"content\":\"reeds\",\
    \"document\":\"river.md\",\"score\":0.9}},\"retrieval_info\":[],\"metadata\":{\"retrieval_time_ms\":1,\
    \"generation_time_ms\":2,\"total_time_ms\":3}}\n\n";

/// A hub with a model and two data sources of ada's; `answer` is the aggregator's.
async fn hub_with<F>(answer: F) -> FixtureHub
where
    F: Fn(&Asked) -> Response<Body> + Send + Sync + 'static,
{
    FixtureHub::start(move |asked| match asked.route.as_str() {
        "GET /ada/model" => reply(200, &endpoint("model", "model", "https://space")),
        "GET /ada/notes" => reply(200, &endpoint("notes", "data_source", "https://space")),
        "GET /ada/maps" => reply(200, &endpoint("maps", "model_data_source", "https://space")),
        "GET /ada/adrift" => reply(200, &endpoint("adrift", "data_source", "")),
        "GET /api/v1/token" => reply(200, &json!({"target_token": "sat", "expires_in": 60})),
        "POST /aggregator/api/v1/chat" | "POST /aggregator/api/v1/chat/stream" => answer(asked),
        _ => refusal(404, "not found"),
    })
    .await
}

fn question<'a>(client: &'a Client, sources: &[&str]) -> Chat<'a> {
    let sources = sources.iter().map(|source| source.parse().unwrap());
    client.chat("ada/model".parse().unwrap(), "What grows?").sources(sources)
}

#[tokio::test]
async fn the_aggregator_gets_addresses_and_one_token_per_owner_and_never_the_hub_token() {
    let hub =
        hub_with(|_| reply(200, &json!({"response": "Reeds", "sources": {}, "usage": null}))).await;
    let client = hub.client().tokens(tokens("hub")).build().unwrap();
    let answer = question(&client, &["ada/notes", "ada/maps", "ada/notes"]).top_k(3).send().await;
    assert_eq!(answer.unwrap().response, "Reeds");
    assert_eq!(hub.asked("GET /api/v1/token").len(), 1);
    let asked = &hub.asked("POST /aggregator/api/v1/chat")[0];
    assert_eq!(asked.bearer, None);
    assert!(!asked.body.contains("hub-access"));
    let body = asked.json();
    assert_eq!(body["endpoint_tokens"], json!({"ada": "sat"}));
    assert_eq!(body["data_sources"].as_array().unwrap().len(), 2);
    assert_eq!((&body["top_k"], &body["model"]["url"]), (&json!(3), &json!("https://space")));
}

#[tokio::test]
async fn whoever_is_not_signed_in_asks_as_a_guest_where_the_hub_has_guests() {
    let guests = FixtureHub::start(|asked| match asked.route.as_str() {
        "GET /ada/model" => reply(200, &endpoint("model", "model", "https://space")),
        "GET /api/v1/token/guest" => reply(200, &json!({"target_token": "g", "expires_in": 60})),
        _ => reply(200, &json!({"response": "Reeds"})),
    })
    .await;
    let client = guests.client().build().unwrap();
    question(&client, &[]).send().await.unwrap();
    let asked = guests.asked("POST /aggregator/api/v1/chat")[0].json();
    assert_eq!(asked["endpoint_tokens"], json!({"ada": "g"}));

    let hub = hub_with(|_| reply(200, &json!({"response": "Reeds"}))).await;
    let client = hub.client().build().unwrap();
    question(&client, &[]).send().await.unwrap();
    let asked = hub.asked("POST /aggregator/api/v1/chat")[0].json();
    assert_eq!(asked["endpoint_tokens"], json!({}));
}

#[tokio::test]
async fn an_answer_is_streamed_to_its_end_and_unknown_events_are_skipped() {
    let hub = hub_with(|_| typed(200, "text/event-stream", format!("{ANSWER}{END}{ANSWER}"))).await;
    let client = hub.client().build().unwrap();
    let answer = question(&client, &["ada/notes"]).stream().await.unwrap();
    let events: Vec<ChatEvent> = answer.try_collect().await.unwrap();
    let text: String = events.iter().filter_map(text_of).collect();
    assert_eq!(text, "Reed\u{2028}s [cite:1]");
    let Some(ChatEvent::Done(done)) = events.last() else { panic!("an end") };
    let (title, source) = &done.sources.0[0];
    assert_eq!((title.as_str(), source.document.as_deref()), ("River", Some("river.md")));
    assert_eq!(events.len(), 5, "nothing counts after the end");
}

fn text_of(event: &ChatEvent) -> Option<&str> {
    match event {
        ChatEvent::Token { content } => Some(content),
        _ => None,
    }
}

async fn last_error(
    answer: impl Fn() -> Response<Body> + Send + Sync + 'static,
) -> (usize, ErrorKind) {
    let hub = hub_with(move |_| answer()).await;
    let client = hub.client().build().unwrap();
    let answer = question(&client, &["ada/notes"]).stream().await.unwrap();
    let mut items: Vec<_> = answer.collect().await;
    let error = items.pop().unwrap().unwrap_err();
    assert!(error.correlation_id().is_some());
    (items.len(), error.kind())
}

#[tokio::test]
async fn an_answer_that_ends_without_its_end_is_an_error() {
    let ended = last_error(|| typed(200, "text/event-stream", ANSWER)).await;
    assert_eq!(ended, (4, ErrorKind::Interrupted));
    let cut = last_error(|| typed(200, "text/event-stream", &END[..END.len() - 1])).await;
    assert_eq!(cut, (0, ErrorKind::Interrupted));
}

/// `items`, each after a pause in which what came before it goes out.
fn after_a_flush<T>(items: impl IntoIterator<Item = T>) -> impl futures_util::Stream<Item = T> {
    stream::iter(items).then(async |item| {
        tokio::task::yield_now().await;
        item
    })
}

#[tokio::test]
async fn an_answer_whose_connection_breaks_is_an_error() {
    let broken = last_error(|| {
        let pieces = [Ok(Bytes::from(ANSWER)), Err(std::io::Error::other("gone"))];
        typed(200, "text/event-stream", Body::from_stream(after_a_flush(pieces)))
    });
    assert_eq!(broken.await.1, ErrorKind::Interrupted);
}

#[tokio::test]
async fn a_model_that_fails_is_an_error_in_both_forms() {
    let text = "event: error\ndata: {\"message\":\"Model generation failed: no\"}\n\n";
    let failed = last_error(move || typed(200, "text/event-stream", text)).await;
    assert_eq!(failed, (0, ErrorKind::Generation));
    let hub = hub_with(|_| refusal(400, "Generation failed: no")).await;
    let client = hub.client().build().unwrap();
    assert_eq!(question(&client, &[]).send().await.unwrap_err().kind(), ErrorKind::Generation);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_called_is_named_before_anything_is_asked() {
    let hub = hub_with(|_| refusal(500, "never asked")).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    for (source, kind) in [
        ("ada/nothing", ErrorKind::NotFound),
        ("ada/model", ErrorKind::Unusable),
        ("ada/adrift", ErrorKind::Unusable),
    ] {
        let error = question(&client, &[source]).send().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(source), "{error}");
    }
    assert!(hub.asked("POST /aggregator/api/v1/chat").is_empty());
}

#[tokio::test]
async fn a_space_is_asked_directly_with_a_token_for_its_owner() {
    let space = FixtureHub::start(|_| {
        let document = json!({"content": "reeds", "similarity_score": 0.9, "metadata": {}});
        reply(200, &json!({"summary": null, "references": {"documents": [document]}}))
    })
    .await;
    let url = space.url.clone();
    let hub = FixtureHub::start(move |asked| match asked.route.as_str() {
        "GET /ada/notes" => reply(200, &endpoint("notes", "data_source", &url)),
        _ => reply(200, &json!({"target_token": "sat", "expires_in": 60})),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let query = client.endpoints().query("ada/notes".parse().unwrap()).limit(3);
    let documents = query.documents("What grows?").await.unwrap();
    assert_eq!(documents[0].content, "reeds");
    let asked = &space.asked("POST /api/v1/endpoints/notes/query")[0];
    assert_eq!(asked.bearer.as_deref(), Some("sat"));
    assert_eq!(asked.json()["limit"], 3);
}
