//! One trace of an answer across servers, as a real collector has it.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::collector::{Collector, Span};
use crate::process::{HubProcess, SpaceProcess};
use crate::space_flow::{connect, furnish, satellite};
use crate::third_party;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

const PROMPT: &str = "Which permit covers night work on the Zyzzyva bridge?";
const TEXT: &str = "Permit N-4 covers night work on the Zyzzyva bridge.";

/// Settings of a server that sends its spans to `collector` at once.
fn traced(collector: &str) -> [(&str, &str); 2] {
    [("OTEL_EXPORTER_OTLP_ENDPOINT", collector), ("OTEL_BSP_SCHEDULE_DELAY", "20")]
}

/// A question of `ada`'s documents to `ada`'s model, by way of the hub.
fn question(hub: &HubProcess, token: &str) -> Value {
    let endpoint =
        |slug: &str| json!({"url": hub.at("/s/ada"), "slug": slug, "owner_username": "ada"});
    json!({
        "prompt": PROMPT, "model": endpoint("words"), "data_sources": [endpoint("notes"), endpoint("closed")],
        "endpoint_tokens": {"ada": token}, "similarity_threshold": 0.1,
    })
}

fn only<'a>(spans: &'a [Span], service: &str, name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.service == service && span.name == name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_one_trace_from_the_caller_to_the_space_and_holds_no_text() {
    let Some(program) = third_party::path("SYFTHUB_TEST_ROTEL") else { return };
    let home = tempfile::tempdir().expect("there is room for tests");
    let collector = Collector::start(&program, home.path()).await;
    let url = collector.url();
    let own = [("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")];
    let hub = HubProcess::start(home.path(), &[&own[..], &traced(&url)].concat()).await;
    hub.register("ada").await.expect("the name is free");
    let bob = hub.register("bob").await.expect("the name is free");
    let on = [("SPACE_TUNNEL", "on")];
    let space = SpaceProcess::with(home.path(), &[&on[..], &traced(&url)].concat(), &[]).await;
    connect(&space, &hub, "ada", None).await;
    furnish(&space, home.path(), None, TEXT).await;
    close_a_copy(&space).await;
    let token = satellite(&hub, &bob, "ada").await;
    let asked =
        hub.http().post(hub.at("/aggregator/api/v1/chat/stream")).json(&question(&hub, &token));
    let asked = asked.header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    let answer = asked.send().await.expect("the hub is up");
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = answer.text().await.expect("a text");
    assert!(answer.contains("event: done") && answer.contains("N-4"), "{answer}");
    let spans = collector.spans(TRACE, 13).await;
    parents(&spans);
    verdicts(&spans);
    let printed = collector.text();
    for secret in ["Zyzzyva", "night work", &token, &bob] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

/// An endpoint over the documents of `notes` into which nobody is let.
async fn close_a_copy(space: &SpaceProcess) {
    let datasets = space.get("datasets").await;
    let id = datasets.pointer("/datasets/0/id").or_else(|| datasets.pointer("/0/id"));
    let endpoint =
        json!({"name": "closed", "slug": "closed", "dataset_id": id, "response_type": "raw"});
    let endpoint = space.post("endpoints", &endpoint).await;
    let everywhere = json!({"publish_to_all_marketplaces": true});
    space.post("endpoints/closed/publish", &everywhere).await;
    let policy = json!({
        "name": "nobody", "policy_type": "access", "endpoint_id": endpoint["id"],
        "configuration": {"denied_users": ["*"]},
    });
    space.post("policies", &policy).await;
}

/// Who caused what, over both servers.
fn parents(spans: &[Span]) {
    let [chat] = *only(spans, "syfthub", "chat") else { panic!("{spans:#?}") };
    assert_eq!(chat.parent, CALLER);
    let sources = only(spans, "syfthub", "source");
    let [generate] = *only(spans, "syfthub", "generate") else { panic!("{spans:#?}") };
    let [rerank] = *only(spans, "syfthub", "rerank") else { panic!("{spans:#?}") };
    assert_eq!(sources.len(), 2);
    for child in sources.iter().chain([&generate, &rerank]) {
        assert_eq!(child.parent, chat.id, "{child:?}");
        assert!(chat.start <= child.start && child.end <= chat.end, "{child:?}");
        assert!(child.start <= child.end && child.end - child.start < 60_000_000_000, "{child:?}");
    }
    let asks = only(spans, "syfthub-space", "ask");
    assert_eq!(asks.len(), 3, "two sources and the model are asked");
    for call in sources.iter().chain([&generate]) {
        assert_eq!(asks.iter().filter(|ask| ask.parent == call.id).count(), 1, "{call:?}");
    }
    for (part, count) in [("admit", 3), ("search", 1), ("model", 1)] {
        let parts = only(spans, "syfthub-space", part);
        assert_eq!(parts.len(), count, "{part}");
        assert!(parts.iter().all(|part| asks.iter().any(|ask| ask.id == part.parent)));
    }
    assert_eq!(generate.events, ["first_token"]);
}

/// What became of the sources, by the aggregator and by the space.
fn verdicts(spans: &[Span]) {
    let said = |span: &Span, key: &str| span.said.get(key).cloned().unwrap_or_default();
    let mut sources: Vec<(String, String)> = only(spans, "syfthub", "source")
        .iter()
        .map(|span| (said(span, "syfthub.endpoint"), said(span, "syfthub.verdict")))
        .collect();
    sources.sort();
    let expected = [("ada/closed", "access_denied"), ("ada/notes", "success")];
    assert_eq!(sources, expected.map(|(path, verdict)| (path.to_owned(), verdict.to_owned())));
    let admitted = only(spans, "syfthub-space", "admit");
    let refused: Vec<_> =
        admitted.iter().filter(|span| said(span, "syfthub.verdict") == "access_denied").collect();
    let [refused] = *refused else { panic!("{admitted:#?}") };
    assert_eq!(said(refused, "syfthub.policies"), "access:rejected");
    assert_eq!(said(refused, "syfthub.reason"), "ACCESS_DENIED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_costs_an_answer_nothing() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let url = format!("http://{}", nobody.local_addr().expect("it is bound"));
    let home = tempfile::tempdir().expect("there is room for tests");
    let settings = [&traced(&url)[..], &[("OTEL_EXPORTER_OTLP_TIMEOUT", "300")]].concat();
    let hub = HubProcess::start(home.path(), &settings).await;
    let nothing = json!({"url": "http://127.0.0.1:9", "slug": "words"});
    let question = json!({"prompt": PROMPT, "model": nothing});
    // The listener above takes connections and never answers.
    for _ in 0..20 {
        let request = hub.http().post(hub.at("/aggregator/api/v1/chat")).json(&question);
        let answer = request.timeout(Duration::from_secs(5)).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    }
    let (status, _) = hub.stop().await;
    assert!(status.success(), "{status}");
}
