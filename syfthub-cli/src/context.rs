//! What a command works with: the hub, the saved session, and the printer.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use syfthub_client::Client;
use url::Url;

use crate::args::Global;
use crate::printer::Printer;
use crate::profile::{Profile, ProfileDir, SavedSession};

/// Where a hub listens unless somebody says otherwise.
const DEFAULT_HUB: &str = "http://127.0.0.1:8080";

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) printer: Printer,
    profiles: ProfileDir,
    pub(crate) hub: Url,
    /// The user's base folder for state, when the environment names one.
    pub(crate) state_home: Option<PathBuf>,
    profile: Profile,
}

impl Context {
    /// Reads the saved sessions and finds out which hub is meant.
    pub(crate) async fn new(global: Global) -> anyhow::Result<Self> {
        let profiles = ProfileDir::new(config_dir(&global)?);
        let saved = profiles.clone();
        let profile = tokio::task::spawn_blocking(move || saved.read()).await??;
        let hub = global.hub.or_else(|| profile.current.clone());
        let hub = hub.unwrap_or_else(|| DEFAULT_HUB.parse().expect("the default is a URL"));
        let printer = Printer::new(global.json);
        Ok(Self { printer, profiles, hub, state_home: global.xdg_state_home, profile })
    }

    /// Changes the saved sessions while no other process does.
    pub(crate) async fn change_profile(
        &self,
        change: impl FnOnce(&mut Profile) + Send + 'static,
    ) -> anyhow::Result<()> {
        let profiles = self.profiles.clone();
        tokio::task::spawn_blocking(move || profiles.change(change)).await?
    }

    /// A client of the hub, with the saved session if there is one.
    pub(crate) fn client(&self) -> Result<Client, syfthub_client::Error> {
        self.client_with_aggregator(None)
    }

    /// The same client, asking another aggregator.
    pub(crate) fn client_with_aggregator(
        &self,
        aggregator: Option<&Url>,
    ) -> Result<Client, syfthub_client::Error> {
        let store = SavedSession::new(self.profiles.clone(), self.hub.clone());
        let mut builder = Client::builder(self.hub.as_str()).token_store(Arc::new(store));
        if let Some(session) = self.profile.hubs.get(self.hub.as_str()) {
            builder = builder.tokens(session.tokens());
        }
        if let Some(url) = aggregator {
            builder = builder.aggregator_url(url.as_str());
        }
        builder.build()
    }
}

fn config_dir(global: &Global) -> anyhow::Result<PathBuf> {
    if let Some(dir) = &global.config_dir {
        return Ok(dir.clone());
    }
    user_dir(global.xdg_config_home.as_ref(), ".config").context(
        "there is no home directory; name a folder with --config-dir or SYFTHUB_CONFIG_DIR",
    )
}

/// The `syfthub` folder in one of the user's base folders (XDG Base Directory Specification).
pub(crate) fn user_dir(base: Option<&PathBuf>, in_home: &str) -> Option<PathBuf> {
    let base = base.filter(|dir| dir.is_absolute()).cloned();
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(in_home)))?;
    Some(base.join("syfthub"))
}
