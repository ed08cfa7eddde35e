//! Questions that this process answers itself: what the spaces are sent, and what becomes of what they say.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use syfthub_client::wire::chat::OnDenied;
use syfthub_client::{Addresses, Chat, ChatEvent, Client, ErrorKind, Limits, SourceCompleted};
use tokio::sync::mpsc;

use crate::support::{Asked, FixtureHub, endpoint, refusal, reply, tokens, typed};

const NOTES: &str = "POST /api/v1/endpoints/notes/query";
const MAPS: &str = "POST /api/v1/endpoints/maps/query";
const MODEL: &str = "POST /api/v1/endpoints/model/query";

fn documents(content: &str) -> Value {
    let document =
        json!({"content": content, "similarity_score": 0.9, "metadata": {"title": "River"}});
    json!({"summary": null, "references": {"documents": [document]}})
}

fn answer(text: &str) -> Value {
    json!({"summary": {"message": {"role": "assistant", "content": text}}, "references": null})
}

/// What a space answers that has two sources and a model.
fn well(asked: &Asked) -> Response<Body> {
    match asked.route.as_str() {
        NOTES => reply(200, &documents("Reeds grow near the river.")),
        MAPS => reply(200, &documents("The river runs north.")),
        _ => reply(200, &answer("Reeds do [cite:1].")),
    }
}

/// A hub of ada's model and two sources, all at `space`, that numbers the satellite tokens it makes.
async fn hub_of(space: &FixtureHub, life: u64) -> FixtureHub {
    let (space, made) = (space.url.clone(), AtomicUsize::new(0));
    FixtureHub::start(move |asked| match asked.route.as_str() {
        "GET /ada/model" => reply(200, &endpoint("model", "model", &space)),
        "GET /ada/notes" => reply(200, &endpoint("notes", "data_source", &space)),
        "GET /ada/maps" => reply(200, &endpoint("maps", "data_source", &space)),
        "GET /api/v1/token" | "GET /api/v1/token/guest" => {
            let number = made.fetch_add(1, Ordering::SeqCst);
            reply(200, &json!({"target_token": format!("sat{number}"), "expires_in": life}))
        }
        "POST /api/v1/accounting/transaction-tokens" => {
            reply(200, &json!({"tokens": {"ada": "pay"}, "errors": {}}))
        }
        route => refusal(404, route),
    })
    .await
}

fn question<'a>(client: &'a Client, sources: &[&str]) -> Chat<'a> {
    let sources = sources.iter().map(|source| source.parse().unwrap());
    client.chat("ada/model".parse().unwrap(), "What grows?").sources(sources)
}

#[tokio::test]
async fn the_spaces_are_asked_by_this_process_and_the_aggregator_is_not() {
    let space = FixtureHub::start(well).await;
    let hub = hub_of(&space, 60).await;
    let client = hub.client().tokens(tokens("hub")).build().unwrap();
    let asked =
        question(&client, &["ada/notes"]).source_asked("ada/maps".parse().unwrap(), "where?");
    let answer = asked.turn("user", "Hello").direct().send().await.unwrap();
    assert_eq!(answer.response, "Reeds do [cite:1].");
    let paths: Vec<&str> = answer.retrieval_info.iter().map(|info| info.path.as_str()).collect();
    assert_eq!(paths, ["ada/notes", "ada/maps"]);
    assert_eq!(answer.citations[0].title, answer.sources.0[0].0);

    let (notes, maps, model) =
        (&space.asked(NOTES)[0], &space.asked(MAPS)[0], &space.asked(MODEL)[0]);
    assert_eq!(
        (&notes.json()["messages"], &maps.json()["messages"]),
        (&json!("What grows?"), &json!("where?"))
    );
    assert_eq!(model.json()["messages"][1], json!({"role": "user", "content": "Hello"}));
    for asked in [notes, maps, model] {
        assert_eq!(
            (asked.bearer.as_deref(), &asked.json()["transaction_token"]),
            (Some("sat0"), &json!("pay"))
        );
        assert_eq!(asked.correlation_id, notes.correlation_id);
        assert!(!asked.body.contains("hub-access"));
    }
    assert!(hub.all().iter().all(|asked| !asked.route.contains("aggregator")));
}

