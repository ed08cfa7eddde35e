//! The servers of `syfthub dev`, and what they publish.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use syfthub_client::Client;
use syfthub_core::wire::auth::Registration;
use syfthub_core::{Email, Secret, Slug, Username};
use syfthub_server::config::{HubConfig, LimitSettings, SecretKey, TunnelMode};
use syfthub_server::db::DatabaseUrl;
use syfthub_server::space::{
    self, Actor, NewEndpoint, ResponseType, Space, SpaceConfig, SpaceError,
};
use syfthub_server::{Running, StartError, hub};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::progress;
use super::state::State;
use crate::args::DevArgs;
use crate::printer::Printer;

/// The account that publishes.
const USERNAME: &str = "dev";
const EMAIL: &str = "dev@example.com";

/// Name of the built-in model, its type, and its address.
const MODEL: &str = "extractive";

/// A stack that runs.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) hub: String,
    pub(super) space: String,
    pub(super) username: &'static str,
    pub(super) password: Secret,
    pub(super) model: String,
    pub(super) sources: Vec<String>,
    /// What to ask first.
    pub(super) question: &'static str,
    servers: [Running; 2],
}

/// A folder to publish.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// What its data source is called.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
}

impl Stack {
    /// Starts the servers, indexes the folders, and publishes them and the model. Everything is ready when this returns.
    pub(super) async fn start(
        args: &DevArgs,
        state: &State,
        printer: &Printer,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        let hub = start_hub(args.listen, state, shutdown.clone()).await?;
        let (space, server) = start_space(args.listen, state, shutdown).await?;
        let url = hub.url().clone();
        connect(&space, &url, &state.password).await?;
        let sources = add_folders(&space, &state.folders).await?;
        let model = add_model(&space).await?;
        progress::wait(space.progress(), printer).await;
        let mut published: Vec<String> = space
            .endpoints(&Actor::program())
            .await?
            .into_iter()
            .filter(|endpoint| endpoint.dataset_id.is_some())
            .map(|endpoint| endpoint.slug)
            .collect();
        // What this run named comes first, then what earlier runs did.
        published.sort_by_key(|slug| {
            sources.iter().position(|named| named == slug).unwrap_or(usize::MAX)
        });
        for slug in published.iter().chain([&model]) {
            publish(&space, slug).await?;
        }
        let path = |slug: &String| format!("{USERNAME}/{slug}");
        Ok(Self {
            hub: url.to_string(),
            space: server.url().to_string(),
            username: USERNAME,
            password: state.password.clone(),
            model: path(&model),
            sources: published.iter().map(path).collect(),
            question: state.question,
            servers: [hub, server],
        })
    }

    /// Waits until both servers have stopped.
    pub(super) async fn stopped(self) {
        let [hub, space] = self.servers;
        tokio::join!(hub.stopped(), space.stopped());
    }
}

async fn start_hub(
    listen: SocketAddr,
    state: &State,
    shutdown: CancellationToken,
) -> anyhow::Result<Running> {
    let key = SecretKey::parse(state.secret_key.expose())
        .map_err(|reason| anyhow::anyhow!("{}: {reason}", state.join("secret_key").display()))?;
    let mut config = HubConfig::new(listen, DatabaseUrl::file(state.join("hub.db")), key);
    config.keys.rsa_keys_directory = state.join("keys");
    config.outbound.outbound_allow = vec!["127.0.0.0/8".parse()?, "::1/128".parse()?];
    config.database.database_connections = Some(2);
    // It is its user's own: whatever asks too much is the user's program at work.
    config.limits = LimitSettings::off();
    config.aggregator.limits.max_answers_per_caller = config.aggregator.limits.max_answers;
    let listener = hub::bind(&config).await.map_err(|error| in_flags(error, listen))?;
    Ok(hub::start(config, listener, shutdown).await?)
}

async fn start_space(
    listen: SocketAddr,
    state: &State,
    shutdown: CancellationToken,
) -> anyhow::Result<(Space, Running)> {
    let address = SocketAddr::new(listen.ip(), 0);
    let mut config = SpaceConfig::new(state.join("space"));
    config.listen = address;
    config.admin_listen = SocketAddr::new([127, 0, 0, 1].into(), 0);
    // Hub and space are on one machine.
    config.tunnel.tunnel = TunnelMode::Off;
    let (questions, admin) =
        space::bind(&config).await.map_err(|error| in_flags(error, address))?;
    let space = Space::open(config, shutdown).await?;
    let running = space.serve(questions, Some(admin)).await?;
    Ok((space, running))
}

