//! From the file system to the table of jobs, in batches, so that a folder of any size takes the same memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::scan::{Found, Seen};
use super::watch::News;
use super::{IngestError, Shared, store};

/// Rows read or written in one go.
const ROWS: usize = 256;

/// What is found at paths that something happened to.
enum Sight {
    Files {
        files: Vec<Seen>,
        /// The file system named these very files.
        told: bool,
    },
    Gone {
        path: PathBuf,
        below: bool,
    },
}

impl Shared {
    /// Compares everything that is known with everything that is there; answers how many files were queued.
    pub(super) async fn look_at_everything(self: &Arc<Self>) -> Result<u64, IngestError> {
        self.forget_what_is_gone().await?;
        let this = Arc::clone(self);
        self.record(move |out| {
            let mut batch = Batches::new(out, false);
            this.selection.look(&mut |seen| batch.add(seen));
            batch.flush();
        })
        .await
    }

    /// Looks at what the watcher noticed.
    pub(super) async fn look_at(self: &Arc<Self>, news: News) -> Result<(), IngestError> {
        if news.everything {
            return self.look_at_everything().await.map(drop);
        }
        let this = Arc::clone(self);
        let work = move |out: &mpsc::Sender<Sight>| {
            for path in news.paths {
                this.look_at_path(path, out);
            }
        };
        self.record(work).await.map(drop)
    }

    /// Blocks.
    fn look_at_path(&self, path: PathBuf, out: &mpsc::Sender<Sight>) {
        let told = !path.is_dir();
        let mut batch = Batches::new(out, told);
        let found = self.selection.look_at(&path, &mut |seen| batch.add(seen));
        batch.flush();
        let gone = match found {
            // Not there, or not a document (any more); what was below it may still be in the index.
            Found::Nothing => Sight::Gone { path, below: true },
            Found::LostRoot if path.parent().is_some_and(Path::is_dir) => {
                Sight::Gone { path, below: false }
            }
            Found::Something | Found::LostRoot => return,
        };
        // Nobody listens when the ingestion has ended.
        out.blocking_send(gone).ok();
    }

    async fn forget_what_is_gone(self: &Arc<Self>) -> Result<(), IngestError> {
        let (db, limit) = (&self.around.db, i64::try_from(ROWS).unwrap_or(i64::MAX));
        let mut after = String::new();
        loop {
            let page = store::known(db, self.dataset, after, limit).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.clone();
            let this = Arc::clone(self);
            let work = self.around.tasks.spawn_blocking(move || {
                let paths = page.into_iter().map(PathBuf::from);
                paths.filter(|path| this.selection.is_gone(path)).collect()
            });
            store::gone(db, self.dataset, work.await?, false).await?;
        }
    }

    /// Writes into the table what `look` sees, while it looks.
    async fn record(
        &self,
        look: impl FnOnce(&mpsc::Sender<Sight>) + Send + 'static,
    ) -> Result<u64, IngestError> {
        let (out, mut sights) = mpsc::channel(4);
        let work = self.around.tasks.spawn_blocking(move || look(&out));
        let (db, mut queued) = (&self.around.db, 0);
        while let Some(sight) = sights.recv().await {
            let now = self.around.clock.now();
            match sight {
                Sight::Files { files, told } => {
                    queued += store::see(db, self.dataset, files, told, now).await?;
                }
                Sight::Gone { path, below } => {
                    store::gone(db, self.dataset, vec![path], below).await?;
                }
            }
        }
        work.await?;
        Ok(queued)
    }
}

/// Hands files on in batches.
struct Batches<'a> {
    out: &'a mpsc::Sender<Sight>,
    told: bool,
    files: Vec<Seen>,
}

impl<'a> Batches<'a> {
    fn new(out: &'a mpsc::Sender<Sight>, told: bool) -> Self {
        Self { out, told, files: Vec::new() }
    }

    /// Whether more is wanted.
    fn add(&mut self, seen: Seen) -> bool {
        self.files.push(seen);
        self.files.len() < ROWS || self.flush()
    }

    fn flush(&mut self) -> bool {
        let files = std::mem::take(&mut self.files);
        files.is_empty() || self.out.blocking_send(Sight::Files { files, told: self.told }).is_ok()
    }
}
