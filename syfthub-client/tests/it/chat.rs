//! Questions: what the aggregator is sent, and how its stream is read.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use syfthub_client::wire::chat::{EndpointRef, OnDenied};
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
        "POST /api/v1/accounting/transaction-tokens" => {
            reply(200, &json!({"tokens": {"ada": "pay"}, "errors": {}}))
        }
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
    assert_eq!(body["transaction_tokens"], json!({"ada": "pay"}));
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

#[tokio::test]
async fn a_question_carries_all_that_was_said_of_it() {
    let hub = hub_with(|_| reply(200, &json!({"response": "Reeds"}))).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    question(&client, &["ada/notes"])
        .source_asked("ada/notes".parse().unwrap(), "sedge")
        .turn("user", "Hello")
        .turn("assistant", "Hello.")
        .system_prompt("Be brief.")
        .on_denied(OnDenied::Fail)
        .without_payment()
        .send()
        .await
        .unwrap();
    let body = hub.asked("POST /aggregator/api/v1/chat")[0].json();
    assert_eq!(body["data_sources"][0].get("query_override"), None);
    assert_eq!(body["data_sources"][1]["query_override"], "sedge");
    assert_eq!(body["messages"][1], json!({"role": "assistant", "content": "Hello."}));
    assert_eq!(
        (&body["custom_system_prompt"], &body["on_denied"]),
        (&json!("Be brief."), &json!("fail"))
    );
    assert_eq!(
        (&body["stream_events"], &body["transaction_tokens"]),
        (&json!(["all"]), &json!({}))
    );
    assert!(hub.asked("POST /api/v1/accounting/transaction-tokens").is_empty());
}

#[tokio::test]
async fn documents_alone_are_found_without_a_model() {
    let hub = hub_with(|_| reply(200, &json!({"response": ""}))).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    client.retrieve("What grows?").source("ada/notes".parse().unwrap()).send().await.unwrap();
    let body = hub.asked("POST /aggregator/api/v1/chat")[0].json();
    assert_eq!((&body["retrieval_only"], &body["model"]["url"]), (&json!(true), &json!("")));
    assert!(hub.asked("GET /ada/model").is_empty());
}

/// A hub with a data source of each of `owners`, whose second call for transaction tokens fails.
async fn crowd(owners: usize) -> FixtureHub {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    FixtureHub::start(move |asked| match asked.route.as_str() {
        "GET /ada/model" => reply(200, &endpoint("model", "model", "https://space")),
        "GET /api/v1/token" => reply(200, &json!({"target_token": "sat", "expires_in": 60})),
        "POST /api/v1/accounting/transaction-tokens" => {
            let named = asked.json()["owner_usernames"].as_array().unwrap().clone();
            assert!(named.len() <= 20, "a hub takes no more");
            if calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1 {
                return refusal(502, "no ledger");
            }
            let tokens: serde_json::Map<_, _> = named
                .iter()
                .map(|owner| (owner.as_str().unwrap().to_owned(), json!("pay")))
                .collect();
            reply(200, &json!({"tokens": tokens, "errors": {}}))
        }
        "POST /aggregator/api/v1/chat" => reply(200, &json!({"response": "Reeds"})),
        route => {
            let owner = route.trim_start_matches("GET /").trim_end_matches("/notes");
            assert!(owner.starts_with("owner") && owners > 0, "{route}");
            let mut found = endpoint("notes", "data_source", "https://space");
            found["owner_username"] = json!(owner);
            reply(200, &found)
        }
    })
    .await
}

#[tokio::test]
async fn many_owners_are_paid_through_several_calls_and_a_failing_one_leaves_the_others() {
    let hub = crowd(45).await;
    let client = hub.client().retries(0).tokens(tokens("t")).build().unwrap();
    let sources: Vec<String> = (10..55).map(|n| format!("owner{n}/notes")).collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    question(&client, &sources).send().await.unwrap();
    let calls = hub.asked("POST /api/v1/accounting/transaction-tokens");
    let sizes: Vec<usize> =
        calls.iter().map(|call| call.json()["owner_usernames"].as_array().unwrap().len()).collect();
    assert_eq!((sizes.len(), sizes.iter().sum::<usize>()), (3, 46));
    let body = hub.asked("POST /aggregator/api/v1/chat")[0].json();
    let paid = body["transaction_tokens"].as_object().unwrap().len();
    assert_eq!(paid, 46 - sizes[1]);
    assert_eq!(body["endpoint_tokens"].as_object().unwrap().len(), 46);
}

