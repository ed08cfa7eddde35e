//! A process of the simulation: whatever runs in it is gone when it crashes, and nothing of it runs on.

use std::sync::Mutex;

use tokio::task::JoinSet;

#[derive(Default)]
pub(super) struct Process(Mutex<Option<JoinSet<()>>>);

impl Process {
    /// Begins to run; with nothing in it.
    pub(super) fn start(&self) {
        *self.0.lock().unwrap() = Some(JoinSet::new());
    }

    /// Ends at once, as by a kill.
    pub(super) fn crash(&self) {
        let tasks = self.0.lock().unwrap().take();
        drop(tasks);
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.lock().unwrap().is_some()
    }

    /// Runs `work` until it ends or the process does.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = self.0.lock().unwrap().as_mut() {
            // What has ended takes no memory.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(work);
        }
    }
}
