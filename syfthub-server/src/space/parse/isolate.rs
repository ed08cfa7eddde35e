//! Runs a parser where hostile input cannot hurt: on threads of its own, few at a time, with a deadline and panics caught.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use super::ParseError;

/// Parsers recurse along a document's own nesting; the stack is reserved, not resident.
const STACK: usize = 32 << 20;

/// So many parsers may be given up before the next document is refused: each one still burns a core.
const MOST_ABANDONED: usize = 4;

/// A bounded set of parser threads.
#[derive(Debug, Clone)]
pub(crate) struct Isolation {
    places: Arc<Semaphore>,
    running: Arc<AtomicUsize>,
    threads: usize,
    deadline: Duration,
}

impl Isolation {
    /// At most `threads` parsers at once, each at most `deadline` long.
    pub(crate) fn new(threads: usize, deadline: Duration) -> Self {
        let threads = threads.max(1);
        Self {
            places: Arc::new(Semaphore::new(threads)),
            running: Arc::default(),
            threads,
            deadline,
        }
    }

    /// Runs `work` on a thread of its own. A parser that does not come back keeps its thread, but neither its caller nor
    /// its place.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ParseError> + Send + 'static,
    ) -> Result<T, ParseError> {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        if self.running.load(Ordering::Relaxed) >= self.threads + MOST_ABANDONED {
            return Err(ParseError::Overloaded);
        }
        let outcome = tokio::time::timeout(self.deadline, self.on_own_thread(work)).await;
        outcome.unwrap_or(Err(ParseError::TimedOut(self.deadline)))
    }

    async fn on_own_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ParseError> + Send + 'static,
    ) -> Result<T, ParseError> {
        let (answer, outcome) = oneshot::channel();
        let running = Running::enter(&self.running);
        let thread = std::thread::Builder::new().name("parser".to_owned()).stack_size(STACK).spawn(
            move || {
                let result = catch_unwind(AssertUnwindSafe(work))
                    .unwrap_or_else(|panic| Err(ParseError::Panicked(text_of(&*panic))));
                drop(running);
                // The caller may have given up; then nobody wants the answer.
                answer.send(result).ok();
            },
        );
        if let Err(error) = thread {
            return Err(ParseError::Panicked(error.to_string()));
        }
        outcome
            .await
            .unwrap_or_else(|_| Err(ParseError::Panicked("the parser's thread ended".to_owned())))
    }
}

/// Counts a parser thread for as long as it lives.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn enter(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it panicked").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_fails_the_file_alone() {
        let isolation = Isolation::new(1, Duration::from_mins(1));
        let broken = isolation.run::<()>(|| panic!("index out of bounds")).await;
        assert_eq!(broken, Err(ParseError::Panicked("index out of bounds".to_owned())));
        assert!(isolation.run(|| Ok(())).await.is_ok());
    }

    #[tokio::test]
    async fn endless_parsers_meet_their_deadline_until_there_are_too_many() {
        let isolation = Isolation::new(1, Duration::from_millis(5));
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let blocked = Arc::new(std::sync::Mutex::new(blocked));
        for _ in 0..=MOST_ABANDONED {
            let blocked = Arc::clone(&blocked);
            let endless = isolation.run(move || Ok(blocked.lock().unwrap().recv().is_ok())).await;
            assert_eq!(endless, Err(ParseError::TimedOut(Duration::from_millis(5))));
        }
        assert_eq!(isolation.run(|| Ok(())).await, Err(ParseError::Overloaded));
        drop(release);
    }
}
