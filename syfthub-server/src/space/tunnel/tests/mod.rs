//! Tunnels between a real hub and whatever a test puts at their other end, over real sockets.

mod hostile;
mod passing;
mod quotas;
mod rights;

use std::time::Duration;

use axum::Router;
use reqwest::{Client as Http, Response};
use serde_json::{Value, json};
use syfthub_client::Client;
use syfthub_client::wire::auth::Registration;
use syfthub_core::{Email, Secret};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::dial::{Dialled, dial};
use super::serve::serve;
use crate::config::{HubConfig, SecretKey, SpaceTunnelSettings};
use crate::db::DatabaseUrl;
use crate::testing::signing_key;
use crate::tunnel::{Ending, Farewell};
use crate::{Running, hub};

const PASSWORD: &str = "correct horse 1";

/// A hub of its own, with its owner's folder.
struct Stage {
    hub: Url,
    running: Running,
    shutdown: CancellationToken,
    ada: Client,
    http: Http,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn set(adjust: impl FnOnce(&mut HubConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shutdown = CancellationToken::new();
        let database = DatabaseUrl::file(folder.path().join("hub.db"));
        let secret = SecretKey::parse("0123456789abcdef0123456789abcdef").unwrap();
        let mut config = HubConfig::new("127.0.0.1:0".parse().unwrap(), database, secret);
        config.keys.rsa_private_key_pem = Some(signing_key().to_pem().unwrap());
        adjust(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = hub::start(config, listener, shutdown.clone()).await.unwrap();
        let hub = running.url().clone();
        let ada = user(&hub, "ada").await;
        let http = Http::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Self { hub, running, shutdown, ada, http, _folder: folder }
    }

    /// Opens a tunnel as ada, for herself or an organization, at whose other end is `router`.
    async fn tunnel(&self, owner: Option<&str>, router: Router) -> Tunnel {
        let Dialled { connection, url } = self.dial(owner).await.unwrap();
        let ending = Ending::with(&CancellationToken::new());
        let end = ending.clone();
        let settings = SpaceTunnelSettings::default();
        let task =
            tokio::spawn(async move { serve(connection, router, &settings, end).await.is_ok() });
        let tunnel = Tunnel { url, ending, task };
        // The hub has taken it once it answers.
        while self.http.get(tunnel.url.clone()).send().await.unwrap().status() == 503 {}
        tunnel
    }

    async fn dial(&self, owner: Option<&str>) -> Result<Dialled, super::dial::DialError> {
        let token = self.ada.auth().tokens().unwrap().access_token;
        dial(self.hub.as_str().trim_end_matches('/'), owner, &Secret::new(token)).await
    }

    /// Asks the endpoint `slug` at `base`.
    async fn ask(&self, base: &Url, slug: &str) -> Response {
        self.http.post(query(base, slug)).json(&json!({"messages": "?"})).send().await.unwrap()
    }

    async fn close(self) {
        self.shutdown.cancel();
        self.running.stopped().await;
    }
}

fn query(base: &Url, slug: &str) -> String {
    format!("{base}/api/v1/endpoints/{slug}/query")
}

/// An open tunnel.
struct Tunnel {
    url: Url,
    ending: Ending,
    task: JoinHandle<bool>,
}

impl Tunnel {
    /// What the hub said when it ended the tunnel.
    async fn farewell(self) -> Option<Farewell> {
        self.task.await.unwrap();
        self.ending.heard()
    }
}

async fn user(hub: &Url, name: &str) -> Client {
    let client = Client::builder(hub.as_str()).build().unwrap();
    let email = Email::parse(&format!("{name}@example.org")).unwrap();
    let registration = Registration::new(name.parse().unwrap(), email, name, PASSWORD);
    client.auth().register(&registration).await.unwrap();
    client
}

/// What a space answers beside its endpoints.
fn alive() -> Router {
    use axum::routing::get;
    Router::new().route("/", get(|| async { "here" })).route("/health", get(|| async { "well" }))
}

/// The `detail` of a refusal.
async fn detail(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    body["detail"].as_str().unwrap().to_owned()
}
