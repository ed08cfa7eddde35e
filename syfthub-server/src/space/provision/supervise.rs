//! Watching a store: what lives is found out when the space starts, a store that died comes back, and one that the space
//! started ends with it.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use tokio::time::{Instant, sleep};

use super::slot::{Slot, Truth};
use super::status::Status;
use super::{ProvisionError, Pulse, store};
use crate::db::StoreError;

/// A store that does not answer so many times in a row is started anew.
const SILENCES: u32 = 3;

/// The first and the longest pause before a store that failed is started again.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// A store that ran so long has recovered: its next failure is a first one again.
const RECOVERED: Duration = Duration::from_mins(2);

impl Slot {
    /// Finds out what lives, makes that the state whatever was written down, and watches from now on. A store that datasets
    /// need and that does not run is started meanwhile; one that nobody wants, or needs, is ended.
    pub(super) async fn recover(self: &Arc<Self>) -> Result<(), StoreError> {
        if let Some(written) = store::find(&self.around.db, self.dtype).await? {
            let lives = self.provisioner.pulse(&written.state).await == Pulse::Running;
            let needed = written.wanted && self.datasets().await? > 0;
            let status = if lives && needed { Status::Running } else { Status::Stopped };
            if lives && needed {
                tracing::info!(store = self.dtype, "a running store was taken back");
            }
            self.observe(Truth { status, ..written });
            self.save(None).await;
            if status == Status::Stopped {
                let slot = Arc::clone(self);
                self.around.tasks.spawn(async move { slot.begin(needed).await });
            }
        }
        let slot = Arc::clone(self);
        self.around.tasks.spawn(async move { slot.watch().await });
        Ok(())
    }

    /// Starts what is needed, with what it was started with before; ends what may be left of the rest.
    async fn begin(self: &Arc<Self>, needed: bool) {
        if needed {
            self.try_start().await;
        } else if let Err(error) = self.provisioner.stop().await {
            tracing::warn!(store = self.dtype, %error, "what is left of a store lives");
        }
    }

    async fn try_start(self: &Arc<Self>) {
        let state = self.truth().state;
        match self.start(state, None).await {
            Ok(_) | Err(ProvisionError::Immovable(_) | ProvisionError::Closing) => {}
            Err(ProvisionError::Unusable(reason)) => {
                self.observe(Truth { status: Status::Error, error: Some(reason), ..self.truth() });
                self.save(None).await;
            }
            Err(ProvisionError::Failed(reason)) => {
                tracing::warn!(store = self.dtype, reason, "a store is tried again in a while");
            }
        }
    }

    async fn watch(self: &Arc<Self>) {
        let mut care = Care::default();
        loop {
            let pause = care.pause(self.around.settings.interval);
            tokio::select! {
                () = self.around.shutdown.cancelled() => break,
                () = sleep(pause) => {}
            }
            self.look(&mut care).await;
        }
        // It ends with the space and comes back with it.
        if self.move_to(Status::Stopping, |_| ()).is_ok()
            && let Err(error) = self.bring_down(None).await
        {
            tracing::warn!(store = self.dtype, %error, "a store did not end with its space");
        }
    }

    async fn look(self: &Arc<Self>, care: &mut Care) {
        let truth = self.truth();
        match truth.status {
            Status::Running => {
                let pulse = self.provisioner.pulse(&truth.state).await;
                if let Some(reason) = care.notice(pulse)
                    && self.observe_death(reason)
                {
                    tracing::error!(
                        store = self.dtype,
                        reason,
                        "a store died and is started again"
                    );
                    self.save(None).await;
                }
            }
            Status::Error if truth.wanted && care.is_due() => {
                care.tried();
                self.try_start().await;
            }
            Status::Error | Status::Stopped | Status::Starting | Status::Stopping => {}
        }
    }
}

/// What the watch remembers between two looks.
#[derive(Default)]
struct Care {
    silences: u32,
    failures: u32,
    last_try: Option<Instant>,
}

impl Care {
    /// Why a running store counts as dead, if it does.
    fn notice(&mut self, pulse: Pulse) -> Option<&'static str> {
        match pulse {
            Pulse::Running => {
                self.silences = 0;
                if self.last_try.is_none_or(|tried| tried.elapsed() > RECOVERED) {
                    self.failures = 0;
                }
                None
            }
            Pulse::Gone => Some("it ended by itself"),
            Pulse::Silent => {
                self.silences += 1;
                let dead = self.silences >= SILENCES;
                if dead {
                    self.silences = 0;
                }
                dead.then_some("it does not answer any more")
            }
        }
    }

    /// The first try after a death is made at once, the next ones after longer and longer pauses.
    fn is_due(&self) -> bool {
        let passed = self.last_try.map(|tried| tried.elapsed());
        self.failures == 0 || passed.is_none_or(|passed| passed >= backoff(self.failures))
    }

    fn tried(&mut self) {
        self.failures += 1;
        self.last_try = Some(Instant::now());
    }

    /// The time until the next look, not always the same, so that several spaces do not look together.
    fn pause(&self, interval: Duration) -> Duration {
        interval.min(backoff(self.failures)).mul_f64(rand::rng().random_range(0.9..1.1))
    }
}

fn backoff(failures: u32) -> Duration {
    let (first, longest) = PAUSES;
    first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let pauses: Vec<u64> = (1..=8).map(|failures| backoff(failures).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff(u32::MAX).as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_dies_again_and_again_is_tried_less_and_less() {
        let mut care = Care::default();
        assert_eq!(care.notice(Pulse::Gone), Some("it ended by itself"));
        assert!(care.is_due(), "the first try is made at once");
        care.tried();
        assert!(!care.is_due());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(care.is_due());
        care.tried();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!care.is_due(), "the pause has doubled");
        tokio::time::advance(RECOVERED).await;
        assert_eq!(care.notice(Pulse::Running), None);
        assert!(care.is_due(), "it has recovered");
    }

    #[test]
    fn silence_is_borne_twice() {
        let mut care = Care::default();
        assert_eq!(care.notice(Pulse::Silent), None);
        assert_eq!(care.notice(Pulse::Silent), None);
        assert_eq!(care.notice(Pulse::Running), None);
        assert_eq!(care.notice(Pulse::Silent), None);
        assert_eq!(care.notice(Pulse::Silent), None);
        assert!(care.notice(Pulse::Silent).is_some());
    }
}
