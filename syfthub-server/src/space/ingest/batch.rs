//! Work that is done but not committed yet.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::store::{Claim, Ending};
use crate::space::passage::{Change, Passage};

/// Files per commit: a commit costs some flushes, and a crash repeats at most this many files.
const FILES: usize = 256;

/// Text per commit, in bytes.
const TEXT: usize = 32 << 20;

/// Files, and bytes of text, that are handed to the store in one go.
const HANDFUL: usize = 16;
const HANDFUL_TEXT: usize = 4 << 20;

/// How long a finished file waits at most for others before it becomes searchable.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of a claimed file.
pub(super) struct Outcome {
    pub(super) claim: Claim,
    /// What the store has to do for it.
    pub(super) change: Option<Change>,
    pub(super) ending: Ending,
}

/// Finished files on their way through the store.
#[derive(Default)]
pub(super) struct Batch {
    changes: Vec<Change>,
    waiting_text: usize,
    text: usize,
    endings: Vec<(Claim, Ending)>,
    since: Option<Instant>,
}

impl Batch {
    /// Adds a finished file.
    pub(super) fn add(&mut self, Outcome { claim, change, ending }: Outcome) {
        self.since.get_or_insert_with(Instant::now);
        if let Some(change) = change {
            let size = text_of(&change);
            self.waiting_text += size;
            self.text += size;
            self.changes.push(change);
        }
        self.endings.push((claim, ending));
    }

    /// Whether the store should take what there is.
    pub(super) fn is_handful(&self) -> bool {
        self.changes.len() >= HANDFUL || self.waiting_text >= HANDFUL_TEXT
    }

    /// Takes the changes that the store has not seen.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        self.waiting_text = 0;
        std::mem::take(&mut self.changes)
    }

    /// Makes files fail that the store does not take.
    pub(super) fn refuse(&mut self, refused: Vec<super::Refused>) {
        let mut reasons: HashMap<String, String> =
            refused.into_iter().map(|one| (one.source, one.reason)).collect();
        if reasons.is_empty() {
            return;
        }
        for (claim, ending) in &mut self.endings {
            if let Some(reason) = reasons.remove(&claim.id.to_string()) {
                *ending = Ending::Failed { reason };
            }
        }
    }

    /// When it has to be committed, however small it is.
    pub(super) fn due(&self) -> Option<Instant> {
        self.since.map(|since| since + PATIENCE)
    }

    /// Whether it is time to commit.
    pub(super) fn is_due(&self) -> bool {
        self.endings.len() >= FILES
            || self.text >= TEXT
            || self.due().is_some_and(|due| due <= Instant::now())
    }

    /// Whether there is nothing to commit.
    pub(super) fn is_empty(&self) -> bool {
        self.endings.is_empty()
    }

    /// The endings, which count after the commit.
    pub(super) fn into_endings(self) -> Vec<(Claim, Ending)> {
        self.endings
    }
}

fn text_of(change: &Change) -> usize {
    match change {
        Change::Replace { passages, .. } => {
            passages.iter().map(|Passage { text, .. }| text.len()).sum()
        }
        Change::Remove { .. } => 0,
    }
}
