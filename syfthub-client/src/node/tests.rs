//! A node against spaces that behave in every way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::*;

/// What a fixture space was asked: slug, headers, body.
type Asked = Arc<Mutex<Vec<(String, HeaderMap, Value)>>>;

/// A space on a free port that answers every query with what `answer` makes.
async fn space<F>(answer: F) -> (String, Asked)
where
    F: Fn() -> Response<Body> + Clone + Send + Sync + 'static,
{
    let asked = Asked::default();
    let handler = move |State(asked): State<Asked>,
                        Path(slug): Path<String>,
                        headers: HeaderMap,
                        body: String| {
        let question = serde_json::from_str(&body).unwrap_or_default();
        asked.lock().unwrap().push((slug, headers, question));
        std::future::ready(answer())
    };
    let router = Router::new()
        .route("/api/v1/endpoints/{slug}/query", post(handler))
        .with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked)
}

fn reply(status: u16, media_type: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header("content-type", media_type).body(body.into()).unwrap()
}

fn node(url: &str) -> Node {
    Node::new(http_client().no_proxy().build().unwrap(), url, "notes").unwrap()
}

fn question() -> Retrieval {
    Retrieval { query: "why?".to_owned(), limit: 5, similarity_threshold: 0.5 }
}

fn prompt(stream: bool) -> Prompt {
    Prompt {
        messages: vec![Message::new("user", "why?")],
        max_tokens: 64,
        temperature: 0.7,
        stream,
    }
}

async fn refusal(
    answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static,
) -> SourceError {
    let (url, _) = space(answer).await;
    node(&url).retrieve(&question()).await.unwrap_err()
}

async fn written(
    stream: bool,
    answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static,
) -> Result<String, String> {
    let (url, _) = space(answer).await;
    let pieces = node(&url).generate(prompt(stream)).await.map_err(|error| error.to_string())?;
    let mut said = String::new();
    for piece in pieces.collect::<Vec<_>>().await {
        match piece.map_err(|error| format!("{said}|{error}"))? {
            Chunk::Text(text) => said.push_str(&text),
            Chunk::Usage(usage) => said.extend(["(", &usage.total_tokens.to_string(), ")"]),
            Chunk::Entries(entries) => said.extend(["[", &entries.len().to_string(), "]"]),
        }
    }
    Ok(said)
}

