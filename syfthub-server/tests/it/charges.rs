//! A space that charges is killed between any two steps of a charge: when it is there again, the books are right.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::author::{Author, Mood};
use crate::gate::{Gate, Moment};
use crate::process::{HubProcess, PASSWORD, SpaceProcess, query_url};

/// What bob has at first, in units.
const FUNDS: f64 = 10.0;

/// How long the books may take to become right.
const PATIENCE: Duration = Duration::from_secs(30);

/// A hub with its ledger, behind a gate; `ada` with a space and the endpoint `oracle`, which costs 1; `bob`, who asks.
struct Scene {
    home: TempDir,
    hub: HubProcess,
    gate: Gate,
    author: Author,
    space: Option<SpaceProcess>,
    ada: String,
    bob: String,
    /// Answers that bob has to have paid for.
    paid: f64,
}

impl Scene {
    async fn set() -> Self {
        let home = tempfile::tempdir().unwrap();
        let (gate, author) = (Gate::open().await, Author::open().await);
        let settings = [
            ("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8"),
            ("SYFTHUB_PUBLIC_URL", &*gate.url),
            ("LEDGER_ADMIN_KEY", "only-tests-know-this-key-of-the-ledger"),
        ];
        let hub = HubProcess::start(home.path(), &settings).await;
        gate.lead_to(&hub.at(""));
        let (ada, bob) = (hub.register("ada").await.unwrap(), hub.register("bob").await.unwrap());
        let funds = json!({"recipientEmail": "bob@example.org", "amount": FUNDS});
        let paid_in = hub.http().post(hub.at("/user/add-balance")).json(&funds);
        let paid_in = paid_in.bearer_auth("only-tests-know-this-key-of-the-ledger").send().await;
        assert!(paid_in.unwrap().status().is_success());
        let mut scene = Self { home, hub, gate, author, space: None, ada, bob, paid: 0.0 };
        scene.start().await;
        scene.furnish().await;
        scene
    }

    async fn start(&mut self) {
        let space = SpaceProcess::start(self.home.path()).await;
        self.space = Some(space);
    }

    /// The oracle, connected through the gate and published.
    async fn furnish(&self) {
        let space = self.space.as_ref().unwrap();
        let account = json!({"url": self.gate.url, "username": "ada", "password": PASSWORD});
        space.post("marketplaces/connect", &account).await;
        let settings = json!({"base_url": self.author.url, "model": "m"});
        let model = json!({"name": "oracle", "dtype": "openai", "configuration": settings});
        let model = space.post("models", &model).await;
        let endpoint = json!({
            "name": "Oracle", "slug": "oracle", "model_id": model["id"], "response_type": "summary",
        });
        let endpoint = space.post("endpoints", &endpoint).await;
        let policy = json!({
            "name": "price", "policy_type": "accounting", "configuration": {"price": 1},
            "endpoint_id": endpoint["id"],
        });
        space.post("policies", &policy).await;
        let everywhere = json!({"publish_to_all_marketplaces": true});
        space.post("endpoints/oracle/publish", &everywhere).await;
    }

    /// Asks the oracle as bob, who pays.
    async fn ask(&self) -> reqwest::Result<Response> {
        let satellite = self.hub.get("/api/v1/token?aud=ada", &self.bob).await;
        let owners = json!({"owner_usernames": ["ada"]});
        let tokens = self.hub.http().post(self.hub.at("/api/v1/accounting/transaction-tokens"));
        let tokens = tokens.bearer_auth(&self.bob).json(&owners).send().await?;
        let tokens: Value = tokens.json().await?;
        let token = tokens["tokens"]["ada"].as_str().unwrap_or_else(|| panic!("{tokens}"));
        let question = json!({"messages": "Well?", "stream": true, "transaction_token": token});
        let url = query_url(self.home.path()) + "/api/v1/endpoints/oracle/query";
        let request =
            self.hub.http().post(url).bearer_auth(satellite["target_token"].as_str().unwrap());
        request.json(&question).send().await?.error_for_status()
    }

