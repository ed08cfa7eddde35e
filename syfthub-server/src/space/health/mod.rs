//! Whether datasets and models would answer. What a check found is kept for a while and shared by all who ask meanwhile, so
//! that asking often costs their servers nothing.

pub(super) mod routes;

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use syfthub_core::Timestamp;

use super::datasets::SearchError;
use super::ids::{DatasetId, ModelId};
use super::node::Space;

/// Answers that are kept.
const MOST: u64 = 10_000;

/// What can be asked how it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Dataset(DatasetId),
    Model(ModelId),
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Whether it would answer.
    pub(crate) healthy: bool,
    /// Why not; for the owner alone, since it may quote a provider.
    pub(crate) reason: Option<String>,
    /// When it was asked.
    pub(crate) at: Timestamp,
}

impl Checked {
    /// The word on the wire.
    pub(crate) fn word(&self) -> &'static str {
        if self.healthy { "healthy" } else { "unhealthy" }
    }
}

/// What checks found lately; clones share it.
#[derive(Clone)]
pub(crate) struct Checks {
    found: Cache<Part, Arc<Checked>>,
    timeout: Duration,
}

impl Checks {
    /// Findings count for `max_age`; a check that takes longer than `timeout` found nothing well.
    pub(crate) fn new(max_age: Duration, timeout: Duration) -> Self {
        let found = Cache::builder().max_capacity(MOST).time_to_live(max_age).build();
        Self { found, timeout }
    }
}

impl Space {
    /// How the dataset is.
    pub(crate) async fn dataset_health(&self, id: DatasetId) -> Arc<Checked> {
        let check = async {
            let dataset = self.dataset(id).ok_or_else(not_open)?;
            dataset.check().await.map_err(|SearchError(cause)| cause.to_string())
        };
        self.checked(Part::Dataset(id), check).await
    }

    /// How the model is.
    pub(crate) async fn model_health(&self, id: ModelId) -> Arc<Checked> {
        let check = async {
            let model = self.model(id).ok_or_else(not_open)?;
            model.check().await.map_err(|error| error.to_string())
        };
        self.checked(Part::Model(id), check).await
    }

    async fn checked(
        &self,
        part: Part,
        check: impl Future<Output = Result<(), String>>,
    ) -> Arc<Checked> {
        let at = self.clock.now();
        let finding = async {
            let outcome = tokio::time::timeout(self.checks.timeout, check).await;
            let reason = match outcome {
                Ok(Ok(())) => None,
                Ok(Err(reason)) => Some(reason),
                Err(_) => Some("it took too long to say".to_owned()),
            };
            Arc::new(Checked { healthy: reason.is_none(), reason, at })
        };
        self.checks.found.get_with(part, finding).await
    }
}

fn not_open() -> String {
    "it could not be opened; the log says why".to_owned()
}
