//! Servers of stores that the space runs itself: one for each type of dataset that needs one, shared by its datasets, which
//! differ by collections that are named after their ids (contract space 5).
//!
//! In reading order:
//! - `status`: the five states and the moves between them.
//! - [`Provisioner`]: how a store is run. `process`: as a child that outlives a crash of the space and is taken back;
//!   `docker`: in a container. `either`: whichever is there. None of them knows of states.
//! - `recipes`: which servers there are.
//! - `slot`: one store with its state, from which all moves are made; `supervise`: what watches it. What the table says is
//!   never believed: at its start the space looks what lives, and makes that the truth.
//! - `store`: the SQL.

mod docker;
mod either;
mod handshake;
mod process;
pub(crate) mod recipes;
mod slot;
mod status;
mod store;
mod supervise;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use syfthub_core::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use slot::Slot;
use status::Immovable;
pub(crate) use status::Status;
pub(crate) use store::attached;

use super::datasets::DatasetType;
use super::node::Space;
use super::state::StateDir;
use crate::config::ProvisionSettings;
use crate::db::{Db, StoreError};

/// What the server of a store is and how it is run.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    /// The type of dataset.
    pub(crate) dtype: &'static str,
    /// The program with the arguments that come first.
    pub(crate) command: Vec<String>,
    /// What else the program is told, of [`Place`].
    pub(crate) arguments: fn(&Place) -> Vec<String>,
    /// Whether a dataset of this configuration is kept in it.
    pub(crate) needed_by: fn(&Map<String, Value>) -> bool,
    /// The path that answers 200 once the server serves.
    pub(crate) handshake: &'static str,
    /// The image for Docker.
    pub(crate) image: String,
    /// The port and the folder of its data inside the container.
    pub(crate) inside: (u16, &'static str),
}

/// Where a server runs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The port on 127.0.0.1.
    pub(crate) port: u16,
    /// Where its data is kept.
    pub(crate) data: PathBuf,
}

/// Whether what was started lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pulse {
    /// It answers.
    Running,
    /// It is there, and does not answer.
    Silent,
    /// It is not there.
    Gone,
}

/// How a store's server is run. What was started is described by an object that can be stored and is understood by a later
/// run of the space; it holds the `url`.
pub(crate) trait Provisioner: Send + Sync {
    /// Whether it can run anything here; the reason when not.
    fn usable(&self) -> BoxFuture<'_, Result<(), ProvisionError>>;

    /// Ends whatever is left of earlier starts, starts the server and waits until it answers. `wish` may name a `httpPort`.
    fn start<'a>(
        &'a self,
        wish: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Map<String, Value>, ProvisionError>>;

    /// Ends whatever of it runs, known or not; in time by force.
    fn stop(&self) -> BoxFuture<'_, Result<(), ProvisionError>>;

    /// Whether what `state` describes lives, and is what it was.
    fn pulse<'a>(&'a self, state: &'a Map<String, Value>) -> BoxFuture<'a, Pulse>;
}

/// Why a store does not run, or does not end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ProvisionError {
    /// Nothing here can run it.
    #[error("{0}")]
    Unusable(String),
    /// It is busy, or was told what makes no sense.
    #[error(transparent)]
    Immovable(#[from] Immovable),
    /// It was started and ended, or did not answer in time, or does not end.
    #[error("{0}")]
    Failed(String),
    /// The space shuts down.
    #[error("the space shuts down")]
    Closing,
}

/// What stores need of the space around them.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
    pub(crate) settings: ProvisionSettings,
}

impl Space {
    /// Has the store running that a dataset of this configuration needs, if it needs one.
    ///
    /// # Errors
    /// When the store is busy or cannot be run here.
    pub(crate) async fn provision(
        &self,
        kind: &dyn DatasetType,
        configuration: &Map<String, Value>,
    ) -> Result<(), ProvisionError> {
        match self.provisioners.get(kind.info().name) {
            Some(slot) if kind.is_provisioned(configuration) => slot.ensure().await.map(drop),
            _ => Ok(()),
        }
    }
}

/// Every store that this space can run, by the type of dataset.
#[derive(Clone)]
pub(crate) struct Provisioners(Arc<BTreeMap<&'static str, Arc<Slot>>>);

impl Provisioners {
    /// A slot for each recipe; nothing is started or looked at yet.
    pub(crate) fn new(recipes: Vec<Recipe>, state: &StateDir, around: &Around) -> Self {
        let slots = recipes.into_iter().map(|recipe| {
            let (dtype, needed_by) = (recipe.dtype, recipe.needed_by);
            let folder = state.provision(dtype);
            let provisioner = either::choose(&recipe, &folder, &around.settings);
            (dtype, Arc::new(Slot::new(dtype, needed_by, provisioner, folder, around.clone())))
        });
        Self(Arc::new(slots.collect()))
    }

    /// Finds out what lives, makes that the state of each store, and watches them from now on. Those that datasets need
    /// and that do not run are started meanwhile.
    pub(crate) async fn recover(&self) -> Result<(), StoreError> {
        for slot in self.0.values() {
            slot.recover().await?;
        }
        Ok(())
    }

    /// The store of a type.
    pub(crate) fn get(&self, dtype: &str) -> Option<&Arc<Slot>> {
        self.0.get(dtype)
    }
}
