//! The aggregator over real connections, with spaces that behave in every way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Aggregator;
use crate::config::{AggregatorSettings, HttpSettings};
use crate::http;
use crate::outbound::Outbound;

#[path = "answer_tests.rs"]
mod answers;

/// An aggregator on a free port that may call this machine.
async fn aggregator(adjust: impl FnOnce(&mut AggregatorSettings)) -> String {
    let mut settings = AggregatorSettings::default();
    adjust(&mut settings);
    let outbound = Outbound::new(vec!["127.0.0.0/8".parse().unwrap()]).unwrap();
    let (router, _) = super::routes().split_for_parts();
    let router = axum::Router::new()
        .nest("/aggregator", router)
        .with_state(Aggregator::new(&settings, outbound));
    let http_settings = HttpSettings::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/aggregator", listener.local_addr().unwrap());
    let router = http::edge(router, "aggregator", &http_settings, None);
    tokio::spawn(http::serve(listener, router, http_settings, CancellationToken::new()));
    url
}

/// A space whose endpoints are named after their behaviour, and what it saw.
#[derive(Clone)]
struct Space {
    url: String,
    asked: Arc<Mutex<Vec<(String, HeaderMap, Value)>>>,
    events: Arc<Mutex<mpsc::UnboundedReceiver<&'static str>>>,
}

/// Tells that a call began, and that it is over.
struct Call(mpsc::UnboundedSender<&'static str>);

impl Call {
    fn begin(events: &mpsc::UnboundedSender<&'static str>) -> Self {
        events.send("began").unwrap();
        Self(events.clone())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // The test may be over already.
        self.0.send("ended").ok();
    }
}

impl Space {
    async fn start() -> Self {
        let asked = Arc::default();
        let (sender, events) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/api/v1/endpoints/{slug}/query", post(query))
            .with_state((Arc::clone(&asked), sender));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked, events: Arc::new(Mutex::new(events)) }
    }

    fn endpoint(&self, slug: &str) -> Value {
        json!({"url": self.url, "slug": slug, "name": "", "tenant_name": null, "owner_username": "ada"})
    }

    fn question(&self, model: &str, sources: &[&str]) -> Value {
        let sources: Vec<Value> = sources.iter().map(|slug| self.endpoint(slug)).collect();
        json!({"prompt": "Why?", "model": self.endpoint(model), "data_sources": sources, "endpoint_tokens": {}, "stream": true})
    }

    async fn next_event(&self) -> &'static str {
        let receive = async {
            std::future::poll_fn(|context| self.events.lock().unwrap().poll_recv(context))
                .await
                .unwrap()
        };
        tokio::time::timeout(Duration::from_secs(10), receive).await.expect("the space saw nothing")
    }
}

type Asked = Arc<Mutex<Vec<(String, HeaderMap, Value)>>>;

