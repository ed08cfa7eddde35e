//! The aggregator by itself: what it adds to a chat, how fast it forwards, and what an open stream costs.
//!
//! Reading order: `model` (what is streamed), `caller` and `relay` and `litellm` (what ours is held against), then one file
//! for each group of rows: `overhead`, `forward`, `gateway` and `open`.

mod caller;
mod forward;
mod gateway;
mod litellm;
mod model;
mod open;
mod overhead;
mod relay;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::fixtures::{self, Notes};
use crate::hub::HubServer;
use crate::load::post;
use crate::measure::Effort;
use crate::report::Section;

pub(crate) use relay::Relay;

/// Open files that the client and the nodes of the largest measurement need, with some to spare.
const FILES: u64 = 16_000;

/// How much is measured.
pub(crate) struct Extent {
    /// The loads.
    pub(crate) effort: Effort,
    /// The `litellm` program; without it ours is not compared to another gateway.
    pub(crate) litellm: Option<PathBuf>,
}

/// The nodes that every chat of this part asks, and what they note.
#[derive(Clone)]
struct Nodes {
    notes: Notes,
    /// Where the sources listen, and the model of the chats over them.
    federation: SocketAddr,
    /// Where the model of bare streams listens.
    model: SocketAddr,
}

impl Nodes {
    async fn start() -> anyhow::Result<Self> {
        let notes = Notes::default();
        let federation = fixtures::start(notes.clone()).await?;
        let model = model::start(notes.clone()).await?;
        Ok(Self { notes, federation, model })
    }

    /// A chat over three sources.
    fn chat(&self, mark: &str) -> Vec<u8> {
        let sources: Vec<Value> =
            (0..3).map(|n| endpoint(self.federation, &format!("source-{n}"))).collect();
        question(mark, &endpoint(self.federation, "model"), &sources)
    }

    /// A question to the model `slug` alone.
    fn bare(&self, mark: &str, slug: &str) -> Vec<u8> {
        question(mark, &endpoint(self.model, slug), &[])
    }
}

fn endpoint(address: SocketAddr, slug: &str) -> Value {
    json!({"url": format!("http://{address}"), "slug": slug, "name": slug, "tenant_name": null, "owner_username": "ada"})
}

fn question(mark: &str, model: &Value, sources: &[Value]) -> Vec<u8> {
    let body = json!({"prompt": format!("What is {mark}"), "model": model, "data_sources": sources, "stream": true});
    post("/aggregator/api/v1/chat/stream", None, &body)
}

/// Measures `program`, the server, with what it keeps below `folder`.
pub(crate) async fn measure(
    program: &Path,
    folder: &Path,
    extent: &Extent,
) -> anyhow::Result<Vec<Section>> {
    std::fs::create_dir(folder)?;
    allow_files(FILES)?;
    let nodes = Nodes::start().await?;
    let server = HubServer::aggregator(program, folder)?;
    let mut rows = overhead::measure(&server, &nodes).await?;
    rows.extend(forward::measure(&server, &nodes, extent.effort).await?);
    server.stop()?;
    let mut sections = vec![Section::of_rows("The aggregator by itself", rows)];
    if let Some(litellm) = &extent.litellm {
        let server = HubServer::aggregator(program, folder)?;
        let rows = gateway::measure(&server, &nodes, litellm, folder, extent.effort).await?;
        server.stop()?;
        sections.push(Section::of_rows("The aggregator against the `litellm` proxy", rows));
    }
    Ok(sections)
}

/// Measures what open streams cost `program`, the server, under a soak as long as `soak`; none when zero.
pub(crate) async fn open_streams(
    program: &Path,
    folder: &Path,
    soak: Duration,
) -> anyhow::Result<Section> {
    std::fs::create_dir(folder)?;
    allow_files(FILES)?;
    let nodes = Nodes::start().await?;
    let server = HubServer::aggregator(program, folder)?;
    let rows = open::measure(&server, &nodes, soak).await?;
    server.stop()?;
    Ok(Section::of_rows("The aggregator with many open streams", rows))
}

/// Lets this process, and those it starts, have as many files open as `files`.
fn allow_files(files: u64) -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= files) {
        return Ok(());
    }
    ensure!(
        limit.maximum.is_none_or(|most| most >= files),
        "{files} open files are needed, and `ulimit -Hn` allows {:?}",
        limit.maximum
    );
    let wanted = Rlimit { current: Some(files), maximum: limit.maximum };
    setrlimit(Resource::Nofile, wanted).context("raise the number of open files")
}