#[tokio::test]
async fn a_failed_answer_says_what_it_cost() {
    let billing = json!({"total_cost": 0.5, "currency": "USD", "entries": []});
    let body = json!({"detail": "Generation failed: no", "message": "Generation failed: no",
        "error": "generation_failed", "billing": billing});
    let hub = hub_with(move |_| reply(400, &body)).await;
    let client = hub.client().build().unwrap();
    let error = question(&client, &[]).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Generation, Some("generation_failed")));
    assert_eq!(error.billing().and_then(|billing| billing.total_cost), Some(0.5));

    let denied = json!({"detail": "Access denied by ada/notes", "error": "access_denied"});
    let hub = hub_with(move |_| reply(400, &denied)).await;
    let client = hub.client().build().unwrap();
    assert_eq!(question(&client, &[]).send().await.unwrap_err().kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn a_question_ends_at_its_own_deadline() {
    let hub = hub_with(|_| {
        let pieces = stream::iter([Ok::<_, std::io::Error>(Bytes::from(ANSWER))]);
        typed(200, "text/event-stream", Body::from_stream(pieces.chain(stream::pending())))
    })
    .await;
    let client = hub.client().build().unwrap();
    let soon = Duration::from_millis(200);
    let answer = question(&client, &["ada/notes"]).deadline(soon).stream().await.unwrap();
    let items: Vec<_> = answer.collect().await;
    assert_eq!(items.len(), 5);
    assert_eq!(items[4].as_ref().unwrap_err().kind(), ErrorKind::Timeout);
    let idle = question(&client, &["ada/notes"]).idle_timeout(soon).stream().await.unwrap();
    let items: Vec<_> = idle.collect().await;
    assert_eq!(items[4].as_ref().unwrap_err().kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn an_endpoint_whose_address_is_known_is_not_looked_up() {
    let hub = hub_with(|_| reply(200, &json!({"response": "Reeds"}))).await;
    let client = hub.client().tokens(tokens("hub")).build().unwrap();
    let place = |slug: &str| EndpointRef {
        url: "https://elsewhere".to_owned(),
        slug: slug.to_owned(),
        owner_username: Some("ada".to_owned()),
        ..EndpointRef::default()
    };
    let asked = client.retrieve("What grows?").model_at(place("model")).source_at(place("notes"));
    assert_eq!(asked.send().await.unwrap().response, "Reeds");
    assert!(hub.asked("GET /ada/model").is_empty() && hub.asked("GET /ada/notes").is_empty());
    let body = hub.asked("POST /aggregator/api/v1/chat")[0].json();
    assert_eq!(body["model"]["url"], "https://elsewhere");
    assert_eq!(body["data_sources"][0]["slug"], "notes");
    assert_eq!(body["endpoint_tokens"], json!({"ada": "sat"}));
    assert_eq!(body.get("retrieval_only"), None);
}

#[tokio::test]
async fn another_aggregator_and_another_deadline_are_for_one_question_alone() {
    let hub = hub_with(|_| reply(200, &json!({"response": "here"}))).await;
    let other = FixtureHub::start(|_| reply(200, &json!({"response": "there"}))).await;
    let client = hub.client().build().unwrap();
    let elsewhere = client.with_aggregator(&format!("{}/x", other.url)).unwrap();
    assert_eq!(question(&elsewhere, &[]).send().await.unwrap().response, "there");
    assert_eq!(question(&client, &[]).send().await.unwrap().response, "here");
    assert_eq!(other.all()[0].route, "POST /x/chat");
    assert_eq!(client.with_aggregator("x").unwrap_err().kind(), ErrorKind::Usage);
}