#[tokio::test]
async fn the_events_are_those_of_an_aggregator() {
    let space = FixtureHub::start(well).await;
    let hub = hub_of(&space, 60).await;
    let client = hub.client().build().unwrap();
    let stream = question(&client, &["ada/notes"]).direct().stream().await.unwrap();
    let events: Vec<ChatEvent> = stream.try_collect().await.unwrap();
    let names: Vec<String> = events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "retrieval_start",
        "source_complete",
        "reranking_start",
        "reranking_complete",
        "retrieval_complete",
        "generation_start",
        "token",
        "done",
    ];
    assert_eq!(names, expected);
    let Some(ChatEvent::Done(done)) = events.last() else { panic!("an end") };
    assert_eq!(done.annotated.as_deref(), Some("Reeds do [cite:1-0:8]."));
    let support = done.citations[0].support.expect("a sentence of the document");
    assert_eq!(
        &done.sources.0[0].1.content[support.start..support.end],
        "Reeds grow near the river."
    );
}

#[tokio::test]
async fn a_model_that_is_asked_after_its_token_died_gets_a_new_one() {
    let space = FixtureHub::start(well).await;
    let hub = hub_of(&space, 1).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    question(&client, &["ada/notes"]).direct().send().await.unwrap();
    let bearer = |route| space.asked(route)[0].bearer.clone().unwrap();
    assert_ne!(bearer(NOTES), bearer(MODEL));
    assert_eq!(hub.asked("GET /api/v1/token").len(), 3);
}

#[tokio::test]
async fn an_owner_for_whom_there_is_no_token_is_asked_without() {
    let space = FixtureHub::start(well).await;
    let url = space.url.clone();
    let hub = FixtureHub::start(move |asked| match asked.route.as_str() {
        "GET /ada/model" => reply(200, &endpoint("model", "model", &url)),
        _ => refusal(404, "no guests"),
    })
    .await;
    let client = hub.client().build().unwrap();
    question(&client, &[]).direct().send().await.unwrap();
    assert_eq!(space.asked(MODEL)[0].bearer, None);
    assert_eq!(hub.asked("GET /api/v1/token/guest").len(), 1);
}

/// How `ada/notes` did when it answers with `hostile` while all others answer well.
async fn fate_of(hostile: impl Fn() -> Response<Body> + Send + Sync + 'static) -> SourceCompleted {
    let answers = move |asked: &Asked| if asked.route == NOTES { hostile() } else { well(asked) };
    let space = FixtureHub::start(answers).await;
    let hub = hub_of(&space, 60).await;
    let client = hub.client().build().unwrap();
    let limits = Limits { retrieval: Duration::from_millis(500), ..Limits::default() };
    let asked = question(&client, &["ada/notes", "ada/maps"]).direct().limits(limits);
    let events: Vec<ChatEvent> = asked.stream().await.unwrap().try_collect().await.unwrap();
    let Some(ChatEvent::Done(done)) = events.last() else { panic!("an end") };
    assert_eq!(done.sources.0.len(), 1, "only the other source says something");
    assert_eq!(done.sources.0[0].1.slug, "ada/maps");
    let fate = events.iter().find_map(|event| match event {
        ChatEvent::SourceCompleted(source) if source.path == "ada/notes" => Some(source.clone()),
        _ => None,
    });
    fate.expect("every source is told of")
}

