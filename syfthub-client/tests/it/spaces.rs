//! A space's admin API: who is sent, where to, and what becomes of the answers.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use serde_json::json;
use syfthub_client::space::Space;
use syfthub_client::space::endpoints::{AnswerEvent, Hubs, Question};
use syfthub_client::space::parts::{NewPart, PartPatch, Users};
use syfthub_client::space::policies::DecisionFilter;
use syfthub_client::{ErrorKind, Secret};
use uuid::Uuid;

use crate::support::{Asked, FixtureHub, refusal, reply, typed};

const ID: Uuid = Uuid::from_u128(7);

fn space(fixture: &FixtureHub) -> Space {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Space::builder(&fixture.url).key(Secret::new("key")).tenant("lab").http(http).build().unwrap()
}

fn part(name: &str) -> serde_json::Value {
    json!({"id": ID, "name": name, "dtype": "local_file", "configuration": {"api_key": "********"}, "new_field": 1})
}

fn only(fixture: &FixtureHub) -> Asked {
    let mut all = fixture.all();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test]
async fn the_key_and_the_tenant_go_with_every_request_and_neither_to_health() {
    let fixture = FixtureHub::start(|asked| match asked.route.as_str() {
        "GET /health" => reply(200, &json!({"status": "healthy", "version": "0.1.0"})),
        _ => reply(200, &json!([part("notes")])),
    })
    .await;
    let space = space(&fixture);
    assert_eq!(space.health().await.unwrap().status, "healthy");
    assert_eq!(space.datasets().list().await.unwrap()[0].name, "notes");
    let all = fixture.all();
    assert_eq!((all[0].bearer.as_deref(), all[1].bearer.as_deref()), (None, Some("key")));
    assert_eq!(all[1].tenant.as_deref(), Some("lab"));
    assert!(!format!("{space:?}").contains("key"));
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let fixture = FixtureHub::start(|_| reply(200, &json!([]))).await;
    let space = Space::builder(&fixture.url).build().unwrap();
    let error = space.models().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSignedIn);
    assert!(fixture.all().is_empty());
}

#[tokio::test]
async fn a_wrong_key_is_told_once_and_nobody_tries_to_renew_it() {
    let fixture = FixtureHub::start(|_| refusal(401, "The admin key is required")).await;
    let error = space(&fixture).models().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSignedIn);
    assert_eq!(error.to_string(), "The admin key is required");
    only(&fixture);
}

#[tokio::test]
async fn parts_are_made_changed_and_removed_by_name() {
    let fixture = FixtureHub::start(|asked| match asked.route.split(' ').next() {
        Some("DELETE") => reply(200, &json!({"message": "Dataset deleted"})),
        _ => reply(201, &part("a b/c")),
    })
    .await;
    let datasets = space(&fixture);
    let datasets = datasets.datasets();
    let new = NewPart::new("a b/c", "local_file", serde_json::Map::new()).described("s", "t,u");
    assert_eq!(datasets.add(&new).await.unwrap().id, ID);
    let patch = PartPatch { summary: Some("other".to_owned()), ..PartPatch::default() };
    datasets.edit("a b/c", &patch).await.unwrap();
    datasets.remove("a b/c", Users::Keep).await.unwrap();
    let notice = datasets.remove("a b/c", Users::Remove).await.unwrap();
    assert_eq!(notice.message, "Dataset deleted");
    let all = fixture.all();
    assert_eq!(all[0].json()["tags"], "t,u");
    assert_eq!(all[1].route, "PATCH /api/v1/datasets/a%20b%2Fc");
    assert_eq!(all[1].json(), json!({"summary": "other"}));
    assert_eq!((all[2].query.as_str(), all[3].query.as_str()), ("", "force=true"));
}

#[tokio::test]
async fn publishing_names_the_hubs_or_means_all_of_them() {
    let listing =
        json!({"marketplace_id": ID, "marketplace_name": "hub", "success": false, "error": "no"});
    let answer = json!({"endpoint_slug": "notes", "results": [listing]});
    let fixture = FixtureHub::start(move |_| reply(200, &answer)).await;
    let space = space(&fixture);
    let listings = space.endpoints().publish("notes", Hubs::All).await.unwrap().results;
    assert_eq!((listings[0].success, listings[0].error.as_deref()), (false, Some("no")));
    space.endpoints().publish("notes", Hubs::Only(&[ID])).await.unwrap();
    let all = fixture.asked("POST /api/v1/endpoints/notes/publish");
    assert_eq!(all[0].json()["publish_to_all_marketplaces"], true);
    assert_eq!(all[1].json()["publish_to_all_marketplaces"], false);
    assert_eq!(all[1].json()["marketplace_ids"], json!([ID]));
}