/// A refusal in terms of the flag, which is what the user gave.
fn in_flags(error: StartError, listen: SocketAddr) -> anyhow::Error {
    match error {
        StartError::Setting { reason, .. } => anyhow::anyhow!("--listen {listen}: {reason}"),
        other => other.into(),
    }
}

/// Signs the space in at the hub; on the first run the account is made.
async fn connect(space: &Space, hub: &Url, password: &Secret) -> anyhow::Result<()> {
    let owner = Actor::program();
    // The same hub as in the last run, but perhaps on another port.
    space.relocate_default_marketplace(&owner, hub).await?;
    match space.connect_marketplace(&owner, hub, USERNAME, password, None).await {
        Err(SpaceError::Hub { status: Some(401), .. }) => {}
        outcome => return Ok(outcome.map(drop)?),
    }
    let registration = Registration::new(
        Username::parse(USERNAME)?,
        Email::parse(EMAIL)?,
        "Developer",
        password.clone(),
    );
    let client = Client::builder(hub.as_str()).build()?;
    client.auth().register(&registration).await.context(
        "the account of this stack cannot be made; does its state folder belong to another run?",
    )?;
    space.connect_marketplace(&owner, hub, USERNAME, password, None).await?;
    Ok(())
}

/// A dataset and an endpoint for each folder; what exists is kept. Answers the slugs.
async fn add_folders(space: &Space, folders: &[Folder]) -> anyhow::Result<Vec<String>> {
    let mut slugs = Vec::with_capacity(folders.len());
    for folder in folders {
        let slug = add_folder(space, folder)
            .await
            .with_context(|| format!("--data {}", folder.path.display()))?;
        slugs.push(slug);
    }
    Ok(slugs)
}

async fn add_folder(space: &Space, folder: &Folder) -> anyhow::Result<String> {
    for slug in Slug::candidates(&folder.name, "folder") {
        match add_source(space, folder, slug.clone()).await {
            // The name is taken by another folder.
            Err(SpaceError::Conflict(_)) => {}
            outcome => return Ok(outcome.map(|()| slug.to_string())?),
        }
    }
    anyhow::bail!("too many folders are called {}", folder.name)
}

async fn add_source(space: &Space, folder: &Folder, slug: Slug) -> Result<(), SpaceError> {
    let dataset = space.add_folder_dataset(&Actor::program(), slug.as_str(), &folder.path).await?;
    let endpoint = NewEndpoint {
        summary: format!("Documents of the folder {}", folder.name),
        dataset_id: Some(dataset.id),
        response_type: ResponseType::Raw,
        ..NewEndpoint::new(folder.name.clone(), slug)
    };
    space.add_endpoint(&Actor::program(), endpoint).await.map(drop)
}

/// The built-in model behind an endpoint. Answers its slug.
async fn add_model(space: &Space) -> anyhow::Result<String> {
    let model = space.add_model(&Actor::program(), MODEL, MODEL, serde_json::Map::new()).await?;
    for slug in Slug::candidates(MODEL, "model") {
        let endpoint = NewEndpoint {
            summary: "Answers with the sentences that fit best, and says where they stand"
                .to_owned(),
            model_id: Some(model.id),
            response_type: ResponseType::Summary,
            ..NewEndpoint::new("Extractive", slug.clone())
        };
        match space.add_endpoint(&Actor::program(), endpoint).await {
            // A folder is published under this name.
            Err(SpaceError::Conflict(_)) => {}
            outcome => return Ok(outcome.map(|_| slug.to_string())?),
        }
    }
    anyhow::bail!("too many folders are called {MODEL}")
}

async fn publish(space: &Space, slug: &str) -> anyhow::Result<()> {
    for listing in space.publish(&Actor::program(), slug).await? {
        if let Some(error) = listing.error {
            anyhow::bail!("{slug} cannot be published at {}: {error}", listing.marketplace_name);
        }
    }
    Ok(())
}

/// The name of a folder for people, which is its last part.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| "folder".to_owned(), |name| name.to_string_lossy().into_owned())
}
