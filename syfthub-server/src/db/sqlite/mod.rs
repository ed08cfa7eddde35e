//! SQLite: one thread writes, several read, each on a connection of its own.
//!
//! A commit costs a flush of the disk, so the writer commits everything that is waiting at once (group commit) and
//! answers afterwards. Nothing here blocks the async runtime.

mod connection;
#[cfg(test)]
mod inline;
mod job;
mod readers;
#[cfg(test)]
mod tests;
mod writer;

pub(super) use connection::SqliteTx;
#[cfg(test)]
pub(super) use inline::Inline;
#[cfg(test)]
pub(crate) use inline::{Pause, Template};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::changes::Changes;
use super::url::Location;
use super::{DbOptions, Schema, StoreError, Tx};
use job::Pending;
use readers::Readers;
use writer::Writer;

#[derive(Clone)]
pub(super) struct Sqlite {
    writer: Writer,
    /// None in memory, where there is one connection and the writer's thread serves reads too.
    readers: Option<Readers>,
}

impl Sqlite {
    pub(super) async fn open(
        location: &Location,
        schema: Schema,
        options: DbOptions,
        changes: Changes,
    ) -> Result<Self, StoreError> {
        let (ready, opened) = oneshot::channel();
        let writer = Writer::start(location.clone(), schema.on_sqlite()?, changes, &options, ready);
        opened
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("its thread ended".to_owned())))?;
        let readers = match location {
            Location::File(path) => Some(Readers::start(path.clone(), &options)),
            Location::Memory => None,
        };
        Ok(Self { writer, readers })
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = Pending::new(work);
        self.writer.submit(job).await?;
        job::outcome(answer).await
    }

    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Some(readers) = &self.readers else { return self.write(work).await };
        let (job, answer) = Pending::new(work);
        let _turn = readers.submit(job).await?;
        job::outcome(answer).await
    }

    pub(super) async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close();
        }
        self.writer.close().await;
    }
}
