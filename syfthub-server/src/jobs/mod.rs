//! Work that the hub does by itself, again and again: [`start`] lists all of it.
//!
//! A job is an async function of the [`Hub`]. Of several instances on one database one at a time does it, about once per
//! period: whoever finds it due takes it for a while (`store`), and gives it back when done, or when told to stop. A run
//! that fails, panics or takes too long is logged and counted, and the next one comes as if nothing had happened. At
//! shutdown a run is dropped where it waits, so a job commits its work in batches.

mod store;

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use rand::Rng as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::db::StoreError;
use crate::hub::Hub;
use crate::{errors, health, identity, ledger};

/// Starts every job of the hub; they end with `stop`.
pub(crate) fn start(hub: &Hub, stop: &CancellationToken) -> Jobs {
    let jobs = Jobs { hub: hub.clone(), tasks: TaskTracker::new(), stop: stop.clone() };
    jobs.every("sessions", Duration::from_mins(10), identity::forget_expired_sessions);
    jobs.every("keys", Duration::from_hours(1), identity::rotate_keys);
    jobs.every("codes", Duration::from_mins(10), identity::forget_expired_codes);
    jobs.every("error-reports", Duration::from_mins(10), errors::remove_old);
    jobs.every("ledger", Duration::from_mins(1), ledger::sweep);
    jobs.every("health", hub.health.interval(), health::watch);
    jobs.every("health-history", Duration::from_hours(1), health::prune);
    jobs
}

/// The longest wait before a job runs for the first time.
const FIRST: Duration = Duration::from_secs(30);

/// Running jobs. Dropping this does not stop them; the token given to [`start`] does.
pub(crate) struct Jobs {
    hub: Hub,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Jobs {
    /// Does `work` about once per `period`, on one instance at a time. `name` is one word for logs and metrics, and must
    /// not change: it is what instances agree by. A run may take two periods, at least 2 and at most 10 minutes.
    pub(crate) fn every<W, F, E>(&self, name: &'static str, period: Duration, work: W)
    where
        W: Fn(Hub) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send,
        E: Display + Send,
    {
        let job = Job { name, holder: Uuid::new_v4().to_string(), period };
        let (hub, stop) = (self.hub.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            let mut wait = jittered(period.min(FIRST), 0.0..1.0);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(wait) => {}
                }
                job.run_if_due(&hub, &stop, &work).await;
                wait = jittered(period, 0.9..1.1);
            }
        });
    }

    /// Waits until every job has ended, after the token was cancelled.
    pub(crate) async fn ended(self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// `span` times a random factor, so that instances which started together do not stay in step.
fn jittered(span: Duration, factors: std::ops::Range<f64>) -> Duration {
    span.mul_f64(rand::rng().random_range(factors))
}

struct Job {
    name: &'static str,
    /// This instance, as the others see it.
    holder: String,
    period: Duration,
}

/// How a run went, as the label `outcome` of its metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Failed,
    Stopped,
    /// Another instance does it, or has just done it.
    NotDue,
}

impl Outcome {
    const fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::NotDue => "not_due",
        }
    }
}

impl Job {
    /// How long a run may take; after it, others take a job for abandoned.
    fn longest(&self) -> Duration {
        (self.period * 2).clamp(Duration::from_mins(2), Duration::from_mins(10))
    }

    async fn run_if_due<W, F, E>(&self, hub: &Hub, stop: &CancellationToken, work: &W) -> Outcome
    where
        W: Fn(Hub) -> F,
        F: Future<Output = Result<(), E>> + Send,
        E: Display,
    {
        let started = Instant::now();
        let outcome = match self.claim(hub).await {
            Ok(false) => Outcome::NotDue,
            Ok(true) => {
                let outcome = self.run(stop, work(hub.clone())).await;
                self.release(hub, outcome).await;
                metrics::histogram!("job_duration_seconds", "job" => self.name)
                    .record(started.elapsed());
                outcome
            }
            Err(error) => {
                tracing::warn!(job = self.name, %error, "the job could not be taken");
                Outcome::Failed
            }
        };
        metrics::counter!("job_runs_total", "job" => self.name, "outcome" => outcome.label())
            .increment(1);
        outcome
    }

    async fn run<E: Display>(
        &self,
        stop: &CancellationToken,
        work: impl Future<Output = Result<(), E>>,
    ) -> Outcome {
        let work = AssertUnwindSafe(tokio::time::timeout(self.longest(), work)).catch_unwind();
        let reason = tokio::select! {
            biased;
            () = stop.cancelled() => return Outcome::Stopped,
            ran = work => match ran {
                Ok(Ok(Ok(()))) => return Outcome::Done,
                Ok(Ok(Err(error))) => error.to_string(),
                Ok(Err(_)) => format!("it took longer than {:?}", self.longest()),
                Err(_) => "it panicked".to_owned(),
            },
        };
        tracing::error!(job = self.name, reason, "the job failed");
        Outcome::Failed
    }

    async fn claim(&self, hub: &Hub) -> Result<bool, StoreError> {
        let now = hub.clock.now();
        let (name, holder, until) = (self.name, self.holder.clone(), now.after(self.longest()));
        let write = hub.db.write(move |tx| {
            Box::pin(async move { store::claim(tx, name, &holder, until, now).await })
        });
        write.await
    }

