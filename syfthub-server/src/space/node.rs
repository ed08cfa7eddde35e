//! The space as a whole: what it is made of, and how it starts and stops.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use syfthub_core::{Clock, Secret};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::access::{Accounts, Sessions, Tenants};
use super::datasets::Dataset;
use super::health::Checks;
use super::hub::{self, Agents, Hubs};
use super::ids::{DatasetId, ModelId, TenantId};
use super::ingest::{Board, Limits, Progress, Surroundings};
use super::models::Model;
use super::parse::{Bounds, Parsers, Unpacking, is_parse_worker};
use super::policies::Policies;
use super::presence::{Presence, RunningSpace};
use super::provision::{self, Provisioners, recipes};
use super::query::Gates;
use super::state::StateDir;
use super::store::parts::{DatasetRow, ModelRow};
use super::{admin, routes, store};
use crate::clock::SystemClock;
use crate::config::SpaceConfig;
use crate::db::{DatabaseUrl, Db, DbOptions, Schema, StoreError};
use crate::running::{Running, StartError, own_url};
use crate::seal::Vault;
use crate::telemetry::Traces;
use crate::{http, telemetry};

/// Connections that read the space's tables: a question takes one of them for well under a millisecond.
const READERS: usize = 2;

/// Searches at the same time; further ones wait.
const SEARCHES: usize = 8;

/// A space; clones share it.
#[derive(Clone)]
pub struct Space(Arc<Parts>);

/// The space's parts, one field for each.
pub struct Parts {
    pub(crate) config: SpaceConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) db: Db,
    pub(crate) state: StateDir,
    pub(crate) vault: Vault,
    pub(crate) admin_key: Secret,
    pub(crate) tenants: Tenants,
    pub(crate) accounts: Accounts,
    pub(crate) sessions: Sessions,
    pub(crate) hubs: Hubs,
    pub(crate) policies: Policies,
    pub(crate) gates: Gates,
    pub(crate) around: Surroundings,
    pub(crate) traces: Traces,
    pub(crate) checks: Checks,
    pub(crate) provisioners: Provisioners,
    /// Searches at the same time: they read files, so each holds a thread.
    pub(crate) searches: Semaphore,
    datasets: Mutex<HashMap<DatasetId, Arc<dyn Dataset>>>,
    models: Mutex<HashMap<ModelId, Arc<dyn Model>>>,
    own_url: OnceLock<Url>,
    /// Running agents of ngrok's.
    pub(crate) agents: Agents,
    /// Whether somebody attends to the hubs.
    is_attending: AtomicBool,
}

impl Deref for Space {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Space").field(&self.config.state_dir).finish()
    }
}

impl Space {
    /// Opens the state directory and everything set up in it, and begins to watch and index. `shutdown` ends that.
    ///
    /// A dataset or model that cannot be opened is left out, and the log says why.
    ///
    /// # Errors
    /// When the state directory or what is in it cannot be used.
    pub async fn open(
        config: SpaceConfig,
        shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        Self::open_at(config, Arc::new(SystemClock), shutdown).await
    }

