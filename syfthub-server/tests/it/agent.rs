//! Conversations over a WebSocket with real servers: by the published client, and frame by frame.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::process::HubProcess;
use crate::space_flow::satellite;
use crate::{sdk, third_party};

const STORY: &str = "ok agent.start_session and its events
ok agent.cancel
ok agent.start_session with nobody
";

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A space with two models, `oracle` and `slow`, and word of every call of `slow` that ended.
struct Space {
    address: SocketAddr,
    ended: mpsc::UnboundedReceiver<()>,
}

/// Tells that a call is over.
struct Call(mpsc::UnboundedSender<()>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

impl Space {
    async fn start() -> Self {
        let (sender, ended) = mpsc::unbounded_channel();
        let app = Router::new().route("/api/v1/endpoints/{slug}/query", post(query));
        let app = app.with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, ended }
    }
}

async fn query(
    State(ended): State<mpsc::UnboundedSender<()>>,
    Path(slug): Path<String>,
    Json(body): Json<Value>,
) -> Response {
    let turns = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let last = turns.last().and_then(|turn| turn["content"].as_str()).unwrap_or_default();
    let frame = |text: String| Bytes::from(format!("data: {}\n\n", json!({"content": text})));
    let said = [frame(format!("{} turns, ", turns.len())), frame(format!("the last: {last}"))];
    let said = futures_util::stream::iter(said).map(Ok::<_, std::io::Error>);
    let headers = [("content-type", "text/event-stream")];
    if slug == "slow" {
        let call = Call(ended);
        let never = futures_util::stream::pending().map(move |frame| {
            let _held = &call;
            frame
        });
        return (headers, Body::from_stream(said.chain(never))).into_response();
    }
    (headers, Body::from_stream(said)).into_response()
}

/// A hub at which `ada` publishes the models of a space.
async fn world(home: &std::path::Path, settings: &[(&str, &str)]) -> (HubProcess, Space) {
    let space = Space::start().await;
    let local = [("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")];
    let hub = HubProcess::start(home, &[&local[..], settings].concat()).await;
    let ada = hub.register("ada").await.expect("the name is free");
    hub.register("bob").await.expect("the name is free");
    let domain = json!({"domain": format!("http://{}", space.address)});
    let told =
        hub.http().put(hub.at("/api/v1/users/me")).bearer_auth(&ada).json(&domain).send().await;
    told.expect("the hub is up").error_for_status().expect("it is an address");
    for slug in ["oracle", "slow"] {
        let endpoint = json!({
            "name": slug, "slug": slug, "type": "model", "visibility": "public",
            "connect": [{"type": "http", "config": {"url": ""}}],
        });
        let made = hub.http().post(hub.at("/api/v1/endpoints")).bearer_auth(&ada).json(&endpoint);
        made.send().await.expect("the hub is up").error_for_status().expect("it is made");
    }
    (hub, space)
}

/// One end of a session.
struct Session(WebSocketStream<TcpStream>);

impl Session {
    async fn open(hub: &HubProcess) -> Self {
        let url = hub.at("/aggregator/api/v1/agent/session");
        let address = url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        let stream = TcpStream::connect(address.expect("it is a URL")).await;
        let url = url.replacen("http", "ws", 1);
        let opened = tokio_tungstenite::client_async(url, stream.expect("the hub is up")).await;
        Self(opened.expect("it is a WebSocket").0)
    }

    async fn started(hub: &HubProcess, slug: &str) -> Self {
        let mut session = Self::open(hub).await;
        let bob = hub.login("bob").await.expect("bob is known");
        let token = satellite(hub, &bob, "ada").await;
        let payload = json!({
            "prompt": "One", "endpoint": {"owner": "ada", "slug": slug}, "satellite_token": token,
        });
        session.say(&json!({"type": "session.start", "payload": payload})).await;
        session
    }

    async fn say(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("the hub listens");
    }

