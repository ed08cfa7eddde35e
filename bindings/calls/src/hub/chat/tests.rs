use futures_util::StreamExt as _;
use serde_json::{Value, json};
use syfthub_client::exchange::{Body, Bytes, Request, Response};
use syfthub_client::{Client, ErrorKind};

use crate::{Argument, Failure, hub};

/// The argument that `name` refuses; nobody is there who could be asked.
async fn refused(name: &str, arguments: &str) -> Argument {
    let client = Client::builder("http://127.0.0.1:1").retries(0).build().unwrap();
    let operation = hub::operation(name).unwrap();
    let failure = if operation.is_stream() {
        match operation.open(&client, arguments) {
            Ok(mut events) => events.next().await.unwrap().unwrap_err(),
            Err(failure) => failure,
        }
    } else {
        operation.call(&client, arguments).await.unwrap_err()
    };
    let Failure::Argument(argument) = failure else { panic!("{failure:?}") };
    argument
}

#[tokio::test]
async fn an_argument_that_does_not_fit_is_named_as_the_caller_wrote_it() {
    let cases = [
        (r#"{"body": {"prompt": "Why?"}}"#, "model", true),
        (r#"{"body": {"prompt": 7, "model": {"path": "ada/model"}}}"#, "prompt", true),
        (r#"{"body": {"prompt": "", "model": {"path": "ada"}}}"#, "model.path", false),
        (r#"{"body": {"prompt": "", "model": {"url": "http://s"}}}"#, "model", true),
        (
            r#"{"body": {"prompt": "", "model": {"path": "ada/model"}, "sources": [{"path": "ada/notes"}, {}]}}"#,
            "sources[1]",
            true,
        ),
        (
            r#"{"body": {"prompt": "", "model": {"path": "ada/model"}, "timeout_s": -1}}"#,
            "timeout_s",
            false,
        ),
        (r#"{"body": {"prompt": "", "modle": {}}}"#, "modle", true),
    ];
    for (arguments, field, of_type) in cases {
        for name in ["chat.complete", "chat.stream"] {
            let argument = refused(name, arguments).await;
            assert_eq!(
                (argument.field.as_str(), argument.of_type),
                (field, of_type),
                "{name} {arguments}"
            );
        }
    }
}

/// A hub with a model of ada's, whose aggregator answers with `frames`, or else with one complete answer.
fn hub_with(frames: Option<&'static str>) -> Client {
    let answer = move |request: &Request<Bytes>| {
        let body = match request.uri().path() {
            "/ada/model" => json!({
                "name": "m", "slug": "model", "type": "model", "owner_username": "ada", "version": "0.1.0",
                "connect": [{"type": "https", "enabled": true, "config": {"url": "https://space"}}],
                "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            }),
            "/api/v1/token/guest" => json!({"target_token": "g", "expires_in": 60}),
            "/aggregator/api/v1/chat/stream" => {
                let frames = Body::from(frames.expect("a stream was asked for"));
                return Response::builder()
                    .header("content-type", "text/event-stream")
                    .body(frames)
                    .unwrap();
            }
            "/aggregator/api/v1/chat" => {
                let asked: Value = serde_json::from_slice(request.body()).unwrap();
                json!({"response": format!("{} {}", asked["prompt"], asked["retrieval_only"])})
            }
            other => panic!("nobody asks for {other}"),
        };
        Response::new(Body::from(body.to_string()))
    };
    Client::builder("https://hub").exchange(answer).build().unwrap()
}

const QUESTION: &str = r#"{"body": {"prompt": "Why?", "model": {"path": "ada/model"}}}"#;

/// Every event of the answer, or why there are no more.
async fn events(hub: &Client) -> Vec<Result<Value, Failure>> {
    let texts = hub::operation("chat.stream").unwrap().open(hub, QUESTION).unwrap();
    texts.map(|text| text.map(|text| serde_json::from_str(&text).unwrap())).collect().await
}

#[tokio::test]
async fn every_event_has_its_type_and_the_last_one_the_complete_answer() {
    let hub = hub_with(Some(
        "event: retrieval_start\ndata: {\"sources\":0}\n\n\
         event: token\ndata: {\"content\":\"Ree\"}\n\nevent: token\ndata: {\"content\":\"ds\"}\n\n\
         event: done\ndata: {\"sources\":{},\"retrieval_info\":[]}\n\n",
    ));
    let events: Vec<Value> = events(&hub).await.into_iter().map(Result::unwrap).collect();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["retrieval_start", "token", "token", "done"]);
    assert_eq!(events[1]["content"], "Ree");
    assert_eq!((&events[3]["response"], &events[3]["sources"]), (&json!("Reeds"), &json!({})));
}

#[tokio::test]
async fn an_answer_that_ends_before_its_end_is_a_failure() {
    let hub = hub_with(Some("event: token\ndata: {\"content\":\"Ree\"}\n\n"));
    let mut events = events(&hub).await;
    let Some(Err(Failure::Client(error))) = events.pop() else { panic!("a failure") };
    assert_eq!((error.kind(), events.len()), (ErrorKind::Interrupted, 1));
}

#[tokio::test]
async fn without_a_model_only_documents_are_asked_for() {
    let ask = async |name: &str| {
        let answer = hub::operation(name).unwrap().call(&hub_with(None), QUESTION).await.unwrap();
        serde_json::from_str::<Value>(&answer).unwrap()["response"].clone()
    };
    assert_eq!(ask("chat.complete").await, "\"Why?\" null");
    assert_eq!(ask("chat.retrieve").await, "\"Why?\" true");
}