    pub(crate) async fn open_at(
        config: SpaceConfig,
        clock: Arc<dyn Clock>,
        shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        if is_parse_worker() {
            // Or programs would start each other without end.
            let reason = "this program opens a space, so its `main` has to ask `space::is_parse_worker` first".to_owned();
            return Err(StartError::setting("SPACE_PARSER_PROGRAM", reason));
        }
        let path = config.state_dir.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let state = StateDir::open(&path)?;
            Ok::<_, super::state::StateError>((state.keys()?, state.admin_key()?, state))
        });
        let unusable = |error: &dyn std::fmt::Display| {
            StartError::setting("SPACE_STATE_DIR", error.to_string())
        };
        let opened = opened.await.map_err(|error| unusable(&error))?;
        let ((secret, vault), admin_key, state) = opened.map_err(|error| unusable(&error))?;
        let options = DbOptions { connections: Some(READERS), ..DbOptions::default() };
        let db = Db::open(&DatabaseUrl::file(state.database()), Schema::Space, options).await;
        let db = db.map_err(|error| unusable(&error))?;
        let around = Surroundings {
            db: db.clone(),
            clock: Arc::clone(&clock),
            parsers: parsers(&config),
            limits: limits(&config),
            board: Board::default(),
            tasks: TaskTracker::new(),
            shutdown,
        };
        let policies = Policies::open(&db, Arc::clone(&clock), &config.policies).await;
        let policies = policies.map_err(|error| unusable(&error))?;
        let provisioners = provisioners(&config, &state, &around);
        let checks = Checks::new(config.health.max_age, config.health.timeout);
        let traces = Traces::start(&config.telemetry, "syfthub-space", Arc::clone(&clock))?;
        let parts = Parts {
            tenants: Tenants::new(config.access.multi_tenancy),
            accounts: Accounts::new(),
            sessions: Sessions::new(&secret, config.access.session_minutes),
            config,
            clock,
            db,
            state,
            vault,
            admin_key,
            hubs: Hubs::default(),
            policies,
            gates: Gates::default(),
            around,
            traces,
            checks,
            provisioners,
            searches: Semaphore::new(SEARCHES),
            datasets: Mutex::default(),
            models: Mutex::default(),
            own_url: OnceLock::new(),
            agents: Agents::default(),
            is_attending: AtomicBool::new(false),
        };
        let space = Self(Arc::new(parts));
        space.open_everything().await.map_err(|error| unusable(&error))?;
        Ok(space)
    }

    async fn open_everything(&self) -> Result<(), StoreError> {
        self.open_tenants().await?;
        let read = self.db.read(|tx| {
            Box::pin(async move {
                let datasets: Vec<DatasetRow> = store::parts::all(tx).await?;
                let models: Vec<ModelRow> = store::parts::all(tx).await?;
                Ok::<_, StoreError>((datasets, models))
            })
        });
        let (datasets, models) = read.await?;
        self.provisioners.recover().await?;
        for row in models {
            if let Err(error) = self.open_model(&row) {
                tracing::error!(
                    model = row.name,
                    error = &error as &dyn std::error::Error,
                    "model left out"
                );
            }
        }
        for row in datasets {
            if let Err(error) = self.open_dataset(&row).await {
                tracing::error!(
                    dataset = row.name,
                    error = &error as &dyn std::error::Error,
                    "dataset left out"
                );
            }
        }
        self.open_hubs().await?;
        self.start_policies().await
    }

    /// Serves questions on `listener`, and the admin API on `admin` when there is one, until the space shuts down. It
    /// answers requests when this returns.
    ///
    /// # Errors
    /// When a listener has no address, or another space runs on the state directory.
    pub async fn serve(
        &self,
        listener: TcpListener,
        admin: Option<TcpListener>,
    ) -> Result<Running, StartError> {
        let address = address_of(&listener, "SPACE_LISTEN")?;
        // A second call keeps the first address: the space is reached at both.
        self.own_url.set(own_url(address)).ok();
        let presence = match &admin {
            Some(listener) => {
                let address = address_of(listener, "SPACE_ADMIN_LISTEN")?;
                Some(self.announce(own_url(address)).await?)
            }
            None => None,
        };
        telemetry::record_metrics();
        let (settings, shutdown) = (self.config.http.clone(), self.around.shutdown.clone());
        let questions = http::edge(routes::routes(self.clone()), "space", &settings, None);
        // A second listener has no second tunnel.
        if !self.is_attending.swap(true, Ordering::Relaxed) {
            self.around.tasks.spawn(hub::attend(self.clone(), questions.clone()));
        }
        let questions = http::serve(listener, questions, settings.clone(), shutdown.clone());
        let admin = match admin {
            Some(listener) => {
                let address = address_of(&listener, "SPACE_ADMIN_LISTEN")?;
                let key_file = self.state.admin_key_file();
                tracing::info!(url = %own_url(address), key_file = %key_file.display(), "admin API");
                self.offer_setup().await;
                let router =
                    http::edge(admin::routes(self.clone()), "space-admin", &settings, None);
                Some(http::serve(listener, router, settings, shutdown))
            }
            None => None,
        };
        let space = self.clone();
        let task = tokio::spawn(async move {
            match admin {
                Some(admin) => drop(tokio::join!(questions, admin)),
                None => questions.await,
            }
            space.close().await;
            // It takes a file away.
            tokio::task::spawn_blocking(move || drop(presence)).await.ok();
        });
        let url = self
            .public_url(TenantId::ROOT)
            .await
            .ok()
            .flatten()
            .unwrap_or_else(|| own_url(address));
        Ok(Running::new(address, url, task))
    }

    /// Lets the programs beside it find this space by its state directory.
    async fn announce(&self, admin_url: Url) -> Result<Presence, StartError> {
        let space = RunningSpace {
            url: self.own_url().cloned().unwrap_or_else(|| admin_url.clone()),
            admin_url,
            pid: std::process::id(),
            started_at: self.clock.now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let state = self.state.clone();
        let path = self.config.state_dir.display().to_string();
        let announced =
            tokio::task::spawn_blocking(move || Presence::announce(state.path(), &space));
        let failed = |error: &dyn std::fmt::Display| {
            StartError::setting("SPACE_STATE_DIR", format!("{path}: {error}"))
        };
        announced.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))
    }

    pub(super) async fn close(&self) {
        self.around.shutdown.cancel();
        self.around.tasks.close();
        self.around.tasks.wait().await;
        self.close_policies().await;
        self.traces.close().await;
        self.db.close().await;
    }

    /// How far ingestion is, as it changes.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.around.board.watch()
    }

    /// The address it listens on, as a URL; `None` before it serves.
    pub(crate) fn own_url(&self) -> Option<&Url> {
        self.own_url.get()
    }

    pub(crate) fn open_datasets(&self) -> MutexGuard<'_, HashMap<DatasetId, Arc<dyn Dataset>>> {
        self.datasets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn open_models(&self) -> MutexGuard<'_, HashMap<ModelId, Arc<dyn Model>>> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parsers(config: &SpaceConfig) -> Parsers {
    Parsers::new(Bounds {
        workers: config.ingestion.parsers,
        deadline: config.ingestion.parse_timeout,
        memory: config.ingestion.parse_memory_bytes as u64,
        program: config.ingestion.parser_program.clone(),
    })
}

