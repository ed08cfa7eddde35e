//! Money that follows answers, through real processes: a hub with its ledger and its aggregator, a space that charges, and
//! whoever asks, with this client and with the published ones.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use syfthub_client::wire::chat::ChatResponse;
use syfthub_client::{ChatEvent, Client, ErrorKind};
use syfthub_core::Secret;
use tempfile::TempDir;

use crate::author::{Author, Mood};
use crate::process::{HubProcess, PASSWORD, SpaceProcess};
use crate::{sdk, third_party};

const KEY: &str = "only-tests-know-this-key-of-the-ledger";

/// What the endpoints of ada cost.
const PRICES: [(&str, f64); 3] = [("notes", 0.25), ("words", 0.5), ("oracle", 1.0)];

/// What a question to `words` over `notes` costs.
const BOTH: f64 = 0.75;

/// What bob has at first.
const FUNDS: f64 = 20.0;

const PATIENCE: Duration = Duration::from_secs(30);

/// What the programs of others print.
const STORY: &str = "ok a whole answer is paid for
ok a streamed answer is paid for
ok the bill is shown to whoever reads bills
ok who cannot pay hears so and keeps what they have
";

/// A hub with its ledger; `ada`, whose endpoints cost something; `bob`, who can pay, and `eve`, who cannot.
struct Market {
    home: TempDir,
    hub: HubProcess,
    space: SpaceProcess,
    author: Author,
    ada: String,
    bob: String,
    eve: String,
    /// What bob has to have paid.
    paid: f64,
}

