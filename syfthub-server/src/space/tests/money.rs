//! What questions cost: reserved before, charged for an answer alone, and never twice.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::response::IntoResponse as _;
use syfthub_client::Patch;
use syfthub_client::wire::user::ProfilePatch;
use tokio::time::timeout;

use super::ledger::{LEDGER_PASSWORD, Ledger, TOKEN, Trouble};
use super::*;

/// How long the space may take with what it does by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A model's server that answers one word, fails, or begins an answer and never ends it.
struct Author {
    url: String,
    fails: Arc<AtomicBool>,
}

const FIRST: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Yes\"}}]}\n\n";
const REST: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

impl Author {
    async fn open(is_endless: bool) -> Self {
        let fails = Arc::new(AtomicBool::new(false));
        let failing = Arc::clone(&fails);
        let answer = move || async move {
            if failing.load(Ordering::Relaxed) {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
            let events = futures_util::stream::once(async { Ok::<_, std::io::Error>(FIRST) });
            let rest = async move {
                if is_endless {
                    std::future::pending::<()>().await;
                }
                Ok(REST)
            };
            let events = futures_util::StreamExt::chain(events, futures_util::stream::once(rest));
            ([("content-type", "text/event-stream")], axum::body::Body::from_stream(events))
                .into_response()
        };
        let listener = listener().await;
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { url, fails }
    }
}

impl Stage {
    /// Ada is paid at this ledger.
    async fn linked(&self, ledger: &Ledger) {
        let ada = Client::builder(self.hub.as_str()).build().unwrap();
        ada.auth().login("ada", Secret::new(PASSWORD)).await.unwrap();
        let patch = ProfilePatch {
            accounting_service_url: Patch::Set(ledger.url.clone()),
            accounting_password: Patch::Set(Secret::new(LEDGER_PASSWORD)),
            ..ProfilePatch::default()
        };
        ada.users().update(&patch).await.unwrap();
    }

    /// An endpoint `oracle` over a model at `author`.
    async fn oracle(&self, author: &Author) {
        let owner = Actor::program();
        let configuration = json!({"base_url": author.url, "model": "m"});
        let configuration = configuration.as_object().unwrap().clone();
        let model = self.space.add_model(&owner, "oracle", "openai", configuration).await.unwrap();
        let new = NewEndpoint {
            model_id: Some(model.id),
            published: true,
            ..NewEndpoint::new("oracle", Slug::parse("oracle").unwrap())
        };
        self.space.new_endpoint(&owner, new).await.unwrap();
    }

    async fn pay(&self, slug: &str, mut body: Value) -> Response {
        body["transaction_token"] = TOKEN.into();
        self.ask_with(&self.token().await, slug, &body).await
    }

    /// Copies the space's state as it stands, as a crash would leave it.
    fn copy_state(&self, to: &std::path::Path) {
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .arg(self.folder.path().join("space"))
            .arg(to)
            .status();
        assert!(copied.unwrap().success());
    }

    /// A round over the charges that nobody holds; how many stay open.
    async fn round(&self) -> usize {
        self.space.policies.journal().round(&self.space).await.unwrap()
    }