    /// The next frame, or the code with which the session was closed.
    async fn hear(&mut self) -> Result<Value, u16> {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.expect("something happens");
            match message.expect("there is a closing frame").expect("it is a frame") {
                Message::Text(text) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Message::Close(frame) => return Err(frame.map_or(0, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    /// The frames up to the first of this type.
    async fn until(&mut self, kind: &str) -> Vec<Value> {
        let mut frames = Vec::new();
        loop {
            let frame =
                self.hear().await.unwrap_or_else(|code| panic!("closed by {code}: {frames:?}"));
            let is_last = frame["type"] == kind;
            frames.push(frame);
            if is_last {
                return frames;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_published_client_and_ours_talk_to_an_endpoint() {
    let pythons = ["SYFTHUB_TEST_SDK3_PYTHON", sdk::ours::PYTHON].map(third_party::path);
    let home = tempfile::tempdir().expect("there is room for tests");
    let (hub, _space) = world(home.path(), &[]).await;
    for python in pythons.into_iter().flatten() {
        assert_eq!(sdk::run(&python, "agent.py", &[&hub.at("")]).await, STORY);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_a_numbered_series_of_frames() {
    let home = tempfile::tempdir().expect("there is room for tests");
    let (hub, _space) = world(home.path(), &[]).await;
    let mut session = Session::started(&hub, "oracle").await;
    let frames = session.until("agent.request_input").await;
    let kinds: Vec<_> = frames.iter().filter_map(|frame| frame["type"].as_str()).collect();
    let expected = [
        "session.created",
        "agent.status",
        "agent.token",
        "agent.token",
        "agent.message",
        "agent.request_input",
    ];
    assert_eq!(kinds, expected);
    for (place, frame) in frames.iter().enumerate() {
        assert_eq!(frame["sequence"], place + 1);
        assert_eq!(frame["session_id"], frames[0]["payload"]["session_id"]);
        assert!(frame["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')));
    }
    session.say(&json!({"type": "ping"})).await;
    assert_eq!(session.hear().await, Ok(json!({"type": "pong"})));
    session.say(&json!({"type": "user.confirm", "payload": {"tool_call_id": "x"}})).await;
    let odd = session.hear().await.expect("the session goes on");
    assert_eq!(
        (&odd["type"], &odd["payload"]["recoverable"]),
        (&json!("agent.error"), &json!(true))
    );
    session.say(&json!({"type": "session.close"})).await;
    session.until("session.completed").await;
    assert_eq!(session.hear().await, Err(1000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_begins_no_session_is_told_why_and_closed() {
    let home = tempfile::tempdir().expect("there is room for tests");
    let (hub, _space) = world(home.path(), &[("AGGREGATOR_AGENT_START_TIMEOUT", "0.2")]).await;
    for (first, code) in [
        (Some(json!({"type": "session.start", "payload": {"prompt": "One"}})), "INVALID_PAYLOAD"),
        (Some(json!({"type": "user.message"})), "INVALID_MESSAGE"),
        (None, "SESSION_START_TIMEOUT"),
    ] {
        let mut session = Session::open(&hub).await;
        if let Some(first) = first {
            session.say(&first).await;
        }
        let told = session.hear().await.expect("it is told");
        let expected = (json!("agent.error"), json!(code), json!(false));
        let payload = &told["payload"];
        assert_eq!(
            (told["type"].clone(), payload["code"].clone(), payload["recoverable"].clone()),
            expected
        );
        assert_eq!(session.hear().await, Err(1008));
    }
    let plain = hub.http().get(hub.at("/aggregator/api/v1/agent/session")).send().await;
    assert_eq!(plain.expect("the hub is up").status().as_u16(), 426);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_the_call_of_the_space_when_the_caller_leaves_or_cancels() {
    let home = tempfile::tempdir().expect("there is room for tests");
    let (hub, mut space) = world(home.path(), &[]).await;
    let mut session = Session::started(&hub, "slow").await;
    session.until("agent.token").await;
    drop(session);
    timeout(PATIENCE, space.ended.recv()).await.expect("the call ends with its session");
    let mut session = Session::started(&hub, "slow").await;
    session.until("agent.token").await;
    session.say(&json!({"type": "user.cancel"})).await;
    let last = session.until("session.failed").await;
    assert_eq!(last.last().expect("there is one")["payload"]["reason"], "CANCELLED");
    assert_eq!(session.hear().await, Err(1000));
    timeout(PATIENCE, space.ended.recv()).await.expect("the call ends with its session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_in_which_nothing_is_said_ends() {
    let home = tempfile::tempdir().expect("there is room for tests");
    let (hub, _space) = world(home.path(), &[("AGGREGATOR_AGENT_IDLE_TIMEOUT", "0.3")]).await;
    let mut session = Session::started(&hub, "oracle").await;
    let last = session.until("session.failed").await;
    assert_eq!(last.last().expect("there is one")["payload"]["reason"], "IDLE_TIMEOUT");
    assert_eq!(session.hear().await, Err(1001));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_shows_what_strangers_wrote_and_asks_before_it_asks_a_model() {
    let home = tempfile::tempdir().expect("there is room for tests");
    let (hub, _space) =
        world(home.path(), &[("AGGREGATOR_DEFAULT_QUERY_MODEL", "ada/oracle")]).await;
    let evil = "!</script><script>alert(1)</script>&";
    let url = hub.at("/aggregator/api/v1/q");
    let get = async |query: &[(&str, &str)]| {
        let answer = hub.http().get(&url).query(query).send().await.expect("the hub is up");
        let policy =
            answer.headers()["content-security-policy"].to_str().unwrap_or_default().to_owned();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("form-action 'self'"),
            "{policy}"
        );
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    };
    let (status, page) = get(&[("q", evil)]).await;
    assert_eq!(status, 200, "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
    let (_, json) = page.split_once(r#"type="application/json">"#).expect("it carries the result");
    let (json, _) = json.split_once("</script>").expect("the element ends");
    let outcome: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!((outcome["query"].as_str(), &outcome["answer"]), (Some(&evil[1..]), &Value::Null));
    let (status, page) = get(&[("q", evil), ("aggregate", "true")]).await;
    assert_eq!(status, 200);
    assert!(page.contains(r#"<form method="post""#) && !page.contains("turns, the last"), "{page}");
    let answer = hub.http().post(&url).form(&[("q", "!Why?")]).send().await.expect("the hub is up");
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.text().await.expect("a text").contains("turns, the last"));
    assert_eq!(get(&[("q", "ada/notes")]).await.0, 400);
    assert_eq!(get(&[("q", "ada/nothing!Why?")]).await.0, 502);
}
