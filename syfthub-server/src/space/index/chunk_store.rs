//! The embedded index as the store of a dataset's chunks.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{IndexError, PassageIndex, Writer};
use crate::space::embed::{self, Embedded, Embedder};
use crate::space::ingest::{ChunkStore, Refused, StoreAway};
use crate::space::passage::Change;

/// Names the contents of an index. It stands in the index's directory, so it goes when that is made anew.
const CONTENTS_FILE: &str = "contents.id";

/// Embeds passages, and writes them into an index from blocking threads. It holds the index's writer, with its threads and memory, only while there
/// is something to write.
pub(crate) struct IndexStore {
    index: PassageIndex,
    writer: Mutex<Option<Writer>>,
    embedder: Option<Arc<dyn Embedder>>,
    tasks: TaskTracker,
}

impl IndexStore {
    /// Over an index that was opened for the vectors of `embedder`. The space waits for `tasks` when it shuts down, so that
    /// no writer outlives its lock.
    pub(crate) fn new(
        index: PassageIndex,
        embedder: Option<Arc<dyn Embedder>>,
        tasks: TaskTracker,
    ) -> Self {
        Self { index, writer: Mutex::default(), embedder, tasks }
    }

    fn take(&self) -> Option<Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, writer: Writer) {
        *self.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
    }

    /// Runs `work` with the writer, which is opened when there is none. After a failure the writer is gone, and with it all
    /// that was not committed.
    async fn with_writer(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<(), IndexError> + Send + 'static,
    ) -> Result<(), StoreAway> {
        let (writer, index) = (self.take(), self.index.clone());
        let work = self.tasks.spawn_blocking(move || {
            let mut writer = match writer {
                Some(writer) => writer,
                None => index.writer()?,
            };
            work(&mut writer)?;
            Ok::<_, IndexError>(writer)
        });
        let writer = work.await.map_err(away)?.map_err(away)?;
        self.put(writer);
        Ok(())
    }
}

impl ChunkStore for IndexStore {
    fn open(&self) -> BoxFuture<'_, Result<String, StoreAway>> {
        let file = self.index.directory.join(CONTENTS_FILE);
        let work = self.tasks.spawn_blocking(move || contents_id(&file));
        async move {
            let contents = work.await.map_err(away)?.map_err(away)?;
            let model = self.embedder.as_ref().map_or("", |embedder| embedder.identity());
            Ok(format!("{contents} {model}"))
        }
        .boxed()
    }

    fn apply(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<Vec<Refused>, StoreAway>> {
        async move {
            let Embedded { files, refused } = match &self.embedder {
                Some(embedder) => embed::files(&**embedder, changes).await.map_err(away)?,
                None => Embedded::without_vectors(changes),
            };
            let work = move |writer: &mut Writer| {
                files.into_iter().try_for_each(|file| {
                    writer.replace(&file.source, &file.passages, &file.vectors)
                })
            };
            self.with_writer(work).await?;
            Ok(refused.into_iter().map(|(source, reason)| Refused { source, reason }).collect())
        }
        .boxed()
    }

    fn commit(&self) -> BoxFuture<'_, Result<(), StoreAway>> {
        self.with_writer(Writer::commit).boxed()
    }

    fn finish(&self) -> BoxFuture<'_, Result<(), StoreAway>> {
        async move {
            let Some(writer) = self.take() else { return Ok(()) };
            self.tasks.spawn_blocking(move || writer.finish()).await.map_err(away)?.map_err(away)
        }
        .boxed()
    }
}

/// The id in `file`; an index without one is taken for empty and gets a new one.
fn contents_id(file: &Path) -> io::Result<String> {
    match std::fs::read_to_string(file) {
        Ok(id) if !id.is_empty() => Ok(id),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => {
            let id = Uuid::now_v7().to_string();
            std::fs::write(file, &id)?;
            Ok(id)
        }
    }
}

fn away(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreAway {
    StoreAway(error.into())
}
