//! One store with its state. Every move is made here, by one hand at a time, in a task of its own: whoever asked for it may
//! go away without leaving it half done.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};
use syfthub_core::Timestamp;
use tokio::sync::{Mutex, watch};

use super::status::{Immovable, Status};
use super::store::{self, Note};
use super::{Around, ProvisionError, Provisioner, Pulse};
use crate::db::StoreError;
use crate::space::access::Actor;

/// What is known of a store.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Truth {
    /// What it does.
    pub(crate) status: Status,
    /// Whether it shall run.
    pub(crate) wanted: bool,
    /// What was started, as its provisioner describes it.
    pub(crate) state: Map<String, Value>,
    /// Why it does not run.
    pub(crate) error: Option<String>,
    /// When it began to answer.
    pub(crate) started_at: Option<Timestamp>,
    /// When it ended.
    pub(crate) stopped_at: Option<Timestamp>,
}

/// One store.
pub(crate) struct Slot {
    pub(super) dtype: &'static str,
    pub(super) provisioner: Box<dyn Provisioner>,
    needed_by: fn(&Map<String, Value>) -> bool,
    /// Where it keeps everything.
    folder: PathBuf,
    pub(super) around: Around,
    truth: watch::Sender<Truth>,
    saving: Mutex<()>,
}

impl Slot {
    pub(super) fn new(
        dtype: &'static str,
        needed_by: fn(&Map<String, Value>) -> bool,
        provisioner: Box<dyn Provisioner>,
        folder: PathBuf,
        around: Around,
    ) -> Self {
        let truth = watch::Sender::new(Truth::default());
        Self { dtype, needed_by, provisioner, folder, around, truth, saving: Mutex::new(()) }
    }

    /// What is known of it.
    pub(crate) fn truth(&self) -> Truth {
        self.truth.borrow().clone()
    }

    /// Where it answers, while it runs.
    pub(crate) fn url(&self) -> Option<String> {
        let truth = self.truth.borrow();
        let url = truth.state.get("url").filter(|_| truth.status == Status::Running)?;
        url.as_str().map(str::to_owned)
    }

    /// How many datasets, of all tenants, are kept in it.
    ///
    /// # Errors
    /// When the space's tables cannot be read.
    pub(crate) async fn datasets(&self) -> Result<usize, StoreError> {
        let attached = store::attached(&self.around.db, self.dtype).await?;
        Ok(attached.iter().filter(|configuration| (self.needed_by)(configuration)).count())
    }

    /// What it does in truth, asked now.
    pub(crate) async fn pulse(&self) -> Pulse {
        let state = self.truth().state;
        self.provisioner.pulse(&state).await
    }

    /// Starts it and waits until it answers. `wish` may name a `httpPort`.
    ///
    /// # Errors
    /// When nothing here can run it, it is not stopped, or it fails.
    pub(crate) async fn start(
        self: &Arc<Self>,
        wish: Map<String, Value>,
        by: Option<&Actor>,
    ) -> Result<Truth, ProvisionError> {
        self.provisioner.usable().await?;
        self.move_to(Status::Starting, |truth| {
            truth.wanted = true;
            truth.error = None;
        })?;
        let slot = Arc::clone(self);
        let note = self.note("provisioner.start", by);
        let work = self.around.tasks.spawn(async move { slot.bring_up(wish, note).await });
        work.await.map_err(|error| ProvisionError::Failed(error.to_string()))?
    }

    /// Has it running: as it is, when it is on its way, or by starting it.
    ///
    /// # Errors
    /// As [`Slot::start`].
    pub(crate) async fn ensure(self: &Arc<Self>) -> Result<Truth, ProvisionError> {
        let mut news = self.truth.subscribe();
        let settled = news.wait_for(|truth| truth.status != Status::Starting).await;
        let truth = settled.map_err(|_| ProvisionError::Closing)?.clone();
        match truth.status {
            Status::Running => Ok(truth),
            _ => self.start(truth.state, None).await,
        }
    }

    /// Stops it and waits until it has ended. It does not come back by itself.
    ///
    /// # Errors
    /// When it does not run, or does not end.
    pub(crate) async fn stop(
        self: &Arc<Self>,
        by: Option<&Actor>,
    ) -> Result<Truth, ProvisionError> {
        let note = self.note("provisioner.stop", by);
        let given_up = self.truth.send_if_modified(|truth| {
            let failed = truth.status == Status::Error;
            if failed {
                (truth.status, truth.wanted) = (Status::Stopped, false);
            }
            failed
        });
        if given_up {
            // It was ended when it failed.
            self.save(note).await;
            return Ok(self.truth());
        }
        self.move_to(Status::Stopping, |truth| truth.wanted = false)?;
        let slot = Arc::clone(self);
        let work = self.around.tasks.spawn(async move { slot.bring_down(note).await });
        work.await.map_err(|error| ProvisionError::Failed(error.to_string()))?
    }

