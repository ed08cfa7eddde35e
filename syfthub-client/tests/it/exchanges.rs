//! Programs without a network: what the client sends, and how it takes what it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use syfthub_client::exchange::{Body, Bytes, Exchange, NoAnswer, Request, Response};
use syfthub_client::space::Space;
use syfthub_client::{ChatEvent, Client, ErrorKind, Secret};

use crate::support::{endpoint, tokens, user};

/// Gives up `failures` times, and then answers with the user.
struct Late {
    failures: usize,
    asked: Arc<AtomicUsize>,
    why: NoAnswer,
}

impl Exchange for Late {
    fn exchange(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, NoAnswer>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = Response::new(Body::from(user().to_string()));
        Box::pin(
            async move { if asked < self.failures { Err(self.why.clone()) } else { Ok(answer) } },
        )
    }
}

fn late(failures: usize, why: NoAnswer) -> (Client, Arc<AtomicUsize>) {
    let asked = Arc::<AtomicUsize>::default();
    let late = Late { failures, asked: Arc::clone(&asked), why };
    let client = Client::builder("https://hub").tokens(tokens("hub")).exchange(late);
    (client.build().unwrap(), asked)
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_is_sent_again_and_what_broke_only_where_it_has_no_effect() {
    let (client, asked) = late(2, NoAnswer::unreachable("nobody listens"));
    assert_eq!(client.auth().me().await.unwrap().username, "ada");
    assert_eq!(asked.load(Ordering::SeqCst), 3);

    let (client, asked) = late(1, NoAnswer::broken("cut"));
    let body = json!({"full_name": "Ada"});
    let change = serde_json::from_value(body).unwrap();
    assert_eq!(client.users().update(&change).await.unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(client.auth().me().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn why_there_is_no_answer_is_told_by_kind() {
    for (why, kind) in [
        (NoAnswer::unreachable("x"), ErrorKind::Unreachable),
        (NoAnswer::broken("x"), ErrorKind::Interrupted),
        (NoAnswer::too_late("x"), ErrorKind::Timeout),
    ] {
        let (client, _) = late(usize::MAX, why);
        assert_eq!(client.auth().me().await.unwrap_err().kind(), kind);
    }
}

#[tokio::test(start_paused = true)]
async fn one_call_may_have_less_time_than_the_client_gives() {
    struct Silent;
    impl Exchange for Silent {
        fn exchange(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Body>, NoAnswer>> {
            Box::pin(std::future::pending())
        }
    }
    let client = Client::builder("https://hub").tokens(tokens("hub")).exchange(Silent).build();
    let hurried = client.unwrap().with_timeout(Duration::from_secs(2));
    let begun = tokio::time::Instant::now();
    assert_eq!(hurried.auth().me().await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_never_sent() {
    let (client, asked) = late(0, NoAnswer::broken("x"));
    let mut broken = tokens("hub");
    broken.access_token.push('\n');
    client.auth().set_tokens(Some(broken)).await.unwrap();
    assert_eq!(client.auth().me().await.unwrap_err().kind(), ErrorKind::Usage);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn answers_can_be_streams_and_questions_without_an_aggregator_go_the_same_way() {
    let answer = |request: &Request<Bytes>| match request.uri().path() {
        "/ada/model" => {
            Response::new(endpoint("model", "model", "https://space").to_string().into())
        }
        "/api/v1/token/guest" => {
            Response::new(json!({"target_token": "g", "expires_in": 60}).to_string().into())
        }
        "/api/v1/endpoints/model/query" => {
            assert_eq!(request.headers()["authorization"], "Bearer g");
            let frames = [
                "data: {\"choices\":[{\"delta\":{\"content\":\"Reeds\"}}]}\n\n",
                "data: [DONE]\n\n",
            ];
            let frames = stream::iter(frames.map(Ok::<_, std::io::Error>));
            let answer = Response::builder().header("content-type", "text/event-stream");
            answer.body(Body::wrap_stream(frames)).unwrap()
        }
        other => panic!("nobody asks for {other}"),
    };
    let client = Client::builder("https://hub").exchange(answer).build().unwrap();
    let question = client.chat("ada/model".parse().unwrap(), "What grows?").direct();
    let events = question.stream().await.unwrap();
    let text = events.try_filter_map(async |event| match event {
        ChatEvent::Token { content } => Ok(Some(content)),
        _ => Ok(None),
    });
    assert_eq!(text.boxed().try_collect::<String>().await.unwrap(), "Reeds");
}

#[tokio::test]
async fn a_space_without_a_network_is_asked_with_its_key() {
    let answer = |request: &Request<Bytes>| {
        assert_eq!(request.headers()["authorization"], "Bearer key");
        Response::new(Body::from("[]"))
    };
    let space = Space::builder("https://space").key(Secret::new("key")).exchange(answer);
    assert!(space.build().unwrap().datasets().list().await.unwrap().is_empty());
}
