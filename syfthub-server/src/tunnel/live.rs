//! The tunnels that end at this instance.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use hyper::client::conn::http2::SendRequest;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::carrier::{Ending, Farewell};
use super::pace::Pace;
use crate::config::TunnelSettings;

/// An open tunnel.
pub(super) struct Live {
    /// This tunnel, among all that its owner ever opens.
    pub(super) id: Uuid,
    /// Who is reached through it, in lower case.
    pub(super) owner: String,
    pub(super) sender: SendRequest<Body>,
    pub(super) ending: Ending,
    /// Room for requests.
    pub(super) places: Arc<Semaphore>,
    pub(super) pace: Pace,
}

impl Live {
    pub(super) fn new(
        owner: &str,
        sender: SendRequest<Body>,
        ending: Ending,
        settings: &TunnelSettings,
    ) -> Self {
        Self {
            id: Uuid::now_v7(),
            owner: owner.to_owned(),
            sender,
            ending,
            places: Arc::new(Semaphore::new(settings.tunnel_streams)),
            pace: Pace::new(settings.tunnel_bytes),
        }
    }
}

/// Open tunnels by their owner.
#[derive(Default)]
pub(super) struct Registry(Mutex<HashMap<String, Arc<Live>>>);

impl Registry {
    /// The tunnel of `owner`, in lower case.
    pub(super) fn find(&self, owner: &str) -> Option<Arc<Live>> {
        self.open().get(owner).filter(|live| !live.sender.is_closed()).cloned()
    }

    /// Puts `live` in the place of its owner's older tunnel, which ends.
    pub(super) fn add(&self, live: &Arc<Live>) {
        let older = self.open().insert(live.owner.clone(), Arc::clone(live));
        metrics::gauge!("tunnels_open").increment(1.0);
        if let Some(older) = older {
            older.ending.say(Farewell::Replaced);
        }
    }

    /// Takes note that `live` has ended.
    pub(super) fn remove(&self, live: &Live) {
        let mut open = self.open();
        if open.get(&live.owner).is_some_and(|found| found.id == live.id) {
            open.remove(&live.owner);
        }
        metrics::gauge!("tunnels_open").decrement(1.0);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