#[tokio::test]
async fn a_data_source_is_sent_exactly_the_agreed_keys() {
    let (url, asked) =
        space(|| reply(200, "application/json", r#"{"references":{"documents":[]}}"#)).await;
    node(&url).retrieve(&question()).await.unwrap();
    node(&url).with_transaction_token("tx".into()).retrieve(&question()).await.unwrap();
    let asked = asked.lock().unwrap();
    let bare = json!({"messages": "why?", "limit": 5, "similarity_threshold": 0.5, "include_metadata": true});
    assert_eq!(asked[0].2, bare);
    let mut paid = bare;
    paid["transaction_token"] = json!("tx");
    assert_eq!(asked[1].2, paid);
    assert!(asked[0].1.get("authorization").is_none() && asked[0].1.get("x-tenant-name").is_none());
}

#[tokio::test]
async fn a_model_is_sent_exactly_the_agreed_keys() {
    let (url, asked) = space(|| reply(200, "application/json", r#"{"summary":null}"#)).await;
    drop(node(&url).generate(prompt(false)).await.unwrap());
    drop(node(&url).generate(prompt(true)).await.unwrap());
    let asked = asked.lock().unwrap();
    let mut body = json!({"messages": [{"role": "user", "content": "why?"}], "max_tokens": 64, "temperature": 0.7,
        "stream": false, "stop_sequences": []});
    assert_eq!(asked[0].2, body);
    body["stream"] = json!(true);
    assert_eq!(asked[1].2, body);
    assert_eq!(asked[0].1["accept"], "application/json");
    assert_eq!(asked[1].1["accept"], "text/event-stream");
    assert_eq!(asked[1].1["content-type"], "application/json");
}

#[tokio::test]
async fn identity_tenant_and_correlation_travel_in_headers() {
    let (url, asked) = space(|| reply(200, "application/json", "{}")).await;
    let client = http_client().no_proxy().build().unwrap();
    let node = Node::new(client, &format!("{url}/"), "ä/b").unwrap();
    let node = node
        .with_token(&"jwt".into())
        .unwrap()
        .with_tenant("acme")
        .unwrap()
        .with_correlation_id("7d1c")
        .unwrap();
    node.retrieve(&question()).await.unwrap();
    let asked = asked.lock().unwrap();
    let (slug, headers, _) = &asked[0];
    assert_eq!(slug, "ä/b");
    assert_eq!(headers["authorization"], "Bearer jwt");
    assert_eq!(headers["x-tenant-name"], "acme");
    assert_eq!(headers["x-correlation-id"], "7d1c");
    assert!(!format!("{node:?}").contains("jwt"));
}

#[test]
fn an_address_that_may_not_be_asked_is_refused() {
    let at = |base: &str, slug: &str| {
        Node::new(http_client().build().unwrap(), base, slug).map(|node| node.url().to_string())
    };
    assert_eq!(
        at("https://a.example/space/?x=1#y", "s").unwrap(),
        "https://a.example/space/api/v1/endpoints/s/query"
    );
    assert_eq!(at("not a url", "s").unwrap_err(), NodeError::Url);
    assert_eq!(at("ftp://a.example", "s").unwrap_err(), NodeError::Scheme);
    assert_eq!(at("tunneling:ada", "s").unwrap_err(), NodeError::Scheme);
    assert_eq!(at("http://8.8.8.8:x@127.0.0.1", "s").unwrap_err(), NodeError::Credentials);
    for slug in ["", ".", ".."] {
        assert_eq!(at("https://a.example", slug).unwrap_err(), NodeError::Slug);
    }
}

#[tokio::test]
async fn a_refusal_names_the_status_and_what_the_space_said() {
    let said =
        |status: u16, body: &'static str| refusal(move || reply(status, "application/json", body));
    assert_eq!(
        said(403, r#"{"detail":"members only"}"#).await.to_string(),
        "Access denied: members only"
    );
    assert_eq!(said(500, r#"{"message":"broken"}"#).await.to_string(), "HTTP 500: broken");
    assert_eq!(
        said(402, r#"{"detail":"pay"}"#).await,
        SourceError::PaymentRequired { refusal: "pay".into(), challenge: None }
    );
    assert_eq!(
        said(503, "<html>secret trace</html>").await.to_string(),
        "HTTP 503: Service Unavailable"
    );
    let patient = refusal(|| {
        let mut response = reply(429, "application/json", r#"{"error":"slow down"}"#);
        response.headers_mut().insert("retry-after", "7".parse().unwrap());
        response
    });
    assert_eq!(patient.await, SourceError::RateLimited("slow down (retry after 7)".into()));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, asked) = space(|| reply(200, "application/json", "{}")).await;
    let target = format!("{elsewhere}/api/v1/endpoints/notes/query");
    let error = refusal(move || {
        let mut response = reply(307, "text/plain", "");
        response.headers_mut().insert("location", target.parse().unwrap());
        response
    });
    assert_eq!(error.await.to_string(), "HTTP 307: redirects are not followed");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_json_is_told_as_such() {
    for (media_type, body, told) in [
        ("text/html", "<html>", "the endpoint answered with a web page instead of JSON"),
        ("application/json", "<html>", "the endpoint answered something other than JSON"),
        ("application/json", "[1]", "the endpoint answered JSON of an unknown shape"),
    ] {
        let error = refusal(move || reply(200, media_type, body)).await;
        assert_eq!(error, SourceError::Unexpected(told.to_owned()));
        let error = written(false, move || reply(200, media_type, body)).await.unwrap_err();
        assert_eq!(error, told);
    }
    let garbage =
        refusal(|| reply(200, "application/json", &b"{\"references\":\"\xff\"}"[..])).await;
    assert_eq!(
        garbage,
        SourceError::Unexpected("the endpoint answered something other than JSON".to_owned())
    );
}

#[tokio::test]
async fn an_endless_answer_is_cut_at_the_cap() {
    let endless = || {
        Body::from_stream(futures_util::stream::repeat("data: la\n\n").map(Ok::<_, std::io::Error>))
    };
    let (url, _) = space(move || reply(200, "application/json", endless())).await;
    let error = node(&url).with_response_cap(10_000).retrieve(&question()).await.unwrap_err();
    assert_eq!(error, SourceError::Unexpected("the endpoint's answer is too large".to_owned()));
    let (url, _) = space(move || reply(200, "text/event-stream", endless())).await;
    let pieces = node(&url).with_response_cap(10_000).generate(prompt(true)).await.unwrap();
    let last = pieces.collect::<Vec<_>>().await.pop().unwrap();
    assert_eq!(last.unwrap_err().to_string(), "the endpoint's answer is too large");
    let huge = refusal(move || reply(500, "application/json", endless())).await;
    assert_eq!(huge.to_string(), "HTTP 500: Internal Server Error");
}

#[tokio::test]
async fn a_space_that_is_not_there_is_told_without_its_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = node(&url).retrieve(&question()).await.unwrap_err().to_string();
    assert!(error.starts_with("Network error: ") && !error.contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn an_answer_is_read_in_every_form() {
    let whole = r#"{"summary":{"message":{"content":"so"},"usage":{"total_tokens":4}}}"#;
    assert_eq!(
        written(false, move || reply(200, "application/json", whole)).await.as_deref(),
        Ok("so(4)")
    );
    assert_eq!(
        written(true, move || reply(200, "application/json", whole)).await.as_deref(),
        Ok("so(4)")
    );
    assert_eq!(
        written(true, || reply(200, "text/plain; charset=utf-8", "so")).await.as_deref(),
        Ok("so")
    );
    let frames = "data: {\"content\":\"s\"}\r\n\r\ndata:{\"content\":\"o\"}\n\ndata: [DONE]\n\ndata: {\"content\":\"late\"}\n\n";
    assert_eq!(
        written(true, move || reply(200, "text/event-stream; charset=utf-8", frames))
            .await
            .as_deref(),
        Ok("so")
    );
    let broken = "data: {\"content\":\"s\"}\n\ndata: {\"error\":\"out of memory\"}\n\n";
    assert_eq!(
        written(true, move || reply(200, "text/event-stream", broken)).await.unwrap_err(),
        "s|out of memory"
    );
    let refused = written(true, || reply(403, "application/json", r#"{"detail":"no"}"#)).await;
    assert_eq!(refused.unwrap_err(), "Model access denied: no");
    let failed =
        written(false, || reply(StatusCode::BAD_GATEWAY.as_u16(), "text/html", "<p>")).await;
    assert_eq!(failed.unwrap_err(), "Model request failed: HTTP 502 - Bad Gateway");
}

#[tokio::test]
async fn pieces_arrive_while_the_answer_is_written_and_dropping_it_closes_the_connection() {
    let (gone, closed) = oneshot::channel::<()>();
    let gone = Arc::new(Mutex::new(Some(gone)));
    let (url, _) = space(move || {
        let gone = gone.lock().unwrap().take();
        let frames = async_stream::stream! {
            let _gone = gone;
            yield Ok::<_, std::io::Error>("data: {\"content\":\"first\"}\n\n");
            std::future::pending::<()>().await;
        };
        reply(200, "text/event-stream", Body::from_stream(frames))
    })
    .await;
    let mut pieces = node(&url).generate(prompt(true)).await.unwrap();
    assert_eq!(pieces.next().await, Some(Ok(Chunk::Text("first".to_owned()))));
    drop(pieces);
    // The sender goes with the space's stream, which ends when the connection does.
    let closed = tokio::time::timeout(Duration::from_secs(5), closed).await;
    assert!(matches!(closed, Ok(Err(_))), "the space still writes");
}