#[tokio::test]
async fn the_steps_of_an_ingestion_are_followed_until_the_stream_ends() {
    let steps = "event: progress\ndata: {\"total\":2,\"done\":1,\"current_file\":\"a.md\"}\n\n: keep-alive\n\n\
                 event: progress\ndata: {\"total\":2,\"done\":2,\"ready\":true}\n\n";
    let fixture = FixtureHub::start(move |_| typed(200, "text/event-stream", steps)).await;
    let space = space(&fixture);
    let steps: Vec<_> = space.ingestion().follow(ID).await.unwrap().try_collect().await.unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0].current_file.as_deref(), Some("a.md"));
    assert!(!steps[0].ready && steps[1].ready);
    assert_eq!(only(&fixture).route, format!("GET /api/v1/ingestion/datasets/{ID}/events"));
}

#[tokio::test]
async fn starting_stopping_and_retrying_tell_how_many_files_they_concern() {
    let fixture = FixtureHub::start(|asked| {
        let key = match asked.route.rsplit('/').next() {
            Some("start") => "jobs_created",
            Some("stop") => "jobs_cancelled",
            _ => "jobs_reset",
        };
        reply(200, &json!({"message": "done", key: 3}))
    })
    .await;
    let space = space(&fixture);
    let ingestion = space.ingestion();
    assert_eq!(ingestion.start(ID).await.unwrap().jobs_created, 3);
    assert_eq!(ingestion.stop(ID).await.unwrap().jobs_cancelled, 3);
    assert_eq!(ingestion.retry(ID).await.unwrap().jobs_reset, 3);
}

#[tokio::test]
async fn an_answer_is_read_as_it_is_written_and_ends_with_the_whole() {
    let frames = concat!(
        "data: {\"content\":\"It \",\"choices\":[]}\n\n: keep-alive\n\ndata: {\"content\":\"rains.\"}\n\n",
        "data: {\"done\":true,\"references\":null,\"usage\":null,\"cost\":0.5,\"summary\":{\"id\":\"1\",\"model\":\"m\",",
        "\"message\":{\"role\":\"assistant\",\"tokens\":2},\"finish_reason\":\"stop\"}}\n\ndata: [DONE]\n\n",
    );
    let fixture = FixtureHub::start(move |_| typed(200, "text/event-stream", frames)).await;
    let space = space(&fixture);
    let question = Question::new("What is the weather?");
    let events = space.endpoints().stream("notes", &question).await.unwrap();
    let mut events: Vec<AnswerEvent> = events.try_collect().await.unwrap();
    let Some(AnswerEvent::Done(done)) = events.pop() else { panic!("{events:?}") };
    assert_eq!((done.answer.cost, events.len()), (Some(0.5), 2));
    assert_eq!(done.answer.summary.unwrap().message.content, "It rains.");
    let asked = only(&fixture).json();
    assert_eq!(
        (&asked["stream"], &asked["messages"]),
        (&json!(true), &json!("What is the weather?"))
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_names_the_request() {
    let fixture =
        FixtureHub::start(|_| typed(200, "text/event-stream", "data: {\"content\":\"It\"}\n\n"))
            .await;
    let space = space(&fixture);
    let question = Question::new("What is the weather?");
    let events = space.endpoints().stream("notes", &question).await.unwrap();
    let error = events.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(error.correlation_id().is_some());
}

#[tokio::test]
async fn decisions_are_filtered_by_what_is_given_alone_and_exported_as_text() {
    let fixture = FixtureHub::start(|asked| {
        if asked.query.contains("format=csv") {
            typed(200, "text/csv", "id,at\n7,x\n")
        } else {
            reply(200, &json!([]))
        }
    })
    .await;
    let space = space(&fixture);
    let filter = DecisionFilter {
        who: Some("a@b".to_owned()),
        policy_id: Some(ID),
        ..DecisionFilter::default()
    };
    assert!(space.policies().decisions(&filter).await.unwrap().is_empty());
    assert_eq!(space.policies().export_decisions(&filter).await.unwrap(), "id,at\n7,x\n");
    let all = fixture.all();
    assert_eq!(all[0].query, format!("who=a%40b&policy_id={ID}"));
    assert_eq!(all[1].query, format!("format=csv&who=a%40b&policy_id={ID}"));
}

#[tokio::test]
async fn a_hub_where_a_space_should_be_is_told_as_such() {
    let fixture = FixtureHub::start(|_| typed(404, "text/html", "<html>")).await;
    let error = space(&fixture).policies().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("is it a SyftHub space?"), "{error}");
}

#[tokio::test]
async fn a_space_that_is_slow_is_given_up_at_the_deadline() {
    let fixture = FixtureHub::start(|_| {
        let never = futures_util::stream::pending::<Result<axum::body::Bytes, std::io::Error>>();
        typed(200, "application/json", axum::body::Body::from_stream(never))
    })
    .await;
    let space = Space::builder(&fixture.url)
        .key(Secret::new("key"))
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    assert_eq!(space.tenants().list().await.unwrap_err().kind(), ErrorKind::Timeout);
}
