//! Who asks the nodes without an aggregator: three sources at once, then the model.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::ensure;
use serde_json::json;

use crate::load::{Connection, post};

/// Connections to the nodes of one chat at a time.
pub(super) struct Caller {
    sources: [Connection; 3],
    model: Connection,
}

impl Caller {
    pub(super) async fn open(nodes: SocketAddr) -> anyhow::Result<Self> {
        let open = || Connection::open(nodes);
        Ok(Self { sources: [open().await?, open().await?, open().await?], model: open().await? })
    }

    /// One chat; when its first token came, and its end.
    pub(super) async fn chat(&mut self, mark: &str) -> anyhow::Result<[Instant; 2]> {
        let text = format!("What is {mark}");
        let body = json!({"messages": text, "limit": 5, "similarity_threshold": 0.5, "include_metadata": true});
        let asked: Vec<Vec<u8>> = (0..3)
            .map(|n| post(&format!("/api/v1/endpoints/source-{n}/query"), None, &body))
            .collect();
        let [one, two, three] = &mut self.sources;
        let statuses = tokio::try_join!(
            one.exchange(&asked[0]),
            two.exchange(&asked[1]),
            three.exchange(&asked[2])
        )?;
        ensure!(statuses == (200, 200, 200), "the sources answered {statuses:?}");
        let body = json!({"messages": [{"role": "user", "content": text}], "stream": true, "max_tokens": 1024});
        let request = post("/api/v1/endpoints/model/query", None, &body);
        self.model.stream(&request, [b"word0 ", b"[DONE]"]).await
    }
}
