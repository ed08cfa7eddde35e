//! Notices what happens to the files of a dataset, and collects it until the ingestion has time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::Notify;

/// More changed paths than this are not worth telling apart: everything is looked at again.
const MOST_PATHS: usize = 4096;

/// What happened since the last look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Paths to which something happened.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Whether anything may have happened anywhere.
    pub(super) everything: bool,
}

/// Watches files, and wakes the ingestion.
pub(super) struct Watcher {
    inbox: Arc<Inbox>,
    complete: bool,
    /// Watches until it is dropped.
    _debouncer: Option<Debouncer<RecommendedWatcher, RecommendedCache>>,
}

#[derive(Default)]
struct Inbox {
    news: Mutex<News>,
    wake: Notify,
}

impl Watcher {
    /// Watches `roots`. One that the system cannot watch (no more watches, gone away) is read at start only, and the log
    /// says so.
    pub(super) fn start(roots: &[PathBuf], debounce: Duration) -> Self {
        let inbox = Arc::new(Inbox::default());
        let handler = {
            let inbox = Arc::clone(&inbox);
            move |result| inbox.take(result)
        };
        let unwatched = |error: notify_debouncer_full::notify::Error| {
            tracing::warn!(%error, "files are not watched; changes are seen at the next start");
        };
        let mut debouncer = new_debouncer(debounce, None, handler).map_err(unwatched).ok();
        let mut complete = debouncer.is_some();
        for root in roots {
            if let Some(debouncer) = &mut debouncer {
                complete &= watch(debouncer, root).map_err(unwatched).is_ok();
            }
        }
        Self { inbox, complete, _debouncer: debouncer }
    }

    /// Whether changes are noticed everywhere.
    pub(super) fn is_active(&self) -> bool {
        self.complete
    }

    /// Ends the wait of the ingestion, although nothing happened to a file.
    pub(super) fn wake(&self) {
        self.inbox.wake.notify_one();
    }

    /// Completes when something happened, or [`wake`](Self::wake) was called, since the last time.
    pub(super) async fn changed(&self) {
        self.inbox.wake.notified().await;
    }

    /// Takes what happened.
    pub(super) fn news(&self) -> News {
        std::mem::take(&mut *self.inbox.lock())
    }
}

/// A single file is watched through its folder, since editors replace files rather than change them.
fn watch(
    debouncer: &mut Debouncer<RecommendedWatcher, RecommendedCache>,
    root: &Path,
) -> notify_debouncer_full::notify::Result<()> {
    match root.parent().filter(|_| root.is_file()) {
        Some(folder) => debouncer.watch(folder, RecursiveMode::NonRecursive),
        None => debouncer.watch(root, RecursiveMode::Recursive),
    }
}

impl Inbox {
    fn lock(&self) -> std::sync::MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, result: DebounceEventResult) {
        let mut news = self.lock();
        match result {
            Ok(events) => {
                for event in events {
                    news.everything |= event.need_rescan();
                    if !matches!(event.kind, EventKind::Access(_)) {
                        news.paths.extend(event.paths.iter().cloned());
                    }
                }
            }
            Err(errors) => {
                tracing::warn!(?errors, "watching files failed; looking at all of them");
                news.everything = true;
            }
        }
        if news.paths.len() > MOST_PATHS {
            news.everything = true;
        }
        let anything = news.everything || !news.paths.is_empty();
        drop(news);
        if anything {
            self.wake.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_a_changed_and_a_deleted_file_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let watcher = Watcher::start(std::slice::from_ref(&root), Duration::from_millis(10));
        assert!(watcher.is_active());
        let file = root.join("a.md");
        for step in 0..3 {
            match step {
                0 | 1 => std::fs::write(&file, step.to_string()).unwrap(),
                _ => std::fs::remove_file(&file).unwrap(),
            }
            loop {
                watcher.changed().await;
                if watcher.news().paths.contains(&file) {
                    break;
                }
            }
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_watched_is_reported_and_costs_the_others_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let roots = [PathBuf::from("/does/not/exist"), folder.path().canonicalize().unwrap()];
        let watcher = Watcher::start(&roots, Duration::from_millis(10));
        assert!(!watcher.is_active());
        std::fs::write(roots[1].join("a.md"), "x").unwrap();
        watcher.changed().await;
        assert!(watcher.news().paths.contains(&roots[1].join("a.md")));
    }
}