    /// Returns when no charge is held any more.
    async fn all_charges_left(&self) {
        let left = async {
            while self.space.policies.journal().holds_any() {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, left).await.expect("questions end");
    }

    /// Returns when no charge is open any more.
    async fn all_charges_closed(&self) {
        self.all_charges_left().await;
        let closed = async {
            while self.round().await > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, closed).await.expect("charges are brought to their end");
    }

    /// The latest decision, once there is one with this outcome.
    async fn decision(&self, outcome: &str) -> Value {
        let path = format!("decisions?outcome={outcome}&limit=1");
        let decided = async {
            loop {
                let told = self.get(&path).await;
                if let Some(latest) = told.as_array().and_then(|told| told.first()) {
                    return latest.clone();
                }
            }
        };
        timeout(PATIENCE, decided).await.expect("what becomes of a question is recorded")
    }
}

async fn one_life(ledger: Ledger) {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.linked(&ledger).await;
    stage.guard("permits", "accounting", json!({"price": 0.25})).await;
    let response = stage.pay("permits", question()).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    // Once as a whole, and once in the parts.
    assert_eq!((&answer["cost"], &answer["references"]["cost"]), (&json!(0.25), &json!(0.25)));
    let entry = &answer["policy_metadata"]["entries"][0];
    assert_eq!(
        (&entry["status"], &entry["amount"], &entry["kind"]),
        (&json!("charged"), &json!(0.25), &json!("payment"))
    );
    assert_eq!(entry["transaction"]["id"], "t-0");
    assert_eq!(entry["details"]["settlement"], "pending", "it moves when the answer is there");
    stage.all_charges_closed().await;
    assert_eq!(ledger.statuses(), ["COMPLETED"]);
    let told = ledger.first();
    assert_eq!(
        (&told["senderEmail"], &told["appEpPath"]),
        (&json!("bob@example.org"), &json!("permits"))
    );
    assert_eq!(stage.decision("success").await["cost"], 0.25);
    stage.close().await;
}

#[tokio::test]
async fn an_answer_is_charged_in_the_dialect_of_verbs() {
    one_life(Ledger::of_verbs().await).await;
}

#[tokio::test]
async fn an_answer_is_charged_in_the_dialect_of_paths() {
    one_life(Ledger::of_paths().await).await;
}

#[tokio::test]
async fn who_cannot_pay_hears_what_it_costs_and_no_work_is_done() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let ledger = Ledger::of_verbs().await;
    stage.linked(&ledger).await;
    stage.guard("permits", "accounting", json!({"price": 20})).await;
    let (status, body) = stage.told("permits").await;
    assert_eq!((status, &body["policy_metadata"]["outcome"]), (402, &json!("payment_required")));
    let entry = &body["policy_metadata"]["entries"][0];
    assert_eq!(
        (&entry["reason_code"], &entry["amount"]),
        (&json!("PAYMENT_REQUIRED"), &json!(20.0))
    );
    assert_eq!(ledger.calls("transaction"), 0);
    let response = stage.pay("permits", question()).await;
    assert_eq!(response.status(), StatusCode::PAYMENT_REQUIRED);
    assert!(response.headers().contains_key("www-authenticate"));
    assert!(
        stage.latest_decision().await["detail"].as_str().unwrap().contains("insufficient balance")
    );
    assert!(ledger.statuses().is_empty());
    stage.close().await;
}

#[tokio::test]
async fn an_excepted_caller_and_a_price_of_nothing_cost_nothing() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "accounting", json!({"price": 1, "applied_to": ["eve@*"]})).await;
    stage.guard("permits", "accounting", json!({"price": 0})).await;
    let (status, body) = stage.told("permits").await;
    assert_eq!((status, &body["policy_metadata"]["entries"][0]["status"]), (200, &json!("free")));
    stage.close().await;
}

#[tokio::test]
async fn the_rate_is_asked_before_the_money_and_a_refusal_reserves_nothing() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let ledger = Ledger::of_verbs().await;
    stage.linked(&ledger).await;
    stage.guard("permits", "accounting", json!({"price": 1})).await;
    stage.guard("permits", "rate_limit", json!({"limit": "1/h"})).await;
    assert_eq!(stage.pay("permits", question()).await.status(), 200);
    assert_eq!(stage.pay("permits", question()).await.status(), 429);
    assert_eq!((ledger.statuses().len(), ledger.calls("create")), (1, 1));
    stage.close().await;
}

#[tokio::test]
async fn when_the_model_fails_money_and_place_go_back() {
    let stage = Stage::set().await;
    let (ledger, author) = (Ledger::of_verbs().await, Author::open(false).await);
    stage.linked(&ledger).await;
    stage.oracle(&author).await;
    stage.guard("oracle", "accounting", json!({"price": 1})).await;
    stage.guard("oracle", "rate_limit", json!({"limit": "1/h"})).await;
    author.fails.store(true, Ordering::Relaxed);
    let mut body = question();
    body["stream"] = true.into();
    assert_eq!(stage.pay("oracle", body.clone()).await.status(), 502);
    stage.all_charges_closed().await;
    assert_eq!(ledger.statuses(), ["CANCELLED"]);
    let decision = stage.latest_decision().await;
    assert_eq!((&decision["outcome"], &decision["cost"]), (&json!("failed"), &json!(0.0)));
    author.fails.store(false, Ordering::Relaxed);
    let response = stage.pay("oracle", body).await;
    assert_eq!(response.status(), 200);
    assert!(response.text().await.unwrap().contains("[DONE]"));
    stage.all_charges_closed().await;
    assert_eq!(ledger.statuses(), ["CANCELLED", "COMPLETED"]);
    stage.close().await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_in_the_middle_pays_nothing() {
    let stage = Stage::set().await;
    let (ledger, author) = (Ledger::of_verbs().await, Author::open(true).await);
    stage.linked(&ledger).await;
    stage.oracle(&author).await;
    stage.guard("oracle", "accounting", json!({"price": 1})).await;
    let mut body = question();
    body["stream"] = true.into();
    let mut response = stage.pay("oracle", body).await;
    let first = response.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("Yes"));
    assert_eq!(ledger.statuses(), ["PENDING"]);
    drop(response);
    while ledger.statuses() != ["CANCELLED"] {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.decision("cancelled").await["status"], 499);
    stage.close().await;
}

