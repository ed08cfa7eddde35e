use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use url::Url;

use super::*;
use crate::space::models::collect;
use crate::space::models::fixture::{Fixture, chat};

/// A server that checks the request and answers with `answer`.
async fn server(status: u16, kind: &'static str, answer: &'static str) -> Url {
    let handle = move |headers: HeaderMap, body: String| async move {
        let body: Value = serde_json::from_str(&body).unwrap();
        let mut response: Response =
            (StatusCode::from_u16(status).unwrap(), answer).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
        response.headers_mut().insert(header::RETRY_AFTER, "7".parse().unwrap());
        let expected =
            json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]);
        let known = headers[header::AUTHORIZATION] == "Bearer sk-1"
            && body["messages"] == expected
            && body["model"] == "m";
        if known { response } else { StatusCode::IM_A_TEAPOT.into_response() }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().route("/v1/chat/completions", post(handle));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn model(base: &str) -> Arc<dyn Model> {
    let settings =
        json!({"base_url": base, "api_key": "sk-1", "model": "m", "system_prompt": "Be brief."});
    OpenAi.open(settings.as_object().unwrap()).unwrap()
}

const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
    data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n: ping\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\"},\
    \"finish_reason\":\"length\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\
    \"total_tokens\":5}}\n\ndata: [DONE]\n\n";

const WHOLE: &str = "{\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"length\"}],\
    \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}";

#[tokio::test]
async fn a_streamed_and_a_whole_answer_are_the_same() {
    let expected = Reply {
        text: "Hello".to_owned(),
        finish_reason: "length".to_owned(),
        usage: Some(Usage { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }),
    };
    let url = server(200, "text/event-stream; charset=utf-8", STREAM).await;
    assert_eq!(collect(model(url.as_str()).stream(chat()).await.unwrap()).await.unwrap(), expected);
    let url = server(200, "application/json", WHOLE).await;
    assert_eq!(model(url.as_str()).complete(chat()).await.unwrap(), expected);
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let url = server(200, "application/json", WHOLE).await;
    let reply = collect(model(url.as_str()).stream(chat()).await.unwrap()).await.unwrap();
    assert_eq!(reply.text, "Hello");
}

#[tokio::test]
async fn failures_of_the_server_have_their_causes() {
    let failed = async |status, body| {
        let url = server(status, "application/json", body).await;
        model(url.as_str()).complete(chat()).await.unwrap_err()
    };
    assert_eq!(failed(401, "{}").await, ModelError::Denied);
    assert_eq!(failed(429, "{}").await, ModelError::Busy { retry_after: Some(7) });
    assert_eq!(failed(500, "{}").await, ModelError::Failed(500));
    assert_eq!(failed(302, "").await, ModelError::Failed(302));
    let refused = failed(400, "{\"error\":{\"message\":\"no such\\nmodel\"}}").await;
    assert_eq!(refused, ModelError::Refused("no suchmodel".to_owned()));
    assert_eq!(failed(200, "garbage").await, ModelError::Unreadable);
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error() {
    let url = server(
        200,
        "text/event-stream",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n",
    )
    .await;
    let broken = collect(model(url.as_str()).stream(chat()).await.unwrap()).await;
    assert_eq!(broken, Err(ModelError::Unreachable));
    let url =
        server(200, "text/event-stream", "data: {\"error\":{\"message\":\"overloaded\"}}\n\n")
            .await;
    let refused = collect(model(url.as_str()).stream(chat()).await.unwrap()).await;
    assert_eq!(refused, Err(ModelError::Refused("overloaded".to_owned())));
}

#[tokio::test]
async fn a_server_that_is_away_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let away = model(&format!("http://{address}/v1")).complete(chat()).await;
    assert_eq!(away, Err(ModelError::Unreachable));
}

#[test]
fn a_configuration_is_checked_property_by_property() {
    let refused = |value: Value| OpenAi.open(value.as_object().unwrap()).err().expect("refused").0;
    assert_eq!(refused(json!({})), "configuration.model: Field required");
    assert!(
        refused(json!({"model": "m", "base_url": "ftp://x"}))
            .starts_with("configuration.base_url: ")
    );
    assert!(refused(json!({"model": "m", "modle": 1})).starts_with("configuration.modle: "));
    assert!(
        refused(json!({"model": "m", "api_key": "a\r\nb"})).starts_with("configuration.api_key: ")
    );
}

#[tokio::test]
async fn models_are_listed_and_a_server_without_a_list_is_still_well() {
    let server =
        Fixture::answering(200, "application/json", r#"{"data":[{"id":"a"},{"id":"b"}]}"#).await;
    let known = json!({"base_url": server.url, "api_key": "sk-1"});
    let listing = OpenAi.available(known.as_object().unwrap()).unwrap().unwrap();
    assert_eq!(listing.await.unwrap(), ["a", "b"]);
    assert_eq!(server.asked().headers["authorization"], "Bearer sk-1");
    assert_eq!(model(&server.url).check().await, Ok(()));
    let without = Fixture::answering(404, "application/json", "{}").await;
    assert_eq!(model(&without.url).check().await, Ok(()));
    let shut = Fixture::answering(403, "application/json", "{}").await;
    assert_eq!(model(&shut.url).check().await, Err(ModelError::Denied));
}