    /// Stops it if it runs, and forgets it with all its data.
    ///
    /// # Errors
    /// When it is busy or does not end, or its data cannot be removed.
    pub(crate) async fn forget(self: &Arc<Self>, by: &Actor) -> Result<(), ProvisionError> {
        match self.stop(None).await {
            Ok(_) | Err(ProvisionError::Immovable(Immovable::Invalid(_))) => {}
            Err(error) => return Err(error),
        }
        let failed = |error: &dyn std::fmt::Display| ProvisionError::Failed(error.to_string());
        if let Err(error) = tokio::fs::remove_dir_all(&self.folder).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(failed(&error));
        }
        let note = self.note("provisioner.delete", Some(by));
        store::forget(&self.around.db, self.dtype, note).await.map_err(|error| failed(&error))?;
        self.truth.send_replace(Truth::default());
        Ok(())
    }

    /// What the audit log says of a move that somebody asked for.
    fn note(&self, action: &'static str, by: Option<&Actor>) -> Option<Note> {
        let trace = by.map(|actor| actor.trace(self.around.clock.now()));
        trace.map(|trace| Note { trace, action })
    }

    async fn bring_up(
        &self,
        wish: Map<String, Value>,
        note: Option<Note>,
    ) -> Result<Truth, ProvisionError> {
        self.save(note).await;
        let limit = self.around.settings.start_timeout;
        let outcome = tokio::select! {
            () = self.around.shutdown.cancelled() => Err(ProvisionError::Closing),
            outcome = tokio::time::timeout(limit, self.provisioner.start(&wish)) => {
                let late = format!("it did not answer within {} seconds", limit.as_secs());
                outcome.unwrap_or(Err(ProvisionError::Failed(late)))
            }
        };
        let now = self.around.clock.now();
        let result = match outcome {
            Ok(state) => self.move_to(Status::Running, |truth| {
                truth.state = state;
                truth.started_at = Some(now);
                truth.stopped_at = None;
            }),
            Err(error) => {
                tracing::error!(store = self.dtype, %error, "a store did not start");
                if let Err(error) = self.provisioner.stop().await {
                    tracing::warn!(store = self.dtype, %error, "what was started of it may live");
                }
                let reason = error.to_string();
                self.move_to(Status::Error, |truth| truth.error = Some(reason))?;
                if error == ProvisionError::Closing {
                    self.move_to(Status::Stopped, |truth| truth.error = None)?;
                }
                self.save(None).await;
                return Err(error);
            }
        };
        result?;
        self.save(None).await;
        let truth = self.truth();
        tracing::info!(store = self.dtype, url = self.url(), "a store runs");
        Ok(truth)
    }

    pub(super) async fn bring_down(&self, note: Option<Note>) -> Result<Truth, ProvisionError> {
        self.save(note).await;
        let now = self.around.clock.now();
        match self.provisioner.stop().await {
            Ok(()) => self.move_to(Status::Stopped, |truth| truth.stopped_at = Some(now))?,
            Err(error) => {
                let reason = error.to_string();
                self.move_to(Status::Error, |truth| truth.error = Some(reason))?;
                self.save(None).await;
                return Err(error);
            }
        }
        self.save(None).await;
        Ok(self.truth())
    }

    /// Makes a move that the contract allows.
    pub(super) fn move_to(
        &self,
        next: Status,
        change: impl FnOnce(&mut Truth),
    ) -> Result<(), Immovable> {
        let mut outcome = Ok(());
        self.truth.send_if_modified(|truth| {
            outcome = truth.status.check(next);
            if outcome.is_ok() {
                truth.status = next;
                change(truth);
            }
            outcome.is_ok()
        });
        outcome
    }

    /// Notes what was found to be so, which needs no leave.
    pub(super) fn observe(&self, truth: Truth) {
        self.truth.send_replace(truth);
    }

    /// Notes that a running store was found dead; `false` when it is not supposed to run any more.
    pub(super) fn observe_death(&self, reason: &str) -> bool {
        let now = self.around.clock.now();
        self.truth.send_if_modified(|truth| {
            let ran = truth.status == Status::Running;
            if ran {
                truth.status = Status::Error;
                truth.error = Some(reason.to_owned());
                truth.stopped_at = Some(now);
            }
            ran
        })
    }

    /// Writes the latest state down. A failure is logged: what is written is not believed anyway.
    pub(super) async fn save(&self, note: Option<Note>) {
        let _turn = self.saving.lock().await;
        let truth = self.truth();
        if let Err(error) = store::save(&self.around.db, self.dtype, truth, note).await {
            tracing::warn!(store = self.dtype, %error, "the state of a store was not written down");
        }
    }
}
