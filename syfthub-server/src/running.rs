//! A server that runs, and the reasons why one could not be started.

use std::net::SocketAddr;

use tokio::task::JoinHandle;
use url::Url;

use crate::db::StoreError;

/// A server that listens. Dropping this does not stop it; its `shutdown` token does.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    url: Url,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn new(address: SocketAddr, url: Url, task: JoinHandle<()>) -> Self {
        Self { address, url, task }
    }

    /// The address it listens on, with the port it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where clients reach it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Waits until it has shut down.
    ///
    /// # Panics
    /// When the server's own task panicked.
    pub async fn stopped(self) {
        self.task.await.expect("the server's task ends by itself");
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting cannot be used as it is.
    #[error("{name}: {reason}")]
    Setting {
        /// The setting's name in the environment.
        name: &'static str,
        /// What is wrong, and the accepted form.
        reason: String,
    },
    /// The client for calls to other servers could not be made.
    #[error("outbound calls are not possible: {0}")]
    Outbound(#[from] reqwest::Error),
    /// The database could not be opened.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] StoreError),
}

impl StartError {
    /// A setting that cannot be used as it is.
    pub fn setting(name: &'static str, reason: impl Into<String>) -> Self {
        Self::Setting { name, reason: reason.into() }
    }
}

/// The URL of a server that nobody gave a public one: its address, or this machine's when it listens on all of them.
pub(crate) fn own_url(address: SocketAddr) -> Url {
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    format!("http://{host}:{}", address.port()).parse().expect("an address and a port make a URL")
}
