//! Datasets: what is searched. Adding a type is one file here and one line in [`TYPES`].

mod chroma;
mod http;
mod indexed;
mod local_file;
mod remote_weaviate;
mod sources;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::{Map, Value};
use syfthub_core::wire::filter::Filter;

use super::ids::DatasetId;
use super::ingest::{IngestError, Ingestion, Selection, Surroundings};
use super::kind::{BadConfiguration, TypeInfo};
use super::provision::Provisioners;
use super::state::StateDir;
use crate::outbound::Allowed;

/// Every type of dataset.
pub(crate) const TYPES: &[&dyn DatasetType] =
    &[&chroma::Chroma, &http::Http, &local_file::LocalFile, &remote_weaviate::RemoteWeaviate];

/// A type of dataset.
pub(crate) trait DatasetType: Sync {
    /// What it is, and how it is configured.
    fn info(&self) -> TypeInfo;

    /// The properties that say how its store is reached; a provisioned store fills them in.
    fn connection_fields(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether its datasets are kept in the embedded index.
    fn is_embedded(&self) -> bool {
        false
    }

    /// Whether a dataset of this configuration needs the server that the space runs for the type.
    fn is_provisioned(&self, _configuration: &Map<String, Value>) -> bool {
        false
    }

    /// What the registry tells of it.
    fn described(&self) -> DatasetTypeInfo {
        DatasetTypeInfo { info: self.info(), connection_fields: self.connection_fields() }
    }

    /// Checks a new configuration against the world and writes it out in full. Blocks.
    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration>;

    /// The files that a dataset of this settled configuration reads; `None` when the type reads no files.
    fn selection(
        &self,
        _configuration: &Map<String, Value>,
    ) -> Result<Option<Selection>, BadConfiguration> {
        Ok(None)
    }

    /// Makes the dataset ready to be searched, from a configuration that was settled before.
    fn open<'a>(&'a self, wanted: Wanted<'a>)
    -> BoxFuture<'a, Result<Arc<dyn Dataset>, OpenError>>;
}

/// A type of dataset as its registry tells of it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct DatasetTypeInfo {
    /// What every type tells.
    #[serde(flatten)]
    pub(crate) info: TypeInfo,
    /// The properties that say how its store is reached.
    pub(crate) connection_fields: &'static [&'static str],
}

/// The type called `dtype`.
pub(crate) fn find(dtype: &str) -> Option<&'static dyn DatasetType> {
    TYPES.iter().copied().find(|kind| kind.info().name == dtype)
}

/// Which dataset to open, and with what.
pub(crate) struct Wanted<'a> {
    pub(crate) id: DatasetId,
    pub(crate) name: &'a str,
    pub(crate) configuration: &'a Map<String, Value>,
    pub(crate) state: &'a StateDir,
    pub(crate) around: &'a Surroundings,
    pub(crate) provisioners: &'a Provisioners,
    /// Networks and hosts inside that the operator opened.
    pub(crate) outbound_allow: &'a [Allowed],
}

/// Why a dataset cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OpenError {
    #[error(transparent)]
    Configuration(#[from] BadConfiguration),
    #[error(transparent)]
    Index(#[from] super::index::IndexError),
    #[error(transparent)]
    Ingest(#[from] IngestError),
    #[error("a worker broke: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

/// What to search for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Search {
    pub(crate) question: String,
    pub(crate) limit: usize,
    pub(crate) threshold: f64,
    /// What a passage has to be, beside answering; applied before the best are picked.
    pub(crate) filters: Option<Filter>,
}

/// A passage that was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) text: String,
    /// 0 to 1; the type says what it means.
    pub(crate) score: f64,
    pub(crate) metadata: Map<String, Value>,
}

/// The store behind a dataset does not answer. Callers see that, never an empty result.
#[derive(Debug, thiserror::Error)]
#[error("the dataset cannot be searched")]
pub(crate) struct SearchError(#[source] pub(crate) Box<dyn std::error::Error + Send + Sync>);

/// What is searched.
pub(crate) trait Dataset: Send + Sync {
    /// What answers name as the search engine: the type.
    fn engine(&self) -> &'static str;

    /// The passages that answer best, best first.
    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Found>, SearchError>>;

    /// How its files get into it, when it reads files.
    fn ingestion(&self) -> Option<&Ingestion>;

    /// Whether its store would answer. One inside the space does while it is open.
    fn check(&self) -> BoxFuture<'_, Result<(), SearchError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Ends what it does by itself. It can be opened anew when this returns.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// Removes from a store elsewhere what was put there for this dataset, which is about to be removed itself.
    fn discard(&self) -> BoxFuture<'_, Result<(), SearchError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
