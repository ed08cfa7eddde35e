use syfthub_core::wire::space::Message;

use super::*;
use crate::space::models::collect;
use crate::space::models::fixture::{Fixture, chat};

fn model(server: &Fixture) -> Arc<dyn Model> {
    let settings = json!({
        "base_url": format!("{}/v1", server.url), "api_key": "sk-1", "model": "m", "system_prompt": "Be brief.",
    });
    Anthropic.open(settings.as_object().unwrap()).unwrap()
}

const STREAM: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hel"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":2}}

event: message_stop
data: {"type":"message_stop"}

"#;

const WHOLE: &str = r#"{"type":"message","content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}],
    "stop_reason":"max_tokens","usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":2}}"#;

const MODELS: &str = r#"{"data":[{"id":"claude-a","type":"model"},{"id":"claude-b","type":"model"}],"has_more":false}"#;

#[tokio::test]
async fn a_streamed_and_a_whole_answer_are_the_same() {
    let usage = Usage { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
    let expected =
        Reply { text: "Hello".to_owned(), finish_reason: "length".to_owned(), usage: Some(usage) };
    let server = Fixture::answering(200, "text/event-stream; charset=utf-8", STREAM).await;
    let streamed = collect(model(&server).stream(chat()).await.unwrap()).await.unwrap();
    assert_eq!(streamed, expected);
    assert_eq!(server.asked().body["stream"], true);
    let server = Fixture::answering(200, "application/json", WHOLE).await;
    assert_eq!(model(&server).complete(chat()).await.unwrap(), expected);
}

#[tokio::test]
async fn the_system_prompt_travels_apart_and_the_version_with_every_request() {
    let server = Fixture::answering(200, "application/json", WHOLE).await;
    let asked = Chat {
        messages: vec![
            Message::new("system", "Documents: none."),
            Message::new("user", "Hi"),
            Message::new("assistant", ""),
            Message::new("assistant", "Well, \n"),
        ],
        temperature: 1.7,
        stop: vec!["\n".to_owned(), "END".to_owned()],
        presence_penalty: 1.0,
        ..chat()
    };
    model(&server).complete(asked).await.unwrap();
    let asked = server.asked();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/v1/messages"));
    assert_eq!(asked.headers["x-api-key"], "sk-1");
    assert_eq!(asked.headers["anthropic-version"], "2023-06-01");
    let expected = json!({
        "model": "m", "max_tokens": 10, "temperature": 1.0,
        "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Well,"}],
        "system": "Be brief.\n\nDocuments: none.", "stop_sequences": ["END"],
    });
    assert_eq!(asked.body, expected);
}

#[tokio::test]
async fn every_way_to_end_has_its_word() {
    for (theirs, ours) in [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("tool_use", "tool_calls"),
    ] {
        assert_eq!(reason(theirs), ours);
    }
}

#[tokio::test]
async fn failures_of_the_server_have_their_causes() {
    let failed = async |status, body| {
        let server = Fixture::answering(status, "application/json", body).await;
        model(&server).complete(chat()).await.unwrap_err()
    };
    assert_eq!(failed(401, "{}").await, ModelError::Denied);
    assert_eq!(failed(429, "{}").await, ModelError::Busy { retry_after: Some(7) });
    assert_eq!(failed(529, "{}").await, ModelError::Busy { retry_after: Some(7) });
    assert_eq!(failed(500, "{}").await, ModelError::Failed(500));
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"}}"#;
    assert_eq!(failed(400, body).await, ModelError::Refused("max_tokens: too many".to_owned()));
    assert_eq!(failed(200, "{}").await, ModelError::Unreadable);
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error() {
    let broken = async |body| {
        let server = Fixture::answering(200, "text/event-stream", body).await;
        collect(model(&server).stream(chat()).await.unwrap()).await.unwrap_err()
    };
    let torn = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"Hel\"}}\n\n";
    assert_eq!(broken(torn).await, ModelError::Unreachable);
    let overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    assert_eq!(broken(overloaded).await, ModelError::Busy { retry_after: None });
}

#[tokio::test]
async fn models_are_listed_and_a_check_costs_nothing() {
    let server = Fixture::answering(200, "application/json", MODELS).await;
    let known = json!({"base_url": format!("{}/v1", server.url), "api_key": "sk-1"});
    let listing = Anthropic.available(known.as_object().unwrap()).unwrap().unwrap();
    assert_eq!(listing.await.unwrap(), ["claude-a", "claude-b"]);
    assert_eq!(model(&server).check().await, Ok(()));
    let asked = server.asked();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/v1/models"));
    let server = Fixture::answering(401, "application/json", "{}").await;
    assert_eq!(model(&server).check().await, Err(ModelError::Denied));
}

#[test]
fn a_key_is_required() {
    let refused = |value: Value| Anthropic.open(value.as_object().unwrap()).err().unwrap().0;
    assert_eq!(refused(json!({"model": "m"})), "configuration.api_key: Field required");
    assert!(refused(json!({"model": "m", "api_key": ""})).starts_with("configuration.api_key: "));
}
