//! What a command works with: the hub, the saved session, and the printer.

use std::path::PathBuf;

use anyhow::Context as _;
use syfthub_client::credentials::Kept;
use syfthub_client::wire::auth::Tokens;
use syfthub_client::{Client, Credentials};
use url::Url;

use crate::args::Global;
use crate::printer::Printer;

/// Where a hub listens unless somebody says otherwise.
const DEFAULT_HUB: &str = "http://127.0.0.1:8080";

/// What a command works with.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) printer: Printer,
    credentials: Credentials,
    pub(crate) hub: Url,
    /// The user's base folder for state, when the environment names one.
    pub(crate) state_home: Option<PathBuf>,
    tokens: Option<Tokens>,
}

impl Context {
    /// Finds out which hub is meant, and reads the session that is saved for it.
    pub(crate) async fn new(global: Global) -> anyhow::Result<Self> {
        let credentials = Credentials::in_keyring(config_dir(&global)?);
        let printer = Printer::new(global.json);
        let (named, saved) = (global.hub, credentials.clone());
        let read = move || {
            let hub = named.map_or_else(|| saved.current(), |hub| Ok(Some(hub)))?;
            let hub = hub.unwrap_or_else(|| DEFAULT_HUB.parse().expect("the default is a URL"));
            let kept = saved.kept(&hub)?;
            // Most commands can do without; those that cannot say so.
            let tokens = match (saved.tokens(&hub), kept) {
                (Err(locked), Some(Kept::InKeyring)) => Err(locked),
                (tokens, _) => Ok(tokens?),
            };
            Ok::<_, syfthub_client::Error>((hub, tokens))
        };
        let (hub, tokens) = tokio::task::spawn_blocking(read).await??;
        let tokens = tokens.unwrap_or_else(|locked| {
            printer.say(format_args!("{locked}"));
            None
        });
        Ok(Self { printer, credentials, hub, state_home: global.xdg_state_home, tokens })
    }

    /// Works with the saved sessions, where that may block.
    pub(crate) async fn saved<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Credentials) -> Result<T, syfthub_client::Error> + Send + 'static,
    ) -> anyhow::Result<T> {
        let credentials = self.credentials.clone();
        Ok(tokio::task::spawn_blocking(move || work(&credentials)).await??)
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
        let store = self.credentials.store(&self.hub);
        let mut builder = Client::builder(self.hub.as_str()).token_store(store);
        if let Some(tokens) = &self.tokens {
            builder = builder.tokens(tokens.clone());
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
