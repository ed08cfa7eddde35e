//! A dataset over files of this machine and the embedded index: what `local_file` is, and whatever turns its sources into
//! files first.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{Dataset, Found, OpenError, Search, SearchError, Wanted};
use crate::space::embed::{Provider, Questions};
use crate::space::index::{Asked, Hit, IndexStore, Meaning, Neighbour, PassageIndex};
use crate::space::ingest::{Ingestion, Selection};

/// What passages are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum SearchBy {
    /// Words, and meaning where passages are embedded.
    #[default]
    Both,
    /// Words alone: passages are not embedded.
    Words,
    /// Meaning alone, as long as the embedder answers.
    Meaning,
}

impl SearchBy {
    /// Its names in a configuration.
    pub(super) const NAMES: [&str; 3] = ["both", "words", "meaning"];
    const ALL: [Self; 3] = [Self::Both, Self::Words, Self::Meaning];

    /// The one of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// The index, what fills it, and what turns questions into vectors for it.
pub(super) struct Indexed {
    engine: &'static str,
    index: PassageIndex,
    ingestion: Ingestion,
    questions: Option<Questions>,
    by: SearchBy,
}

impl Indexed {
    /// Opens the index of the wanted dataset, and begins to keep it equal to the files of `selection`. With a `provider`
    /// its passages are embedded; another model than before embeds them all again.
    pub(super) async fn open(
        engine: &'static str,
        wanted: &Wanted<'_>,
        selection: Selection,
        provider: Option<&Provider>,
        by: SearchBy,
    ) -> Result<Self, OpenError> {
        let embedder = match provider.filter(|_| by != SearchBy::Words) {
            Some(provider) => Some(provider.open().await?),
            None => None,
        };
        let directory = wanted.state.index(wanted.id);
        let identity = embedder.as_ref().map(|embedder| embedder.identity().to_owned());
        let opened = tokio::task::spawn_blocking(move || {
            PassageIndex::open(&directory, identity.as_deref())
        });
        let index = opened.await??;
        let around = wanted.around.clone();
        let store = IndexStore::new(index.clone(), embedder.clone(), around.tasks.clone());
        let store = Arc::new(store);
        let ingestion = Ingestion::open(wanted.id, wanted.name, selection, store, around).await?;
        Ok(Self { engine, index, ingestion, questions: embedder.map(Questions::new), by })
    }

    async fn meaning(&self, question: &str) -> Option<Meaning> {
        let (vector, scale) = self.questions.as_ref()?.meaning(question).await?;
        Some(Meaning { vector: vector.to_vec(), scale })
    }
}

impl Dataset for Indexed {
    fn engine(&self) -> &'static str {
        self.engine
    }

    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Found>, SearchError>> {
        async move {
            let meaning = self.meaning(&search.question).await;
            // An embedder that is away costs the half of the search that needs it, and results say so.
            let mode = self.questions.as_ref().map(|_| match meaning {
                Some(_) => self.by.name(),
                None => SearchBy::Words.name(),
            });
            #[expect(clippy::cast_possible_truncation, reason = "a threshold between 0 and 1")]
            let asked = Asked {
                question: search.question,
                meaning,
                by_words: self.by != SearchBy::Meaning,
                limit: search.limit,
                threshold: search.threshold as f32,
                filters: search.filters,
            };
            let index = self.index.clone();
            let hits = tokio::task::spawn_blocking(move || index.search(&asked)).await;
            let hits = hits.map_err(|error| SearchError(error.into()))?;
            let hits = hits.map_err(|error| SearchError(error.into()))?;
            Ok(hits.into_iter().map(|hit| found(hit, mode)).collect())
        }
        .boxed()
    }

    fn ingestion(&self) -> Option<&Ingestion> {
        Some(&self.ingestion)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.ingestion.close())
    }
}

/// A hit as results show it (contract space 3.3).
fn found(hit: Hit, mode: Option<&'static str>) -> Found {
    let mut metadata = hit.passage.facts();
    let mut beside = |id: &str, context: &str, neighbour: Option<Neighbour>| {
        let Some(neighbour) = neighbour else { return };
        metadata.insert(id.to_owned(), neighbour.id.into());
        if let Some(text) = neighbour.text {
            metadata.insert(context.to_owned(), text.into());
        }
    };
    beside("prev_chunk_id", "prev_context", hit.previous);
    beside("next_chunk_id", "next_context", hit.next);
    if let Some(mode) = mode {
        metadata.insert("search_mode".to_owned(), Value::from(mode));
    }
    Found { id: hit.passage.id, text: hit.passage.text, score: f64::from(hit.score), metadata }
}
