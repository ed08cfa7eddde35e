//! The hubs that a space is connected to (contract space 1.6, 8).

use serde::{Deserialize, Serialize};
use syfthub_core::{Secret, Timestamp};
use url::Url;
use uuid::Uuid;

use super::{Notice, Space};
use crate::error::Error;

/// A hub, and the account there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Marketplace {
    /// The connection.
    pub id: Uuid,
    /// The hub's name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// The account there.
    #[serde(default)]
    pub username: String,
    /// Its address.
    #[serde(default)]
    pub email: String,
    /// Whether it is the one to use when none is named.
    #[serde(default)]
    pub is_default: bool,
    /// Whether it is used.
    #[serde(default)]
    pub is_active: bool,
    /// When it was connected.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// An account to be made at a hub.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewAccount {
    /// What the hub is called in the space.
    pub name: String,
    /// The account's name.
    pub username: String,
    /// Its address.
    pub email: String,
    /// Its password.
    pub password: Secret,
}

impl NewAccount {
    /// An account at a hub that is called by its host.
    pub fn new(
        username: impl Into<String>,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Self {
        Self {
            name: String::new(),
            username: username.into(),
            email: email.into(),
            password: password.into(),
        }
    }
}

/// The operations on connected hubs; from [`Space::marketplaces`].
#[derive(Debug, Clone, Copy)]
pub struct Marketplaces<'a> {
    pub(super) space: &'a Space,
}

impl Marketplaces<'_> {
    /// All connected hubs, the default one first.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for hub in space.marketplaces().list().await? {
    ///     println!("{} as {}", hub.url, hub.username);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<Marketplace>, Error> {
        self.space.json(self.space.get(&["marketplaces", ""])).await
    }

    /// The connected hub with this id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, id: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.marketplaces().get(id).await?.email);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, id: Uuid) -> Result<Marketplace, Error> {
        self.space.json(self.space.get(&["marketplaces", &id.to_string()])).await
    }

    /// Signs the space in at a hub, with an account that exists there.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when the hub refuses the password, otherwise what it says.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), Box<dyn std::error::Error>> {
    /// let hub = "https://hub.example.org".parse()?;
    /// space.marketplaces().connect(&hub, "ada", &"correct horse 1".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(
        &self,
        hub: &Url,
        username: &str,
        password: &Secret,
    ) -> Result<Marketplace, Error> {
        let body = serde_json::json!({
            "url": hub, "username": username, "password": password.expose(),
        });
        self.space.json(self.space.post(&["marketplaces", "connect"]).json(&body)).await
    }

    /// Makes an account at a hub and signs the space in with it.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the name or address is taken, otherwise what the hub says.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::space::marketplaces::NewAccount;
    ///
    /// let hub = "https://hub.example.org".parse()?;
    /// let account = NewAccount::new("ada", "ada@example.org", "correct horse 1");
    /// space.marketplaces().register(&hub, &account).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register(&self, hub: &Url, account: &NewAccount) -> Result<Marketplace, Error> {
        let host = hub.host_str().unwrap_or_default();
        let name = if account.name.is_empty() { host } else { &account.name };
        let body = serde_json::json!({
            "url": hub, "name": name, "username": account.username, "email": account.email,
            "password": account.password.expose(),
        });
        self.space.json(self.space.post(&["marketplaces", "register"]).json(&body)).await
    }

    /// Forgets a hub. What is listed there is taken off first.
    ///
    /// # Errors
    /// As [`Marketplaces::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, id: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// space.marketplaces().remove(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self, id: Uuid) -> Result<Notice, Error> {
        self.space.json(self.space.delete(&["marketplaces", &id.to_string()])).await
    }
}
