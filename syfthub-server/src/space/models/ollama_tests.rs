use super::*;
use crate::space::models::collect;
use crate::space::models::fixture::{Fixture, chat};

fn model(server: &Fixture, name: &str) -> Arc<dyn Model> {
    let settings = json!({
        "base_url": server.url, "model": name, "system_prompt": "Be brief.", "context_length": 8192,
    });
    Ollama.open(settings.as_object().unwrap()).unwrap()
}

const STREAM: &str = r#"{"model":"m","message":{"role":"assistant","content":"Hel"},"done":false}
{"model":"m","message":{"role":"assistant","content":"lo"},"done":false}

{"model":"m","message":{"role":"assistant","content":""},"done_reason":"length","done":true,"prompt_eval_count":3,"eval_count":2}
"#;

const WHOLE: &str = r#"{"model":"m","message":{"role":"assistant","content":"Hello"},"done_reason":"length","done":true,
    "prompt_eval_count":3,"eval_count":2}"#;

const TAGS: &str =
    r#"{"models":[{"name":"qwen2.5:7b","size":1},{"name":"llama3:latest","size":2}]}"#;

#[tokio::test]
async fn a_streamed_and_a_whole_answer_are_the_same() {
    let usage = Usage { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    let expected =
        Reply { text: "Hello".to_owned(), finish_reason: "length".to_owned(), usage: Some(usage) };
    let server = Fixture::answering(200, "application/x-ndjson", STREAM).await;
    let streamed = model(&server, "m").stream(chat()).await.unwrap();
    assert_eq!(collect(streamed).await.unwrap(), expected);
    let server = Fixture::answering(200, "application/json", WHOLE).await;
    assert_eq!(model(&server, "m").complete(chat()).await.unwrap(), expected);
}

#[tokio::test]
async fn the_length_of_the_context_and_the_callers_wishes_are_options() {
    let server = Fixture::answering(200, "application/json", WHOLE).await;
    let asked = Chat { stop: vec!["END".to_owned()], temperature: 0.5, ..chat() };
    model(&server, "m").complete(asked).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.path, "/api/chat");
    let expected = json!({
        "model": "m", "stream": false,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "options": {"num_predict": 10, "temperature": 0.5, "presence_penalty": 0.0, "frequency_penalty": 0.0,
            "stop": ["END"], "num_ctx": 8192},
    });
    assert_eq!(asked.body, expected);
}

#[tokio::test]
async fn failures_of_the_server_have_their_causes() {
    let failed = async |status, body| {
        let server = Fixture::answering(status, "application/json", body).await;
        model(&server, "m").complete(chat()).await.unwrap_err()
    };
    let absent = failed(404, r#"{"error":"model 'm' not found"}"#).await;
    assert_eq!(absent, ModelError::Refused("model 'm' not found".to_owned()));
    assert_eq!(failed(503, "{}").await, ModelError::Busy { retry_after: Some(7) });
    assert_eq!(failed(500, "{}").await, ModelError::Failed(500));
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error() {
    let broken = async |body| {
        let server = Fixture::answering(200, "application/x-ndjson", body).await;
        collect(model(&server, "m").stream(chat()).await.unwrap()).await.unwrap_err()
    };
    let torn = "{\"message\":{\"content\":\"Hel\"},\"done\":false}\n";
    assert_eq!(broken(torn).await, ModelError::Unreachable);
    let said =
        "{\"message\":{\"content\":\"Hel\"},\"done\":false}\n{\"error\":\"out of memory\"}\n";
    assert_eq!(broken(said).await, ModelError::Refused("out of memory".to_owned()));
    assert_eq!(broken("<html>\n").await, ModelError::Unreadable);
}

#[tokio::test]
async fn a_server_without_the_model_is_not_well() {
    let server = Fixture::answering(200, "application/json", TAGS).await;
    assert_eq!(model(&server, "qwen2.5:7b").check().await, Ok(()));
    assert_eq!(model(&server, "llama3").check().await, Ok(()));
    let absent = model(&server, "qwen2.5").check().await.unwrap_err();
    assert_eq!(absent, ModelError::Refused("it does not hold the model qwen2.5".to_owned()));
    let known = json!({"base_url": server.url});
    let listing = Ollama.available(known.as_object().unwrap()).unwrap().unwrap();
    assert_eq!(listing.await.unwrap(), ["qwen2.5:7b", "llama3:latest"]);
}