#[tokio::test]
async fn a_hostile_source_costs_its_own_documents_alone() {
    let web_page = fate_of(|| typed(200, "text/html", "<html>Welcome</html>")).await;
    assert_eq!((web_page.status.as_str(), web_page.source), ("error", Some(0)));
    let not_text =
        fate_of(|| typed(200, "application/json", &b"{\"references\": \"\xff\"}"[..])).await;
    assert_eq!(not_text.status, "error");
    let endless = fate_of(|| {
        let piece = Bytes::from(vec![b'a'; 1 << 16]);
        typed(
            200,
            "application/json",
            Body::from_stream(stream::repeat(Ok::<_, std::convert::Infallible>(piece))),
        )
    });
    assert_eq!(endless.await.status, "error");
    let silent = fate_of(|| {
        typed(
            200,
            "application/json",
            Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>()),
        )
    });
    assert_eq!(silent.await.status, "timeout");
    let refusing = fate_of(|| reply(403, &json!({"detail": "not you"}))).await;
    assert_eq!(refusing.status, "access_denied");
    assert_eq!(refusing.error_message.as_deref(), Some("Access denied: not you"));
    let costly = fate_of(|| reply(402, &json!({"detail": "pay first"}))).await;
    assert_eq!(costly.status, "payment_failed");
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = FixtureHub::start(well).await;
    let target = format!("{}/api/v1/endpoints/notes/query", elsewhere.url);
    let fate = fate_of(move || {
        Response::builder().status(307).header("location", &target).body(Body::empty()).unwrap()
    });
    assert_eq!(fate.await.status, "error");
    assert!(elsewhere.all().is_empty());
}

#[tokio::test]
async fn an_address_that_must_not_be_called_is_not() {
    let space = FixtureHub::start(well).await;
    let hub = hub_of(&space, 60).await;
    let client = hub.client().build().unwrap();
    let asked = question(&client, &["ada/notes"]).retrieval_only().direct();
    let answer = asked.addresses(Addresses::Public).send().await.unwrap();
    let message = answer.retrieval_info[0].error_message.as_deref();
    assert_eq!(message, Some("Network error: the address is not public"));
    assert!(space.all().is_empty());
}

#[tokio::test]
async fn a_refusal_ends_the_answer_of_whoever_wants_none_without_that_source() {
    let answers = |asked: &Asked| match asked.route.as_str() {
        NOTES => reply(403, &json!({"detail": "not you"})),
        _ => well(asked),
    };
    let space = FixtureHub::start(answers).await;
    let hub = hub_of(&space, 60).await;
    let client = hub.client().build().unwrap();
    let asked = question(&client, &["ada/notes", "ada/maps"]).on_denied(OnDenied::Fail);
    let error = asked.direct().send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, Some("access_denied")));
    assert!(error.to_string().contains("ada/notes"), "{error}");
    assert!(space.asked(MODEL).is_empty());
}

#[tokio::test]
async fn a_question_beyond_a_limit_is_refused_before_any_space_is_asked() {
    let space = FixtureHub::start(well).await;
    let hub = hub_of(&space, 60).await;
    let client = hub.client().build().unwrap();
    let limits = Limits { max_sources: 1, ..Limits::default() };
    let asked = question(&client, &["ada/notes", "ada/maps"]).direct().limits(limits);
    let error = asked.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(space.all().is_empty());
}

/// Tells when it is dropped.
struct Ended(mpsc::UnboundedSender<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

#[tokio::test]
async fn whoever_drops_an_answer_ends_every_call_for_it() {
    let (ended, mut all_ended) = mpsc::unbounded_channel();
    let space = FixtureHub::start(move |_| {
        let guard = Ended(ended.clone());
        let endless = stream::unfold(guard, async |guard| {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from(" ")), guard))
        });
        typed(200, "application/json", Body::from_stream(endless))
    })
    .await;
    let hub = hub_of(&space, 60).await;
    let client = hub.client().build().unwrap();
    let mut answer =
        Box::pin(question(&client, &["ada/notes", "ada/maps"]).direct().stream().await.unwrap());
    assert!(matches!(answer.next().await, Some(Ok(ChatEvent::RetrievalStarted { sources: 2 }))));
    let asking = tokio::time::timeout(Duration::from_millis(300), answer.next()).await;
    assert!(asking.is_err(), "both sources are still answering");
    assert_eq!(space.all().len(), 2);
    drop(answer);
    for _ in 0..2 {
        all_ended.recv().await.expect("the space sees that nobody reads on");
    }
}