#[tokio::test]
async fn a_streamed_answer_is_charged_when_its_last_event_is_taken() {
    let stage = Stage::set().await;
    let (ledger, author) = (Ledger::of_paths().await, Author::open(false).await);
    stage.linked(&ledger).await;
    stage.oracle(&author).await;
    stage.guard("oracle", "accounting", json!({"price": 1.5})).await;
    let mut body = question();
    body["stream"] = true.into();
    let frames = stage.pay("oracle", body).await.text().await.unwrap();
    let frames: Vec<&str> = frames.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let last: Value = serde_json::from_str(frames[frames.len() - 2]).unwrap();
    assert_eq!((&last["done"], &last["cost"]), (&json!(true), &json!(1.5)));
    assert_eq!(last["policy_metadata"]["entries"][0]["status"], "charged");
    stage.all_charges_closed().await;
    assert_eq!(ledger.statuses(), ["COMPLETED"]);
    stage.close().await;
}

#[tokio::test]
async fn when_the_answer_to_a_confirmation_is_lost_nobody_pays_twice() {
    for ledger in [Ledger::of_verbs().await, Ledger::of_paths().await] {
        let stage = Stage::set().await;
        stage.furnish().await;
        stage.linked(&ledger).await;
        stage.guard("permits", "accounting", json!({"price": 1})).await;
        ledger.trouble("confirm", Trouble::AnswerLost);
        let response = stage.pay("permits", question()).await;
        assert_eq!(response.status(), 200);
        stage.all_charges_left().await;
        ledger.heal();
        stage.all_charges_closed().await;
        assert_eq!(ledger.statuses(), ["COMPLETED"]);
        assert_eq!(ledger.calls("cancel"), 0);
        stage.close().await;
    }
}

#[tokio::test]
async fn when_the_answer_to_a_reservation_is_lost_it_is_found_again_and_released() {
    for ledger in [Ledger::of_verbs().await, Ledger::of_paths().await] {
        let stage = Stage::set().await;
        stage.furnish().await;
        stage.linked(&ledger).await;
        stage.guard("permits", "accounting", json!({"price": 1})).await;
        // The first request of either dialect that makes a transaction.
        ledger.trouble(
            if ledger.is_of_verbs() { "create" } else { "POST /transactions" },
            Trouble::AnswerLost,
        );
        let response = stage.pay("permits", question()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "5");
        assert_eq!(ledger.statuses(), ["PENDING"]);
        ledger.heal();
        stage.all_charges_closed().await;
        assert_eq!(ledger.statuses(), ["CANCELLED"]);
        stage.close().await;
    }
}

#[tokio::test]
async fn a_reservation_that_never_arrived_is_forgotten_after_a_minute() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let ledger = Ledger::of_verbs().await;
    stage.linked(&ledger).await;
    stage.guard("permits", "accounting", json!({"price": 1})).await;
    ledger.trouble("create", Trouble::Down);
    assert_eq!(stage.pay("permits", question()).await.status(), 503);
    ledger.heal();
    assert_eq!(stage.round().await, 1, "it may still be on its way");
    stage.clock.advance(Duration::from_mins(1));
    stage.round().await;
    assert_eq!(stage.round().await, 0);
    stage.close().await;
}

