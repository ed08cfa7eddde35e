//! The table of jobs: the queue of ingestion, and its memory. All SQL of ingestion stands here.
//!
//! A row is one file of a dataset. Its life, beside contract space 4.1: whatever is seen of the file meanwhile, a row that is
//! `in_progress` stays so until its work has ended, so that no two workers ever hold the same file; a raised `generation`
//! tells the ending that it came too late, and puts the row back into the queue.

mod listing;
mod queue;
mod seen;
mod states;

pub(crate) use listing::{Counts, Job, count_of, counts, list};
pub(super) use queue::{
    Claim, Ending, cancel, cancel_all, claim, end, next_due, release, resume_cancelled,
    retry_failed,
};
pub(super) use seen::{gone, known, see};
pub(super) use states::{hold, is_stopped, note_cancel, set_stopped};
