//! Conversations with an endpoint, over a real WebSocket of a fixture that keeps to a script.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::{any, get};
use axum::{Json, Router};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use syfthub_client::agent::AgentEvent;
use syfthub_client::{Client, ErrorKind};
use tokio::sync::mpsc;

/// A hub for guests whose aggregator says `script`, and the frames that it hears; null is the end of the connection.
async fn hub(script: Vec<Value>, hangs_up: bool) -> (Client, mpsc::UnboundedReceiver<Value>) {
    let (tell, heard) = mpsc::unbounded_channel();
    let session = move |upgrade: WebSocketUpgrade| async move {
        upgrade.on_upgrade(move |socket| talk(socket, script, hangs_up, tell))
    };
    let token = || async { Json(json!({"target_token": "sat", "expires_in": 60})) };
    let router = Router::new()
        .route("/api/v1/token/guest", get(token))
        .route("/aggregator/api/v1/agent/session", any(session));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::builder(url).timeout(Duration::from_secs(20)).build().unwrap(), heard)
}

async fn talk(
    mut socket: WebSocket,
    script: Vec<Value>,
    hangs_up: bool,
    tell: mpsc::UnboundedSender<Value>,
) {
    let start = socket.recv().await.unwrap().unwrap().into_text().unwrap();
    tell.send(serde_json::from_str(&start).unwrap()).unwrap();
    for frame in script {
        socket.send(Message::text(frame.to_string())).await.unwrap();
    }
    if hangs_up {
        return;
    }
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        let is_close = frame["type"] == "session.close";
        tell.send(frame).unwrap();
        if is_close {
            let last = json!({"type": "session.completed", "payload": {"session_id": "s"}});
            socket.send(Message::text(last.to_string())).await.unwrap();
            return;
        }
    }
    tell.send(Value::Null).unwrap();
}

fn created() -> Value {
    json!({"type": "session.created", "session_id": "s", "sequence": 1, "payload": {"session_id": "s"}})
}

#[tokio::test]
async fn a_conversation_goes_both_ways_until_the_caller_has_enough() {
    let script = vec![
        created(),
        json!({"type": "agent.juggle", "payload": {"balls": 3}}),
        json!({"type": "agent.token", "payload": {"token": "Reeds"}}),
        json!({"type": "agent.request_input", "payload": {"prompt": ""}}),
    ];
    let (hub, mut heard) = hub(script, false).await;
    let agent = hub.agent("ada/oracle".parse().unwrap(), "What grows?").max_tokens(9);
    let mut talk = agent.system_prompt("Be brief.").open().await.unwrap();
    let voice = talk.voice();
    let start = heard.recv().await.unwrap();
    assert_eq!(start["payload"]["endpoint"], json!({"owner": "ada", "slug": "oracle"}));
    assert_eq!(start["payload"]["satellite_token"], "sat");
    assert_eq!(start["payload"]["config"], json!({"max_tokens": 9, "system_prompt": "Be brief."}));
    assert_eq!(start["payload"].get("transaction_token"), None);

    voice.say("And in winter?").await.unwrap();
    assert_eq!(heard.recv().await.unwrap()["payload"]["content"], "And in winter?");
    voice.deny("t", Some("too dear")).await.unwrap();
    let denied = json!({"tool_call_id": "t", "reason": "too dear"});
    assert_eq!(heard.recv().await.unwrap()["payload"], denied);
    voice.close().await.unwrap();

    let mut kinds = Vec::new();
    while let Some(event) = talk.try_next().await.unwrap() {
        kinds.push(serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        kinds,
        ["session.created", "agent.token", "agent.request_input", "session.completed"]
    );
    assert_eq!(voice.say("Anybody?").await.unwrap_err().kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn a_conversation_that_does_not_begin_is_refused_with_its_reason() {
    let payload =
        json!({"code": "INVALID_PAYLOAD", "message": "no such endpoint", "recoverable": false});
    let (hub, _heard) = hub(vec![json!({"type": "agent.error", "payload": payload})], true).await;
    let refused = hub.agent("ada/oracle".parse().unwrap(), "Why?").open().await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Refused, Some("INVALID_PAYLOAD")));
}

#[tokio::test]
async fn a_conversation_that_breaks_off_is_an_error() {
    let (hub, _heard) = hub(vec![created()], true).await;
    let talk = hub.agent("ada/oracle".parse().unwrap(), "Why?").open().await.unwrap();
    let mut events: Vec<_> = talk.collect().await;
    let broken = events.pop().unwrap().unwrap_err();
    assert_eq!((broken.kind(), events.len()), (ErrorKind::Interrupted, 1));
}

#[tokio::test]
async fn an_error_that_ends_the_conversation_is_its_last_event() {
    let payload = json!({"code": "AGENT_ERROR", "message": "no", "recoverable": false});
    let script = vec![created(), json!({"type": "agent.error", "payload": payload})];
    let (hub, _heard) = hub(script, true).await;
    let talk = hub.agent("ada/oracle".parse().unwrap(), "Why?").open().await.unwrap();
    let events: Vec<AgentEvent> = talk.try_collect().await.unwrap();
    assert!(matches!(&events[1], AgentEvent::Error { code, .. } if code == "AGENT_ERROR"));
}

#[tokio::test]
async fn whoever_stops_listening_hangs_up() {
    let (hub, mut heard) = hub(vec![created()], false).await;
    let talk = hub.agent("ada/oracle".parse().unwrap(), "Why?").open().await.unwrap();
    let voice = talk.voice();
    drop(talk);
    assert!(heard.recv().await.is_some(), "the start");
    assert_eq!(heard.recv().await, Some(Value::Null), "the connection ended");
    drop(voice);
}