impl Market {
    async fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        let settings = [("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8"), ("LEDGER_ADMIN_KEY", KEY)];
        let hub = HubProcess::start(home.path(), &settings).await;
        let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| hub.register(name));
        let (ada, bob, eve) = (ada.await.unwrap(), bob.await.unwrap(), eve.await.unwrap());
        for (name, amount) in [("bob", FUNDS), ("eve", 0.1)] {
            let deposit =
                json!({"recipientEmail": format!("{name}@example.org"), "amount": amount});
            let request = hub.http().post(hub.at("/user/add-balance")).bearer_auth(KEY);
            let answer = request.json(&deposit).send().await.unwrap();
            assert!(answer.status().is_success(), "{:?}", answer.text().await);
        }
        let (space, author) = (SpaceProcess::start(home.path()).await, Author::open().await);
        let market = Self { home, hub, space, author, ada, bob, eve, paid: 0.0 };
        market.furnish().await;
        market
    }

    /// Documents, a model over them, and somebody else's model: each published, each at its price.
    async fn furnish(&self) {
        let account = json!({"url": self.hub.at(""), "username": "ada", "password": PASSWORD});
        self.space.post("marketplaces/connect", &account).await;
        let folder = self.home.path().join("documents");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("night.md"), "Permit N-4 covers night work on public roads.\n")
            .unwrap();
        let files = json!({"filePaths": [{"path": folder}]});
        let dataset = json!({"name": "notes", "dtype": "local_file", "configuration": files});
        let dataset = self.space.post("datasets", &dataset).await;
        self.space.until_ingested(None, dataset["id"].as_str().unwrap()).await;
        let words = json!({"name": "words", "dtype": "extractive", "configuration": {}});
        let words = self.space.post("models", &words).await;
        let settings = json!({"base_url": self.author.url, "model": "m"});
        let oracle = json!({"name": "oracle", "dtype": "openai", "configuration": settings});
        let oracle = self.space.post("models", &oracle).await;
        let parts = [
            json!({"dataset_id": dataset["id"], "response_type": "raw"}),
            json!({"model_id": words["id"], "response_type": "summary"}),
            json!({"model_id": oracle["id"], "response_type": "summary"}),
        ];
        for ((slug, price), mut endpoint) in PRICES.into_iter().zip(parts) {
            endpoint["name"] = slug.into();
            endpoint["slug"] = slug.into();
            let endpoint = self.space.post("endpoints", &endpoint).await;
            let policy = json!({
                "name": "price", "policy_type": "accounting", "configuration": {"price": price},
                "endpoint_id": endpoint["id"],
            });
            self.space.post("policies", &policy).await;
            let everywhere = json!({"publish_to_all_marketplaces": true});
            let published =
                self.space.post(&format!("endpoints/{slug}/publish"), &everywhere).await;
            assert_eq!(published["results"][0]["success"], true, "{published}");
        }
    }

    async fn client(&self, name: &str) -> Client {
        let client = Client::builder(self.hub.at("")).build().unwrap();
        client.auth().login(name, Secret::new(PASSWORD)).await.unwrap();
        client
    }

    /// What somebody can spend.
    async fn balance(&self, token: &str) -> f64 {
        let told = self.hub.get("/api/v1/accounting/user", token).await;
        told["balance"].as_f64().unwrap()
    }

    /// Returns when bob has paid `more` besides what he had paid before, ada has it, and nothing is pending.
    async fn is_paid(&mut self, more: f64) {
        self.paid += more;
        let settled = async {
            loop {
                let told =
                    self.hub.get("/api/v1/accounting/transactions?limit=100", &self.bob).await;
                let is_pending =
                    told.as_array().unwrap().iter().any(|one| one["status"] == "pending");
                let now = (self.balance(&self.bob).await, self.balance(&self.ada).await);
                if now == (FUNDS - self.paid, self.paid) && !is_pending {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let settled = tokio::time::timeout(PATIENCE, settled).await;
        let now = (self.balance(&self.bob).await, self.balance(&self.ada).await);
        assert!(settled.is_ok(), "bob should have paid {}: {now:?}", self.paid);
    }
}

fn bill(answer: &ChatResponse) -> Option<f64> {
    answer.billing.as_ref()?.total_cost
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_paid_for_once_by_whoever_gets_it_and_by_nobody_else() {
    let mut market = Market::open().await;
    let bob = market.client("bob").await;
    let question = || {
        let chat = bob.chat("ada/words".parse().unwrap(), "Which permit covers night work?");
        chat.source("ada/notes".parse().unwrap())
    };
    let answer = question().send().await.unwrap();
    assert!(answer.response.contains("N-4"), "{answer:?}");
    assert_eq!(bill(&answer), Some(BOTH));
    market.is_paid(BOTH).await;
    {
        let mut events = pin!(question().stream().await.unwrap());
        let mut last = None;
        while let Some(event) = events.next().await {
            last = Some(event.unwrap());
        }
        let Some(ChatEvent::Done(done)) = last else { panic!("{last:?}") };
        assert_eq!(done.billing.and_then(|billing| billing.total_cost), Some(BOTH));
    }
    market.is_paid(BOTH).await;
    {
        let answer = question().direct().send().await.unwrap();
        assert!(answer.response.contains("N-4"), "{answer:?}");
    }
    market.is_paid(BOTH).await;
    who_cannot_pay(&market).await;
    Box::pin(who_will_not_wait(&market, &bob)).await;
    market.is_paid(0.0).await;
    for python in ["SYFTHUB_TEST_SDK_PYTHON", "SYFTHUB_TEST_SDK3_PYTHON", sdk::ours::PYTHON] {
        let Some(python) = third_party::path(python) else { continue };
        let told = sdk::run(&python, "paid_flow.py", &[&market.hub.at("")]).await;
        assert_eq!(told, STORY);
        market.is_paid(2.0 * BOTH).await;
    }
}

/// Eve has less than any answer costs.
async fn who_cannot_pay(market: &Market) {
    let eve = market.client("eve").await;
    let found =
        eve.retrieve("night work").source("ada/notes".parse().unwrap()).send().await.unwrap();
    assert!(found.sources.0.is_empty(), "{found:?}");
    let report = &found.retrieval_info[0];
    assert_eq!(report.status, "payment_failed", "{report:?}");
    assert!(report.error_message.as_deref().unwrap_or_default().contains("0.25"), "{report:?}");
    let refused = eve.chat("ada/words".parse().unwrap(), "night work?").send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Generation, "{refused}");
    assert!(refused.to_string().contains("0.5"), "{refused}");
    assert!((market.balance(&market.eve).await - 0.1).abs() < 1e-9);
}

/// Bob hangs up in the middle of an answer, at the aggregator.
async fn who_will_not_wait(market: &Market, bob: &Client) {
    market.author.be(Mood::Endless);
    {
        let chat = bob.chat("ada/oracle".parse().unwrap(), "Well?");
        let mut events = pin!(chat.stream().await.unwrap());
        loop {
            if let ChatEvent::Token { content } = events.next().await.unwrap().unwrap() {
                assert_eq!(content, "Yes");
                break;
            }
        }
        let left = market.balance(&market.bob).await;
        let expected = FUNDS - market.paid - 1.0;
        assert!((left - expected).abs() < 1e-9, "the price is set aside meanwhile: {left}");
    }
    market.author.be(Mood::Helpful);
}