#[tokio::test]
async fn what_no_service_decides_is_given_up_after_a_month() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let ledger = Ledger::of_verbs().await;
    stage.linked(&ledger).await;
    stage.guard("permits", "accounting", json!({"price": 1})).await;
    ledger.trouble("confirm", Trouble::Down);
    assert_eq!(stage.pay("permits", question()).await.status(), 200);
    stage.all_charges_left().await;
    stage.clock.advance(Duration::from_hours(24 * 29));
    assert_eq!(stage.round().await, 1);
    stage.clock.advance(Duration::from_hours(24));
    assert_eq!(stage.round().await, 0);
    stage.close().await;
}

#[tokio::test]
async fn a_crash_between_reservation_and_answer_gives_the_money_back() {
    let stage = Stage::set().await;
    let (ledger, author) = (Ledger::of_verbs().await, Author::open(true).await);
    stage.linked(&ledger).await;
    stage.oracle(&author).await;
    stage.guard("oracle", "accounting", json!({"price": 1})).await;
    let mut body = question();
    body["stream"] = true.into();
    let mut response = stage.pay("oracle", body).await;
    response.chunk().await.unwrap().unwrap();
    assert_eq!(ledger.statuses(), ["PENDING"]);
    // What a killed process leaves: the tables as they are now.
    let left = tempfile::tempdir().unwrap();
    stage.copy_state(left.path());
    let shutdown = CancellationToken::new();
    let space = Space::open_at(
        SpaceConfig::new(left.path().join("space")),
        Arc::clone(&stage.clock) as Arc<dyn syfthub_core::Clock>,
        shutdown.clone(),
    );
    let space = space.await.unwrap();
    while ledger.statuses() != ["CANCELLED"] {
        tokio::task::yield_now().await;
    }
    assert_eq!(space.policies.journal().round(&space).await.unwrap(), 0);
    shutdown.cancel();
    drop(response);
    stage.close().await;
}

#[tokio::test]
async fn a_restart_between_delivery_and_confirmation_charges_once() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let ledger = Ledger::of_verbs().await;
    stage.linked(&ledger).await;
    stage.guard("permits", "accounting", json!({"price": 1})).await;
    ledger.trouble("confirm", Trouble::Down);
    assert_eq!(stage.pay("permits", question()).await.status(), 200);
    stage.all_charges_left().await;
    assert_eq!(ledger.statuses(), ["PENDING"]);
    let stage = stage.restarted().await;
    ledger.heal();
    stage.all_charges_closed().await;
    assert_eq!(ledger.statuses(), ["COMPLETED"]);
    stage.close().await;
}

#[tokio::test]
async fn what_the_service_will_not_move_after_the_delivery_is_the_owners_loss_and_told_to_them() {
    let stage = Stage::set().await;
    let ledger = Ledger::of_verbs().await;
    stage.linked(&ledger).await;
    stage.furnish().await;
    stage.guard("permits", "accounting", json!({"price": 1})).await;
    ledger.cancel_next();
    assert_eq!(stage.pay("permits", question()).await.status(), 200);
    let decision = stage.decision("success").await;
    assert_eq!(decision["cost"], 0.0);
    assert!(decision["detail"].as_str().unwrap().contains("could not be charged"), "{decision}");
    assert_eq!(stage.round().await, 0, "nothing is tried again");
    stage.close().await;
}

#[tokio::test]
async fn a_charge_whose_service_never_answers_keeps_no_other_waiting() {
    let stage = Stage::set().await;
    let (ledger, author) = (Ledger::of_paths().await, Author::open(false).await);
    stage.linked(&ledger).await;
    stage.oracle(&author).await;
    stage.guard("oracle", "accounting", json!({"price": 1})).await;
    ledger.trouble("confirm", Trouble::Down);
    let mut body = question();
    body["stream"] = true.into();
    for _ in 0..3 {
        let frames = stage.pay("oracle", body.clone()).await.text().await.unwrap();
        assert!(frames.contains("[DONE]"), "{frames}");
        stage.all_charges_left().await;
        stage.clock.advance(Duration::from_secs(1));
    }
    // The service decides none but the last: each round begins with another one.
    ledger.trouble("t-0/confirm", Trouble::Down);
    let decided = async {
        while ledger.statuses() != ["PENDING", "COMPLETED", "COMPLETED"] {
            stage.clock.advance(Duration::from_secs(1));
            stage.round().await;
        }
    };
    timeout(PATIENCE, decided).await.expect("no charge waits for another");
    stage.close().await;
}