fn provisioners(config: &SpaceConfig, state: &StateDir, around: &Surroundings) -> Provisioners {
    let around = provision::Around {
        db: around.db.clone(),
        clock: Arc::clone(&around.clock),
        tasks: around.tasks.clone(),
        shutdown: around.shutdown.clone(),
        settings: config.provision.clone(),
    };
    Provisioners::new(recipes::all(&config.provision), state, &around)
}

fn limits(config: &SpaceConfig) -> Limits {
    Limits {
        text_bytes: config.ingestion.max_text_bytes as u64,
        unpacking: Unpacking {
            bytes: config.ingestion.max_unpacked_bytes as u64,
            ratio: config.ingestion.max_unpack_ratio as u64,
            parts: config.ingestion.max_archive_parts,
        },
        workers: config.ingestion.parsers,
        file_bytes: config.ingestion.max_file_bytes as u64,
        debounce: config.ingestion.watch_delay,
        attempts: config.ingestion.attempts,
        retry_after: config.ingestion.retry_after,
    }
}

fn address_of(listener: &TcpListener, setting: &'static str) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|error| StartError::setting(setting, error.to_string()))
}

/// Binds the addresses that the configuration gives, for questions and for the admin API.
///
/// # Errors
/// When a port is taken or an address is not this machine's.
pub async fn bind(config: &SpaceConfig) -> Result<(TcpListener, TcpListener), StartError> {
    let questions = http::bind("SPACE_LISTEN", config.listen).await?;
    let admin = http::bind("SPACE_ADMIN_LISTEN", config.admin_listen).await?;
    Ok((questions, admin))
}

/// Opens a space and serves it on `listener`, with the admin API on `admin`, until `shutdown`.
///
/// # Errors
/// As [`Space::open`] and [`Space::serve`].
pub async fn start(
    config: SpaceConfig,
    listener: TcpListener,
    admin: Option<TcpListener>,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    Space::open(config, shutdown).await?.serve(listener, admin).await
}
