//! What ingestion writes into: the embedded index, or a server that keeps chunks.

use futures_util::future::BoxFuture;

use crate::space::passage::Change;

/// Keeps the passages of a dataset. Ingestion is the only one that writes into it, one call at a time.
///
/// Every change names its file by a `source` and replaces or removes all chunks of that file, so that doing it again does
/// no harm. Ingestion counts a file as indexed only after the [`commit`](Self::commit) that follows its change; whatever a
/// failure or a crash left uncommitted is applied again.
pub(crate) trait ChunkStore: Send + Sync {
    /// Makes sure that the store can be written to, and tells which contents it has: a text that stays the same as long as
    /// the store keeps what was committed to it, and changes when that is lost or made in another way (a new collection,
    /// another embedding model). Then all files are indexed again. Called before the first change, and again after each
    /// failure.
    fn open(&self) -> BoxFuture<'_, Result<String, StoreAway>>;

    /// Takes changes in order. They need not be searchable before the next commit. Answers those it will never take, such
    /// as a file whose text an embedding model does not accept; their old chunks are gone.
    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Refused>, StoreAway>>;

    /// Makes all changes so far durable and searchable.
    fn commit(&self) -> BoxFuture<'_, Result<(), StoreAway>>;

    /// Called after the last commit of a burst of work: lets go of what is needed to write only.
    fn finish(&self) -> BoxFuture<'_, Result<(), StoreAway>>;
}

/// A file that the store does not take. It fails alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Names the file, as its change did.
    pub(crate) source: String,
    /// One sentence for the owner.
    pub(crate) reason: String,
}

/// The store does not answer, or fails. Ingestion waits and tries again, longer each time.
#[derive(Debug, thiserror::Error)]
#[error("the index cannot be written: {0}")]
pub(crate) struct StoreAway(#[source] pub(crate) Box<dyn std::error::Error + Send + Sync>);
