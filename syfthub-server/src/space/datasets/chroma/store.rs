//! The collection of a dataset, and writing into it.
//!
//! The vector of a file's n-th passage has the id `{file}:{n}`, so that writing a file again writes the same vectors again;
//! those beyond its last passage go. The passage itself stands in the metadata as JSON, beside what filters compare.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use super::server::{ChromaError, Server};
use crate::space::embed::{self, Embedded, EmbeddedFile, Embedder};
use crate::space::ingest::{ChunkStore, Refused, StoreAway};
use crate::space::passage::{Change, Passage};

/// Where a passage's file, its place in it, and the passage itself stand in the metadata of its vector.
const SOURCE: &str = "syfthub_source";
const PLACE: &str = "syfthub_place";
pub(super) const PASSAGE: &str = "syfthub_passage";

/// Where a collection says which model made its vectors.
const MODEL: &str = "syfthub_embedding";

/// A dataset's collection on a server.
pub(super) struct Collection {
    pub(super) server: Server,
    /// Which model makes the vectors.
    model: String,
    /// The collection's id, once it is known.
    id: Mutex<Option<String>>,
}

impl Collection {
    /// The collection of vectors that `model` makes; nothing is asked of the server yet.
    pub(super) fn new(server: Server, model: &str) -> Self {
        Self { server, model: model.to_owned(), id: Mutex::default() }
    }

    /// The id of the collection, which is made when there is none. One with another model's vectors is made anew.
    pub(super) async fn open(&self) -> Result<String, ChromaError> {
        let mut known = self.id.lock().await;
        *known = None;
        let wanted = json!({
            "name": self.server.name(),
            "get_or_create": true,
            "configuration": {"hnsw": {"space": "cosine"}},
            "metadata": {MODEL: self.model},
        });
        let make = || self.server.collections(Method::POST, "", Some(wanted.clone()));
        let mut found = make().await?;
        if found["metadata"][MODEL] != *self.model {
            self.server.remove().await?;
            found = make().await?;
        }
        let id = found["id"].as_str().ok_or(ChromaError::Unreadable)?.to_owned();
        *known = Some(id.clone());
        Ok(id)
    }

    /// Calls an operation of the collection. One that is not there any more is looked for anew by the next call.
    pub(super) async fn call(&self, operation: &str, body: Value) -> Result<Value, ChromaError> {
        let id = self.known().await?;
        let path = format!("{id}/{operation}");
        let answer = self.server.collections(Method::POST, &path, Some(body)).await;
        if matches!(answer, Err(ChromaError::Missing(_))) {
            *self.id.lock().await = None;
        }
        answer
    }

    /// The id, looked up when it is not known. A search makes no collection: a server without one has lost it.
    async fn known(&self) -> Result<String, ChromaError> {
        let mut known = self.id.lock().await;
        if let Some(id) = &*known {
            return Ok(id.clone());
        }
        let found = self.server.collections(Method::GET, self.server.name(), None).await?;
        let id = found["id"].as_str().ok_or(ChromaError::Unreadable)?.to_owned();
        *known = Some(id.clone());
        Ok(id)
    }

    async fn replace(&self, file: &EmbeddedFile, batch: usize) -> Result<(), ChromaError> {
        let EmbeddedFile { source, passages, vectors } = file;
        for (passages, vectors) in passages.chunks(batch).zip(vectors.chunks(batch)) {
            let ids: Vec<String> =
                passages.iter().map(|passage| id(source, passage.chunk_index)).collect();
            let texts: Vec<&str> = passages.iter().map(|passage| passage.text.as_str()).collect();
            let metadata: Vec<Map<String, Value>> =
                passages.iter().map(|passage| metadata(source, passage)).collect();
            let body = json!({
                "ids": ids, "embeddings": vectors, "documents": texts, "metadatas": metadata,
            });
            self.call("upsert", body).await?;
        }
        let beyond = json!({"$and": [{SOURCE: source}, {PLACE: {"$gte": passages.len()}}]});
        self.call("delete", json!({"where": beyond})).await.map(drop)
    }
}

/// The id of the vector of a file's passage.
pub(super) fn id(source: &str, place: u64) -> String {
    format!("{source}:{place}")
}

/// The file that a vector belongs to.
pub(super) fn source(metadata: &Value) -> Option<&str> {
    metadata[SOURCE].as_str()
}

/// What stands beside a vector: what is known of the passage as far as Chroma can compare it, and the passage.
fn metadata(source: &str, passage: &Passage) -> Map<String, Value> {
    let mut metadata = passage.facts();
    metadata.retain(|_, value| value.is_string() || value.is_number() || value.is_boolean());
    metadata.insert(SOURCE.to_owned(), source.into());
    metadata.insert(PLACE.to_owned(), passage.chunk_index.into());
    let whole = serde_json::to_string(&Passage { text: String::new(), ..passage.clone() });
    metadata.insert(PASSAGE.to_owned(), whole.expect("a passage is JSON").into());
    metadata
}

/// What ingestion writes into.
pub(super) struct Store {
    collection: Arc<Collection>,
    embedder: Arc<dyn Embedder>,
}

impl Store {
    pub(super) fn new(collection: Arc<Collection>, embedder: Arc<dyn Embedder>) -> Self {
        Self { collection, embedder }
    }
}

impl ChunkStore for Store {
    /// The collection's id and its model: another id means that the vectors are gone.
    fn open(&self) -> BoxFuture<'_, Result<String, StoreAway>> {
        async move {
            let id = self.collection.open().await.map_err(away)?;
            Ok(format!("{id} {}", self.embedder.identity()))
        }
        .boxed()
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Refused>, StoreAway>> {
        async move {
            let batch = self.collection.server.batch_size().await.map_err(away)?;
            let embedded = embed::files(&*self.embedder, changes).await;
            let Embedded { files, refused } = embedded.map_err(away)?;
            for file in &files {
                self.collection.replace(file, batch).await.map_err(away)?;
            }
            Ok(refused.into_iter().map(|(source, reason)| Refused { source, reason }).collect())
        }
        .boxed()
    }

    /// The server answers a write after it is durable.
    fn commit(&self) -> BoxFuture<'_, Result<(), StoreAway>> {
        std::future::ready(Ok(())).boxed()
    }

    fn finish(&self) -> BoxFuture<'_, Result<(), StoreAway>> {
        std::future::ready(Ok(())).boxed()
    }
}

fn away(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreAway {
    StoreAway(error.into())
}
