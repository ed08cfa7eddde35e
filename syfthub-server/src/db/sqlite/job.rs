//! A transaction that waits for its thread, and the answer that travels back.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::db::{StoreError, Tx};

/// What the threads need to know of a transaction, whatever its types.
pub(super) trait Job: Send {
    /// Does the work; true when it is to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;

    /// Sends the outcome, or the reason why a transaction that went well could not be committed after all.
    fn answer(self: Box<Self>, committed: Result<(), String>);
}

/// The outcome of the work, or its panic.
type Outcome<T, E> = thread::Result<Result<T, E>>;

pub(super) struct Pending<F, T, E> {
    work: Option<F>,
    outcome: Option<Outcome<T, E>>,
    reply: oneshot::Sender<Outcome<T, E>>,
}

impl<F, T, E> Pending<F, T, E> {
    pub(super) fn new(work: F) -> (Box<Self>, oneshot::Receiver<Outcome<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { work: Some(work), outcome: None, reply }), answer)
    }
}

impl<F, T, E> Job for Pending<F, T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        // A caller who has gone away is not served: nothing has begun yet, so nothing is half done.
        let (Some(work), false) = (self.work.take(), self.reply.is_closed()) else { return false };
        let run = AssertUnwindSafe(|| {
            work(tx)
                .now_or_never()
                .expect("a SQLite transaction awaits nothing but its own statements")
        });
        let mut outcome = catch_unwind(run);
        if tx.take_failed() && matches!(outcome, Ok(Ok(_))) {
            outcome = Ok(Err(StoreError::Aborted.into()));
        }
        let keep = matches!(outcome, Ok(Ok(_)));
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), String>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(Ok(_))) | None, Err(reason)) => {
                Ok(Err(StoreError::Unavailable(reason).into()))
            }
            (Some(outcome), _) => outcome,
            (None, Ok(())) => return,
        };
        // The caller may have gone away meanwhile; then nobody needs the answer.
        drop(self.reply.send(outcome));
    }
}

/// Waits for the answer; a panic of the work continues here.
pub(super) async fn outcome<T, E: From<StoreError>>(
    answer: oneshot::Receiver<Outcome<T, E>>,
) -> Result<T, E> {
    match answer.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(StoreError::Unavailable("it is closed".to_owned()).into()),
    }
}