#[expect(clippy::too_many_lines, reason = "one arm for each way in which a node behaves")]
async fn query(
    State((asked, events)): State<(Asked, mpsc::UnboundedSender<&'static str>)>,
    axum::extract::Path(slug): axum::extract::Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response<Body> {
    let question: Value = serde_json::from_str(&body).unwrap();
    let streaming = question["stream"] == true;
    asked.lock().unwrap().push((slug.clone(), headers, question));
    let json = |body: Value| reply(200, "application/json", body.to_string());
    match slug.as_str() {
        "notes" => json(json!({"references": {"documents": [
            {"document_id": "n1", "content": "It \u{2028}rains. \u{85}\u{1f600}", "metadata": {"title": "Weather", "file_path": "w.md"}, "similarity_score": 0.9},
            {"document_id": "n2", "content": "Low", "metadata": {}, "similarity_score": 0.2},
            {"document_id": "n3", "content": "Unscored", "metadata": {}, "similarity_score": null},
        ]}})),
        "paid" => json(json!({
            "summary": {"message": {"content": "Rain costs."}},
            "references": {"documents": [{"content": "It rains.", "similarity_score": 0.9}]},
            "policy_metadata": {"outcome": "success", "entries": [
                {"policy_type": "accounting", "kind": "payment", "status": "charged", "amount": 0.1, "currency": null, "details": null},
            ]},
        })),
        "dear" => reply(402, "application/json", json!({"detail": "pay first", "policy_metadata": {
            "outcome": "payment_required", "entries": [
                {"policy_type": "accounting", "kind": "payment", "status": "rejected", "amount": 0.5, "reason_code": "INSUFFICIENT_BALANCE"},
            ]}}).to_string()),
        "denied" => reply(403, "application/json", r#"{"detail":"members only"}"#),
        "broken" => reply(500, "application/json", r#"{"message":"out of order"}"#),
        "page" => reply(200, "text/html", "<html>secret</html>"),
        "garbage" => reply(200, "application/json", &b"{\"references\":\"\xff\xfe"[..]),
        "redirect" => {
            let mut response = reply(307, "text/plain", "");
            response.headers_mut().insert("location", "http://169.254.169.254/".parse().unwrap());
            response
        }
        "endless" => reply(
            200,
            "application/json",
            Body::from_stream(stream::repeat("[".repeat(1 << 16)).map(Ok::<_, std::io::Error>)),
        ),
        "hangs" => {
            let _call = Call::begin(&events);
            std::future::pending().await
        }
        "drips" => {
            let call = Call::begin(&events);
            let first =
                stream::once(async { Ok::<_, std::io::Error>("data: {\"content\":\"It\"}\n\n") });
            let rest = stream::once(async move {
                let _call = call;
                std::future::pending().await
            });
            reply(200, "text/event-stream", Body::from_stream(first.chain(rest)))
        }
        "model" if streaming => reply(
            200,
            "text/event-stream",
            "data: {\"content\":\"It \\u2028\"}\n\ndata: {\"content\":\"rains [cite:1].\"}\n\ndata: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}\n\ndata: [DONE]\n\n",
        ),
        "model" => json(
            json!({"summary": {"message": {"content": "It \u{2028}rains [cite:1]."}, "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}}}),
        ),
        "null" => json(json!({"summary": {"message": {"content": null}}})),
        "breaks" => reply(
            200,
            "text/event-stream",
            "data: {\"content\":\"It\"}\n\ndata: {\"error\":\"out of memory\"}\n\n",
        ),
        _ => reply(404, "application/json", r#"{"detail":"no such endpoint"}"#),
    }
}

fn reply(status: u16, media_type: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header("content-type", media_type).body(body.into()).unwrap()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn chat(url: &str, question: &Value) -> (u16, Value) {
    let response = client().post(format!("{url}/api/v1/chat")).json(question).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The frames of a stream, with times as zero.
async fn stream_of(url: &str, question: &Value) -> String {
    let response =
        client().post(format!("{url}/api/v1/chat/stream")).json(question).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    without_times(&response.text().await.unwrap())
}

fn without_times(frames: &str) -> String {
    let mut text = String::new();
    let mut rest = frames;
    while let Some((before, after)) = rest.split_once("_ms\":") {
        text.push_str(before);
        text.push_str("_ms\":0");
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    text + rest
}

fn token(audience: &str) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(json!({"aud": audience}).to_string()))
}

#[tokio::test]
async fn the_frames_of_an_answer_are_those_that_published_clients_read() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    insta::assert_snapshot!(stream_of(&url, &space.question("model", &["notes"])).await, @r#"
    event: retrieval_start
    data: {"sources":1}

    event: source_complete
    data: {"path":"ada/notes","status":"success","documents":3}

    event: retrieval_complete
    data: {"total_documents":2,"time_ms":0}

    event: generation_start
    data: {}

    event: token
    data: {"content":"It \u2028"}

    event: token
    data: {"content":"rains [cite:1]."}

    event: done
    data: {"sources":{"Weather":{"slug":"ada/notes","content":"It \u2028rains. \u0085😀","document":"w.md","score":0.9},"Document from ada/notes":{"slug":"ada/notes","content":"Unscored","document":"n3"}},"retrieval_info":[{"path":"ada/notes","documents_retrieved":3,"status":"success"}],"metadata":{"retrieval_time_ms":0,"generation_time_ms":0,"total_time_ms":0},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"citations":[{"start":0,"end":9,"document":1,"title":"Weather","source":"ada/notes","path":"w.md","support":{"start":0,"end":10}}],"response":"It \u2028rains [cite:1-0:9].","profit_share":{"ada/notes":1.0}}
    "#);
}

#[tokio::test]
async fn the_frames_without_sources_and_with_a_failing_model_end_with_one_error() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    insta::assert_snapshot!(stream_of(&url, &space.question("breaks", &[])).await, @r#"
    event: retrieval_start
    data: {"sources":0}

    event: retrieval_complete
    data: {"total_documents":0,"time_ms":0}

    event: generation_start
    data: {}

    event: token
    data: {"content":"It"}

    event: error
    data: {"message":"Model stream failed: out of memory"}
    "#);
    insta::assert_snapshot!(stream_of(&url, &space.question("denied", &[])).await, @r#"
    event: retrieval_start
    data: {"sources":0}

    event: retrieval_complete
    data: {"total_documents":0,"time_ms":0}

    event: generation_start
    data: {}

    event: error
    data: {"message":"Model generation failed: Model access denied: members only"}
    "#);
}

#[tokio::test]
async fn failing_sources_cost_their_own_documents() {
    let url = aggregator(|settings| {
        settings.retrieval_timeout = Duration::from_secs(1);
        settings.max_response_bytes = 100_000;
    });
    let (url, space) = (url.await, Space::start().await);
    let mut question = space.question(
        "model",
        &["denied", "broken", "page", "garbage", "redirect", "endless", "hangs", "notes"],
    );
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let sources = question["data_sources"].as_array_mut().unwrap();
    sources.push(json!({"url": format!("http://{dead}"), "slug": "dead"}));
    sources.push(json!({"url": "http://169.254.169.254", "slug": "metadata"}));
    let (status, answer) = chat(&url, &question).await;
    assert_eq!(status, 200);
    let info: Vec<String> = answer["retrieval_info"]
        .as_array()
        .unwrap()
        .iter()
        .map(|info| {
            let text = |key: &str| info[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {}",
                text("path"),
                info["documents_retrieved"],
                text("status"),
                text("error_message")
            )
        })
        .collect();
    insta::assert_snapshot!(info.join("\n"), @r#"
    ada/denied 0 error Access denied: members only
    ada/broken 0 error HTTP 500: out of order
    ada/page 0 error Unexpected error: the endpoint answered with a web page instead of JSON
    ada/garbage 0 error Unexpected error: the endpoint answered something other than JSON
    ada/redirect 0 error HTTP 307: redirects are not followed
    ada/endless 0 error Unexpected error: the endpoint's answer is too large
    ada/hangs 0 timeout Request timed out
    ada/notes 3 success -
    dead 0 error Network error: Connection refused (os error 111)
    metadata 0 error Network error: the address is not public
    "#);
    assert_eq!(answer["response"], "It \u{2028}rains [cite:1].");
    assert_eq!(answer["sources"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn the_complete_answer_has_the_keys_of_the_contract() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let (_, mut answer) = chat(&url, &space.question("model", &["notes"])).await;
    for time in answer["metadata"].as_object_mut().unwrap().values_mut() {
        assert!(time.is_u64());
        *time = json!(0);
    }
    for (_, source) in answer["sources"].as_object_mut().unwrap() {
        source["content"] = json!("…");
    }
    let expected = json!({
        "response": "It \u{2028}rains [cite:1].",
        "sources": {
            "Weather": {"slug": "ada/notes", "content": "…", "document": "w.md", "score": 0.9},
            "Document from ada/notes": {"slug": "ada/notes", "content": "…", "document": "n3"},
        },
        "retrieval_info": [{"path": "ada/notes", "documents_retrieved": 3, "status": "success", "error_message": null}],
        "metadata": {"retrieval_time_ms": 0, "generation_time_ms": 0, "total_time_ms": 0},
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        "citations": [{"start": 0, "end": 9, "document": 1, "title": "Weather", "source": "ada/notes", "path": "w.md",
            "support": {"start": 0, "end": 10}}],
        "annotated": "It \u{2028}rains [cite:1-0:9].",
        "profit_share": {"ada/notes": 1.0},
    });
    assert_eq!(answer.to_string(), expected.to_string());
    let (status, empty) = chat(&url, &space.question("null", &[])).await;
    assert_eq!((status, &empty["response"], &empty["usage"]), (200, &json!(""), &Value::Null));
}

#[tokio::test]
async fn a_model_that_fails_is_a_400_that_every_client_can_read() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    for (model, cause) in [
        ("denied", "Model access denied: members only"),
        ("broken", "Model request failed: HTTP 500 - out of order"),
        ("garbage", "the endpoint answered something other than JSON"),
    ] {
        let text = format!("Generation failed: Model generation failed: {cause}");
        let body = json!({"detail": text, "message": text, "error": "generation_failed"});
        assert_eq!(chat(&url, &space.question(model, &[])).await, (400, body));
    }
}

#[tokio::test]
async fn clients_that_know_more_words_are_told_more() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let mut question = space.question("model", &["denied"]);
    question["user_token"] = json!("hub token");
    let (_, answer) = chat(&url, &question).await;
    assert_eq!(answer["retrieval_info"][0]["status"], "access_denied");
    assert!(stream_of(&url, &question).await.contains(r#""status":"access_denied""#));
}

#[tokio::test]
async fn retrieval_alone_asks_no_model_on_either_route() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let mut question = space.question("model", &["notes"]);
    question["retrieval_only"] = json!(true);
    question["model"] =
        json!({"url": "", "slug": "", "name": "", "tenant_name": null, "owner_username": null});
    let (status, answer) = chat(&url, &question).await;
    assert_eq!((status, &answer["response"]), (200, &json!("")));
    assert_eq!(answer["metadata"]["generation_time_ms"], 0);
    assert_eq!(answer["sources"].as_object().unwrap().len(), 2);
    let frames = stream_of(&url, &question).await;
    assert!(
        frames.contains("event: done") && !frames.contains("event: generation_start"),
        "{frames}"
    );
    assert!(space.asked.lock().unwrap().iter().all(|(slug, _, _)| slug == "notes"));
}

#[tokio::test]
async fn a_token_goes_only_to_whom_it_was_made_for() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let mut question = space.question("model", &["notes", "notes", "notes"]);
    question["data_sources"][1]["owner_username"] = json!("bob");
    question["data_sources"][2]["owner_username"] = json!("eve");
    question["data_sources"][2]["tenant_name"] = json!("acme");
    question["data_sources"][2]["query_override"] = json!("Where?");
    question["endpoint_tokens"] =
        json!({"ada": token("ada"), "bob": token("ada"), "eve": "opaque"});
    question["transaction_tokens"] = json!({"bob": "tx"});
    let id = "test-7d1c";
    let sent = client()
        .post(format!("{url}/api/v1/chat"))
        .header("x-correlation-id", id)
        .json(&question)
        .send()
        .await;
    assert_eq!(sent.unwrap().headers()["x-correlation-id"], id);
    let mut asked = space.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(_, headers, _)| headers["x-correlation-id"] == id));
    let (_, headers, model) = asked.pop().unwrap();
    assert_eq!(headers["authorization"], format!("Bearer {}", token("ada")));
    assert_eq!(model.get("transaction_token"), None);
    let bearers =
        asked.iter().filter(|(_, headers, _)| headers.contains_key("authorization")).count();
    assert_eq!(bearers, 1, "only ada's token names its owner");
    assert_eq!(asked.iter().filter(|(_, _, body)| body["transaction_token"] == "tx").count(), 1);
    let tenants: Vec<_> =
        asked.iter().filter(|(_, headers, _)| headers.contains_key("x-tenant-name")).collect();
    assert_eq!(tenants.len(), 1);
    assert_eq!(tenants[0].2["messages"], "Where?");
}

#[tokio::test]
async fn what_cannot_be_read_or_exceeds_a_limit_is_a_422_that_every_client_can_read() {
    let (url, space) = (aggregator(|s| s.max_data_sources = 1).await, Space::start().await);
    let (status, body) = chat(&url, &json!({"prompt": "", "top_k": 21, "model": {"url": 7}})).await;
    assert_eq!(status, 422);
    let places: Vec<String> =
        body["detail"].as_array().unwrap().iter().map(|issue| issue["loc"].to_string()).collect();
    assert_eq!(
        places,
        [
            r#"["body","prompt"]"#,
            r#"["body","model","url"]"#,
            r#"["body","model","slug"]"#,
            r#"["body","top_k"]"#
        ]
    );
    assert_eq!(body["error"], "invalid_request");
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("prompt: String should have at least 1 character; model.url: ")
    );

    let (status, body) = chat(&url, &space.question("model", &["notes", "notes"])).await;
    assert_eq!((status, &body["detail"][0]["loc"]), (422, &json!(["body", "data_sources"])));
    assert_eq!(
        body["message"],
        "data_sources: List should have at most 1 item after validation, not 2"
    );

    let response = client()
        .post(format!("{url}/api/v1/chat/stream"))
        .header("content-type", "application/json")
        .body("{")
        .send();
    let response = response.await.unwrap();
    assert_eq!(response.status(), 422);
    assert_eq!(response.json::<Value>().await.unwrap()["detail"][0]["type"], "json_invalid");
}

#[tokio::test]
async fn lax_numbers_unknown_keys_and_nulls_are_accepted() {
    let (url, space) = (aggregator(|s| s.default_top_k = 3).await, Space::start().await);
    let mut question = space.question("model", &["notes"]);
    for (key, value) in [
        ("max_tokens", json!("7")),
        ("temperature", json!("0.3")),
        ("custom_system_prompt", Value::Null),
        ("user_email", json!("x@y.z")),
        ("peer_token", Value::Null),
        ("peer_channel", Value::Null),
        ("messages", json!([])),
    ] {
        question[key] = value;
    }
    assert_eq!(chat(&url, &question).await.0, 200);
    question["top_k"] = json!(2.0);
    assert_eq!(chat(&url, &question).await.0, 200);
    let asked = space.asked.lock().unwrap();
    assert_eq!((&asked[0].2["limit"], &asked[2].2["limit"]), (&json!(3), &json!(2)));
    assert_eq!((&asked[1].2["max_tokens"], &asked[1].2["temperature"]), (&json!(7), &json!(0.3)));
}

#[tokio::test]
async fn a_caller_who_hangs_up_closes_the_calls_of_both_routes() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    for (route, model, sources) in [
        ("chat", "hangs", &[][..]),
        ("chat", "model", &["hangs"][..]),
        ("chat/stream", "drips", &[]),
        ("chat/stream", "model", &["hangs"]),
    ] {
        let request =
            client().post(format!("{url}/api/v1/{route}")).json(&space.question(model, sources));
        let caller = tokio::spawn(async move { request.send().await.unwrap().text().await });
        assert_eq!(space.next_event().await, "began");
        caller.abort();
        assert_eq!(space.next_event().await, "ended", "{route}");
    }
}

#[tokio::test]
async fn a_token_is_passed_on_before_the_answer_is_complete() {
    let (url, space) = (aggregator(|_| {}).await, Space::start().await);
    let request =
        client().post(format!("{url}/api/v1/chat/stream")).json(&space.question("drips", &[]));
    let mut response = request.send().await.unwrap();
    let mut seen = String::new();
    while !seen.contains("event: token\ndata: {\"content\":\"It\"}\n\n") {
        let piece = tokio::time::timeout(Duration::from_secs(10), response.chunk())
            .await
            .expect("a token arrives");
        seen.push_str(
            std::str::from_utf8(&piece.unwrap().expect("the answer is not over")).unwrap(),
        );
    }
}

#[tokio::test]
async fn the_aggregator_says_that_it_is_there() {
    let url = aggregator(|_| {}).await;
    let get = async |path: &str| {
        client().get(format!("{url}/{path}")).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(get("health").await, json!({"status": "healthy", "service": "syfthub-aggregator"}));
    assert_eq!(get("ready").await, json!({"status": "ready", "checks": {"answers": "ok"}}));
}