    /// Lets the next run come: a run that was stopped is made up for at once, by whoever is there.
    async fn release(&self, hub: &Hub, outcome: Outcome) {
        let now = hub.clock.now();
        // Somewhat before the period is over, so that this instance's next turn is not a moment too early.
        let due =
            if outcome == Outcome::Stopped { now } else { now.after(self.period.mul_f64(0.8)) };
        let (name, holder) = (self.name, self.holder.clone());
        let write = hub
            .db
            .write(move |tx| Box::pin(async move { store::release(tx, name, &holder, due).await }));
        if let Err(error) = write.await {
            tracing::warn!(job = self.name, %error, "the job could not be given back");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{pending, ready};

    use super::*;
    use crate::db::{Db, testing::both_engines};
    use crate::testing::TestHub;

    both_engines! { Hub =>
        a_job_is_done_by_one_instance_at_a_time_and_again_when_it_is_due,
        a_run_that_fails_or_panics_is_followed_by_the_next,
        a_stopped_run_is_made_up_for_by_another_instance,
        instances_that_race_for_a_job_do_it_once,
    }

    const PERIOD: Duration = Duration::from_secs(30);

    fn job() -> Job {
        Job { name: "sweep", holder: Uuid::new_v4().to_string(), period: PERIOD }
    }

    async fn run<E: Display>(
        job: &Job,
        hub: &Hub,
        work: impl Future<Output = Result<(), E>> + Send,
    ) -> Outcome {
        let work = std::sync::Mutex::new(Some(work));
        let once = |_| work.lock().unwrap().take().expect("a run calls the work once");
        job.run_if_due(hub, &CancellationToken::new(), &once).await
    }

    fn done() -> std::future::Ready<Result<(), Infallible>> {
        ready(Ok(()))
    }

    async fn a_job_is_done_by_one_instance_at_a_time_and_again_when_it_is_due(db: Db) {
        let test = TestHub::on(db, |_| {}).await;
        let (one, other) = (job(), job());
        let inner = async {
            assert_eq!(run(&other, &test.hub, done()).await, Outcome::NotDue);
            Ok::<_, Infallible>(())
        };
        assert_eq!(run(&one, &test.hub, inner).await, Outcome::Done);
        assert_eq!(run(&other, &test.hub, done()).await, Outcome::NotDue);
        test.clock.advance(PERIOD);
        assert_eq!(run(&other, &test.hub, done()).await, Outcome::Done);
        assert_eq!(run(&one, &test.hub, done()).await, Outcome::NotDue);
        test.clock.advance(PERIOD);
        // One that was taken and never given back is abandoned after its time.
        assert!(one.claim(&test.hub).await.unwrap());
        test.clock.advance(PERIOD);
        assert_eq!(run(&other, &test.hub, done()).await, Outcome::NotDue);
        test.clock.advance(one.longest());
        assert_eq!(run(&other, &test.hub, done()).await, Outcome::Done);
    }

    async fn a_run_that_fails_or_panics_is_followed_by_the_next(db: Db) {
        let test = TestHub::on(db, |_| {}).await;
        let job = job();
        assert_eq!(run(&job, &test.hub, ready(Err("no luck"))).await, Outcome::Failed);
        test.clock.advance(PERIOD);
        let panic = async { if true { panic!("a bug") } else { Ok::<_, Infallible>(()) } };
        assert_eq!(run(&job, &test.hub, panic).await, Outcome::Failed);
        test.clock.advance(PERIOD);
        assert_eq!(run(&job, &test.hub, done()).await, Outcome::Done);
    }

    async fn a_stopped_run_is_made_up_for_by_another_instance(db: Db) {
        let test = TestHub::on(db, |_| {}).await;
        let stop = CancellationToken::new();
        let work = |_| {
            stop.cancel();
            pending::<Result<(), Infallible>>()
        };
        assert_eq!(job().run_if_due(&test.hub, &stop, &work).await, Outcome::Stopped);
        assert_eq!(run(&job(), &test.hub, done()).await, Outcome::Done);
    }

    async fn instances_that_race_for_a_job_do_it_once(db: Db) {
        let test = TestHub::on(db, |_| {}).await;
        for _ in 0..5 {
            let runs = (0..8).map(|_| {
                let hub = test.hub.clone();
                tokio::spawn(async move { run(&job(), &hub, done()).await })
            });
            let mut outcomes = Vec::new();
            for run in runs.collect::<Vec<_>>() {
                outcomes.push(run.await.unwrap());
            }
            let times = outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count();
            assert_eq!(times, 1, "{outcomes:?}");
            test.clock.advance(PERIOD);
        }
    }

    #[tokio::test]
    async fn a_started_job_runs_until_the_hub_stops() {
        let test = TestHub::start().await;
        let stop = CancellationToken::new();
        let jobs = start(&test.hub, &stop);
        let (ran, mut runs) = tokio::sync::mpsc::unbounded_channel();
        jobs.every("tick", Duration::from_millis(1), move |_| ready(ran.send(())));
        runs.recv().await.unwrap();
        stop.cancel();
        jobs.ended().await;
        while runs.recv().await.is_some() {}
    }
}
