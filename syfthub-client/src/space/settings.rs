//! What is set while a space runs: where it is reached (contract space 1.6).

use serde::{Deserialize, Serialize};
use syfthub_core::Secret;
use url::Url;

use super::Space;
use crate::error::Error;

/// Where callers reach the space.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PublicUrl {
    /// The address, once there is one.
    pub public_url: Option<String>,
}

/// The way through which the space is reached from outside its network.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Proxy {
    /// Whether it is open.
    pub connected: bool,
    /// Where the space is reached through it.
    pub public_url: Option<String>,
    /// Whether a token for it is kept.
    pub has_token: bool,
    /// What went wrong last, while it is not open.
    pub error: Option<String>,
}

/// The operations on settings; from [`Space::settings`].
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    pub(super) space: &'a Space,
}

impl Settings<'_> {
    /// Where callers reach the space.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{:?}", space.settings().public_url().await?.public_url);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn public_url(&self) -> Result<PublicUrl, Error> {
        self.space.json(self.space.get(&["settings", "public-url"])).await
    }

    /// Says where callers reach the space, and tells the connected hubs.
    ///
    /// # Errors
    /// What a hub says that does not take it; then nothing is stored.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), Box<dyn std::error::Error>> {
    /// space.settings().set_public_url(&"https://space.example.org".parse()?).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_public_url(&self, url: &Url) -> Result<PublicUrl, Error> {
        let body = serde_json::json!({ "public_url": url });
        self.space.json(self.space.patch(&["settings", "public-url"]).json(&body)).await
    }

    /// The way from outside, and whether it is open.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.settings().proxy().await?.connected);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn proxy(&self) -> Result<Proxy, Error> {
        self.space.json(self.space.get(&["settings", "proxy"])).await
    }

    /// Opens the way from outside: through the connected hubs, or with a token through an agent of ngrok's.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the space's configuration decides otherwise.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{:?}", space.settings().open_proxy(None).await?.public_url);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open_proxy(&self, ngrok_token: Option<&Secret>) -> Result<Proxy, Error> {
        let body = serde_json::json!({ "token": ngrok_token.map(Secret::expose) });
        self.space.json(self.space.post(&["settings", "proxy"]).json(&body)).await
    }

    /// Closes it, and tells the hubs that the space is nowhere for now.
    ///
    /// # Errors
    /// When a hub does not take it.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// assert!(!space.settings().close_proxy().await?.connected);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close_proxy(&self) -> Result<Proxy, Error> {
        self.space.json(self.space.delete(&["settings", "proxy"])).await
    }
}
