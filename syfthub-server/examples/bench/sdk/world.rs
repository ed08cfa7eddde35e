//! What the packages ask: a hub with many endpoints, and a small federation that answers chats.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixtures::{self, Notes};
use crate::hub::{Engine, HubServer, PASSWORD, Population, register, set_domain};
use crate::load::{Connection, get, post};

/// Public endpoints.
pub(super) const ENDPOINTS: usize = 10_000;

/// Whose nodes answer the chats.
const FEDERATION: &str = "federation";

/// How many endpoints are looked at in turn; the newest, since the published package looks for one from that end.
const LOOKED_AT: usize = 50;

/// A hub, and who asks it.
pub(super) struct World {
    hub: HubServer,
    username: String,
    /// Endpoints `owner/slug` to look at.
    pub(super) paths: Vec<String>,
}

impl World {
    pub(super) async fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let database = Engine::Sqlite.database(folder).await?;
        // The nodes of this federation answer questions and nothing else: a hub that looked after them would hide them.
        let settings = [("HEALTH_CHECK_ENABLED", "false")];
        let hub = HubServer::start(program, folder, &database, &settings)?;
        let population = Population::create(hub.address, ENDPOINTS).await?;
        let mut connection = Connection::open(hub.address).await?;
        let paths = newest(&mut connection).await?;
        let nodes = fixtures::start(Notes::default()).await?;
        publish(&mut connection, nodes).await?;
        Ok(Self { hub, username: population.users[0].0.clone(), paths })
    }

    /// The hub's address.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.hub.address)
    }

    /// Who asks it.
    pub(super) fn username(&self) -> &str {
        &self.username
    }

    /// What a program has to know, to do its task `count` times.
    pub(super) fn setting(&self, count: usize) -> Value {
        let sources: Vec<String> = (0..3).map(|n| format!("{FEDERATION}/source-{n}")).collect();
        json!({
            "hub": self.url(), "username": self.username, "password": PASSWORD, "paths": self.paths,
            "model": format!("{FEDERATION}/model"), "sources": sources, "count": count,
        })
    }

    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.hub.stop()
    }
}

async fn newest(connection: &mut Connection) -> anyhow::Result<Vec<String>> {
    let request = get(&format!("/api/v1/endpoints/public?limit={LOOKED_AT}"), None);
    let page = connection.json(&request, 200).await?;
    let path = |endpoint: &Value| {
        let part = |name: &str| endpoint[name].as_str().unwrap_or_default().to_owned();
        format!("{}/{}", part("owner_username"), part("slug"))
    };
    Ok(page.as_array().into_iter().flatten().map(path).collect())
}

/// Publishes the model and the three sources at `nodes`.
async fn publish(connection: &mut Connection, nodes: SocketAddr) -> anyhow::Result<()> {
    let token = register(connection, FEDERATION).await?;
    set_domain(connection, &token, Some(&format!("http://{nodes}"))).await?;
    let sources = (0..3).map(|n| (format!("source-{n}"), "data_source"));
    for (slug, kind) in sources.chain([("model".to_owned(), "model")]) {
        let draft = json!({
            "name": slug, "slug": slug, "type": kind, "visibility": "public", "description": "Answers at once.",
            "connect": [{"type": "http", "enabled": true, "description": "", "config": {"url": ""}}],
        });
        connection.json(&post("/api/v1/endpoints", Some(&token), &draft), 201).await?;
    }
    Ok(())
}
