//! The space beside a real hub, over real sockets.

mod admin;
mod callers;
mod health;
mod ingestion;
mod ledger;
mod marketplaces;
mod money;
mod owners;
mod policies;
mod questions;
mod registries;
mod retrieval;
mod tokens;
mod tunnel;

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use syfthub_client::Client;
use syfthub_client::wire::auth::Registration;
use syfthub_core::{Clock as _, Email, FixedClock, Secret, Slug};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Actor, NewEndpoint, Space, SpaceConfig};
use crate::clock::SystemClock;
use crate::config::{HubConfig, SecretKey, TunnelMode};
use crate::db::DatabaseUrl;
use crate::testing::signing_key;
use crate::{Running, hub};

const PASSWORD: &str = "correct horse 1";

/// A hub with two users, `ada` who owns the space and `bob` who asks, and the space, connected to the hub.
struct Stage {
    hub: Url,
    hub_server: Option<Running>,
    space: Space,
    questions: Running,
    admin: Url,
    bob: Client,
    clock: Arc<FixedClock>,
    shutdown: CancellationToken,
    /// Ends the space alone.
    stop_space: CancellationToken,
    /// Ends the hub alone.
    stop_hub: CancellationToken,
    folder: tempfile::TempDir,
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

async fn user(hub: &Url, name: &str) -> Client {
    let client = Client::builder(hub.as_str()).build().unwrap();
    let email = Email::parse(&format!("{name}@example.org")).unwrap();
    let registration = Registration::new(name.parse().unwrap(), email, name, PASSWORD);
    client.auth().register(&registration).await.unwrap();
    client
}

/// A hub with tables of its own below `folder`.
async fn a_hub(
    folder: &tempfile::TempDir,
    tables: &str,
    shutdown: CancellationToken,
) -> (Url, Running) {
    let database = DatabaseUrl::file(folder.path().join(tables));
    let secret = SecretKey::parse("0123456789abcdef0123456789abcdef").unwrap();
    let mut config = HubConfig::new("127.0.0.1:0".parse().unwrap(), database, secret);
    config.keys.rsa_private_key_pem = Some(signing_key().to_pem().unwrap());
    let server = hub::start(config, listener().await, shutdown).await.unwrap();
    (server.url().clone(), server)
}

impl Stage {
    async fn set() -> Self {
        Self::with(|_| {}).await
    }

    /// With settings of the space that `adjust` changes.
    async fn with(adjust: impl FnOnce(&mut SpaceConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shutdown = CancellationToken::new();
        let (stop_space, stop_hub) = (shutdown.child_token(), shutdown.child_token());
        let (hub, hub_server) = a_hub(&folder, "hub.db", stop_hub.clone()).await;
        user(&hub, "ada").await;
        let bob = user(&hub, "bob").await;
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let (space, questions, admin) =
            Self::space(&folder, Arc::clone(&clock), &stop_space, adjust).await;
        let owner = Actor::program();
        space.connect_marketplace(&owner, &hub, "ada", &Secret::new(PASSWORD), None).await.unwrap();
        let hub_server = Some(hub_server);
        Self {
            hub,
            hub_server,
            space,
            questions,
            admin,
            bob,
            clock,
            shutdown,
            stop_space,
            stop_hub,
            folder,
        }
    }

    async fn space(
        folder: &tempfile::TempDir,
        clock: Arc<FixedClock>,
        shutdown: &CancellationToken,
        adjust: impl FnOnce(&mut SpaceConfig),
    ) -> (Space, Running, Url) {
        let mut config = SpaceConfig::new(folder.path().join("space"));
        config.ingestion.watch_delay = Duration::from_millis(20);
        config.tunnel.tunnel = TunnelMode::Off;
        adjust(&mut config);
        let space = Space::open_at(config, clock, shutdown.clone()).await.unwrap();
        let admin = listener().await;
        let url = format!("http://{}/api/v1/", admin.local_addr().unwrap()).parse().unwrap();
        let questions = space.serve(listener().await, Some(admin)).await.unwrap();
        (space, questions, url)
    }

    /// A dataset `permits`, a model, and an endpoint over each and over both, all published.
    async fn furnish(&self) {
        let owner = Actor::program();
        let documents = self.folder.path().join("documents");
        std::fs::create_dir_all(documents.join("rules")).unwrap();
        std::fs::write(
            documents.join("rules/night.md"),
            "# Night work\n\nPermit N-4 covers night work on public roads. It is valid for a year.\n",
        )
        .unwrap();
        std::fs::write(documents.join("fees.txt"), "The fee for permit N-4 is forty units.\n")
            .unwrap();
        let dataset = self.space.add_folder_dataset(&owner, "permits", &documents).await.unwrap();
        let model = self
            .space
            .add_model(&owner, "words", "extractive", serde_json::Map::new())
            .await
            .unwrap();
        let mut progress = self.space.progress();
        progress.wait_for(super::Progress::is_ready).await.unwrap();
        for (slug, dataset, model) in [
            ("permits", Some(dataset.id), None),
            ("words", None, Some(model.id)),
            ("permit-desk", Some(dataset.id), Some(model.id)),
        ] {
            let new = NewEndpoint {
                dataset_id: dataset,
                model_id: model,
                summary: format!("About {slug}"),
                ..NewEndpoint::new(slug, Slug::parse(slug).unwrap())
            };
            self.space.add_endpoint(&owner, new).await.unwrap();
            let listings = self.space.publish(&owner, slug).await.unwrap();
            assert!(listings.iter().all(|listing| listing.success), "{listings:?}");
        }
    }

    /// The same after the space was stopped and started again.
    async fn restarted(self) -> Self {
        self.stop_space.cancel();
        self.questions.stopped().await;
        drop(self.space);
        let stop_space = self.shutdown.child_token();
        let (space, questions, admin) =
            Self::space(&self.folder, Arc::clone(&self.clock), &stop_space, |_| {}).await;
        Self { space, questions, admin, stop_space, ..self }
    }

    async fn token(&self) -> String {
        self.bob.tokens().satellite(&"ada".parse().unwrap()).await.unwrap().expose().to_owned()
    }

    async fn ask_with(&self, token: &str, slug: &str, body: &Value) -> Response {
        let url = format!("http://{}/api/v1/endpoints/{slug}/query", self.questions.address());
        http().post(url).bearer_auth(token).json(body).send().await.unwrap()
    }

    async fn ask(&self, slug: &str, body: Value) -> Value {
        let response = self.ask_with(&self.token().await, slug, &body).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    async fn close(self) {
        self.shutdown.cancel();
        self.questions.stopped().await;
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap()
}

fn question() -> Value {
    json!({"messages": "Which permit covers night work?", "limit": 3, "similarity_threshold": 0.5})
}
