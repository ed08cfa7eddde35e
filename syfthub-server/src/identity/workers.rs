//! The threads that hash passwords: few, patient, and last in line for the processor.
//!
//! A flood of sign-ins must not slow down anything else. So hashing has threads of its own, as many as there are cores,
//! which the system runs when no other thread of the process wants to (where it knows priorities of threads). Callers wait
//! for them in order, a bounded number of them; the next one is told when to come back. Memory for a hash belongs to its
//! thread, which keeps it for those who wait and gives it back when nobody does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::Block;
use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::http::ApiError;

/// What a hash takes until one was timed.
const FIRST_GUESS: Duration = Duration::from_millis(25);

/// More callers wait than may. On the wire: 503, shape E1, `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub(crate) struct Busy {
    retry_after: Duration,
}

impl From<Busy> for ApiError {
    fn from(busy: Busy) -> Self {
        let detail = "Too many sign-ins at the same time, try again in a moment";
        Self::later(StatusCode::SERVICE_UNAVAILABLE, detail, busy.retry_after)
    }
}

type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// The threads and the queue before them. They end when this is dropped.
pub(super) struct Workers {
    turns: Arc<Semaphore>,
    threads: usize,
    jobs: Sender<Job>,
    shared: Arc<Queue>,
    longest: usize,
}

/// What callers and threads know of each other.
struct Queue {
    waiting: AtomicUsize,
    /// What the latest hash took, in microseconds.
    took: AtomicU64,
}

/// A thread that is free for one job.
pub(super) struct Turn<'w> {
    workers: &'w Workers,
    permit: OwnedSemaphorePermit,
    waited: bool,
}

impl Workers {
    /// Starts `threads` threads, for which at most `longest` callers wait.
    ///
    /// # Panics
    /// When the system has no thread left.
    pub(super) fn start(threads: usize, longest: usize) -> Self {
        let threads = threads.max(1);
        let (jobs, inbox) = mpsc::channel();
        let inbox = Arc::new(Mutex::new(inbox));
        let took = AtomicU64::new(micros(FIRST_GUESS));
        let shared = Arc::new(Queue { waiting: AtomicUsize::new(0), took });
        for _ in 0..threads {
            let (inbox, shared) = (Arc::clone(&inbox), Arc::clone(&shared));
            std::thread::Builder::new()
                .name("passwords".to_owned())
                .spawn(move || work(&inbox, &shared))
                .expect("the system has threads");
        }
        metrics::gauge!("password_queue_length").set(0.0);
        metrics::counter!("password_queue_refusals_total").increment(0);
        Self { turns: Arc::new(Semaphore::new(threads)), threads, jobs, shared, longest }
    }

    /// Waits for a thread, after those who came before.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, Busy> {
        if let Ok(permit) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(Turn { workers: self, permit, waited: false });
        }
        let _place = self.queue_up()?;
        let permit = Arc::clone(&self.turns).acquire_owned().await;
        let permit = permit.expect("the semaphore is never closed");
        Ok(Turn { workers: self, permit, waited: true })
    }

    fn queue_up(&self) -> Result<Place<'_>, Busy> {
        let before = self.shared.waiting.fetch_add(1, Ordering::SeqCst);
        // Counted from here on, also when the caller goes away.
        let place = Place(&self.shared);
        place.show();
        if before < self.longest {
            return Ok(place);
        }
        metrics::counter!("password_queue_refusals_total").increment(1);
        let took = Duration::from_micros(self.shared.took.load(Ordering::Relaxed));
        let rounds = u32::try_from(before / self.threads + 1).unwrap_or(u32::MAX);
        Err(Busy { retry_after: took.saturating_mul(rounds).min(Duration::from_mins(1)) })
    }
}

impl Turn<'_> {
    /// Whether others had to be let go first.
    pub(super) fn has_waited(&self) -> bool {
        self.waited
    }

    /// Does `job` on the thread. A caller who goes away does not free the thread early.
    pub(super) async fn run<T, F>(self, job: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    {
        let Self { workers, permit, .. } = self;
        let (answer, result) = oneshot::channel();
        let job = move |memory: &mut Vec<Block>| {
            // An error means that the caller has gone.
            answer.send(job(memory)).ok();
            drop(permit);
        };
        workers.jobs.send(Box::new(job)).expect("the threads live as long as this");
        result.await.expect("hashing does not panic")
    }
}

/// One caller in the queue.
struct Place<'q>(&'q Queue);

impl Place<'_> {
    #[expect(clippy::cast_precision_loss, reason = "nobody waits behind 2^52 others")]
    fn show(&self) {
        let waiting = self.0.waiting.load(Ordering::Relaxed);
        metrics::gauge!("password_queue_length").set(waiting as f64);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        self.show();
    }
}

fn work(inbox: &Mutex<Receiver<Job>>, shared: &Queue) {
    step_back();
    let mut memory = Vec::new();
    loop {
        let next = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        // Nobody is left who could send a job.
        let Ok(job) = next else { return };
        let begun = Instant::now();
        // Its caller hears of a panic by getting no answer; the thread goes on.
        catch_unwind(AssertUnwindSafe(|| job(&mut memory))).ok();
        shared.took.store(micros(begun.elapsed()), Ordering::Relaxed);
        if shared.waiting.load(Ordering::SeqCst) == 0 {
            memory = Vec::new();
        }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// Lets every other thread of the process go first.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the C library offers priorities through a foreign function alone")]
fn step_back() {
    const NICENESS: libc::c_int = 10;
    // On Linux 0 means the calling thread. A system that refuses leaves the thread an ordinary one.
    // SAFETY: the function takes three numbers and touches no memory of ours.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS);
    }
}

/// Does nothing: other systems have no such priority of a thread.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[tokio::test]
    async fn no_more_callers_wait_than_may_and_the_next_one_is_told_when_to_come_back() {
        let workers = Arc::new(Workers::start(1, 2));
        let gate = Arc::new(Barrier::new(2));
        let held = Arc::clone(&gate);
        let turn = Arc::clone(&workers);
        let run = tokio::spawn(async move {
            turn.turn().await.unwrap().run(move |_| held.wait().is_leader()).await
        });
        while workers.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let wait = || {
            let workers = Arc::clone(&workers);
            tokio::spawn(async move { workers.turn().await.unwrap().run(|_| ()).await })
        };
        let queue = [wait(), wait()];
        while workers.shared.waiting.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        let busy = workers.turn().await.err().expect("the queue is full");
        assert!(busy.retry_after > Duration::ZERO);
        tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
        run.await.unwrap();
        for waiting in queue {
            waiting.await.unwrap();
        }
        assert!(workers.turn().await.is_ok());
        assert_eq!(workers.shared.waiting.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_caller_who_goes_away_leaves_the_queue() {
        let workers = Workers::start(1, 1);
        let turn = workers.turn().await.unwrap();
        let impatient = tokio::time::timeout(Duration::from_millis(10), workers.turn()).await;
        assert!(impatient.is_err());
        assert_eq!(workers.shared.waiting.load(Ordering::SeqCst), 0);
        assert!(!turn.has_waited());
        turn.run(|_| ()).await;
    }

    #[tokio::test]
    async fn memory_is_given_back_when_nobody_waits() {
        let workers = Workers::start(1, 1);
        let fill = |memory: &mut Vec<Block>| memory.resize(10, Block::new());
        workers.turn().await.unwrap().run(fill).await;
        // The thread is free a moment after its answer; who asks before that waits, and the memory is kept for them.
        while workers.turns.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(workers.turn().await.unwrap().run(|memory| memory.len()).await, 0);
    }
}