    /// Asks for as long as `until` takes.
    async fn ask_until(&self, until: impl Future<Output = ()>) {
        tokio::select! {
            () = until => {}
            answer = self.ask() => panic!("it answered: {answer:?}"),
        }
    }

    /// Asks and reads the beginning of the answer.
    async fn hear_the_beginning(&self) -> Response {
        let mut answer = self.ask().await.unwrap();
        let first = answer.chunk().await.unwrap().unwrap();
        assert!(String::from_utf8_lossy(&first).contains("Yes"));
        answer
    }

    /// Asks and reads the whole answer.
    async fn hear_all(&mut self) {
        let text = self.ask().await.unwrap().text().await.unwrap();
        assert!(text.contains("[DONE]"), "{text}");
        self.paid += 1.0;
    }

    /// Kills the space as it is, lets everything pass, starts it again, and sees to the books.
    async fn crash(&mut self, gap: &str) {
        self.space.take().unwrap().kill_and_wait().await;
        self.gate.let_pass();
        self.author.be(Mood::Helpful);
        self.start().await;
        self.books_are_right(gap).await;
    }

    /// Returns when bob has paid for what he heard and for nothing else.
    async fn books_are_right(&self, gap: &str) {
        let balance = async |token: &str| {
            let told = self.hub.get("/api/v1/accounting/user", token).await;
            told["balance"].as_f64().unwrap()
        };
        let pending = async || {
            let told = self.hub.get("/api/v1/accounting/transactions?limit=100", &self.bob).await;
            let told = told.as_array().unwrap().clone();
            told.iter().filter(|one| one["status"] == "pending").count()
        };
        let right = async {
            loop {
                let now = (balance(&self.bob).await, balance(&self.ada).await, pending().await);
                if now == (FUNDS - self.paid, self.paid, 0) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let log = || std::fs::read_to_string(self.home.path().join("space.log")).unwrap();
        if tokio::time::timeout(PATIENCE, right).await.is_err() {
            let told = self.hub.get("/api/v1/accounting/transactions?limit=100", &self.bob).await;
            panic!("{gap}: bob should have paid {} and has not: {told:#}\n{}", self.paid, log());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_killed_between_any_two_steps_of_a_charge_ends_with_the_right_books() {
    let mut scene = Scene::set().await;
    for moment in [Moment::Before, Moment::After] {
        scene.gate.hold("transaction/create", moment);
        scene.ask_until(scene.gate.reached()).await;
        scene.crash(&format!("asked to reserve, {moment:?}")).await;
    }
    scene.author.be(Mood::Silent);
    scene.ask_until(scene.author.asked()).await;
    scene.crash("reserved").await;
    scene.author.be(Mood::Endless);
    let answer = scene.hear_the_beginning().await;
    scene.crash("answering").await;
    drop(answer);
    for moment in [Moment::Before, Moment::After] {
        scene.gate.hold("confirm", moment);
        scene.hear_all().await;
        scene.gate.reached().await;
        scene.crash(&format!("delivered and asked to confirm, {moment:?}")).await;
    }
    for moment in [Moment::Before, Moment::After] {
        scene.gate.hold("cancel", moment);
        scene.author.be(Mood::Endless);
        drop(scene.hear_the_beginning().await);
        scene.gate.reached().await;
        scene.crash(&format!("asked to cancel, {moment:?}")).await;
    }
    // And with nobody killed.
    scene.author.be(Mood::Endless);
    drop(scene.hear_the_beginning().await);
    scene.books_are_right("hung up").await;
    scene.author.be(Mood::Helpful);
    scene.hear_all().await;
    scene.books_are_right("answered").await;
    assert!((scene.paid - 3.0).abs() < 1e-9, "{}", scene.paid);
}
