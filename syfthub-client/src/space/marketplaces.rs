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
    /// The organization that is published for, where it is not the account itself.
    #[serde(default)]
    pub organization: Option<String>,
    /// Whether it is the one to use when none is named.
    #[serde(default)]
    pub is_default: bool,
    /// Whether it is used.
    #[serde(default)]
    pub is_active: bool,
    /// When it was connected.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
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
    /// The accounting service to link, when it is not the hub's default one.
    pub accounting_url: Option<String>,
    /// The password of the account there, when it exists already.
    pub accounting_password: Option<Secret>,
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
            accounting_url: None,
            accounting_password: None,
        }
    }
}

/// An account that exists at a hub.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HubAccount {
    /// Its name or address.
    pub username: String,
    /// Its password.
    pub password: Secret,
    /// An organization to publish for, instead of the account itself.
    pub organization: Option<String>,
}

impl HubAccount {
    /// An account that publishes for itself.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { username: username.into(), password: password.into(), organization: None }
    }
}

/// Changes to a connected hub; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarketplacePatch {
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// `true` makes it the one that is meant when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
}

/// What becomes of the rest when a hub is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HubRemoval {
    /// The hub that becomes the default one, when the removed one is it.
    pub default: Option<Uuid>,
    /// Also when the hub does not take everything off now.
    pub force: bool,
}

/// What is left of an account's money.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Balance {
    /// In the accounting service's own unit.
    pub balance: f64,
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

    /// Signs the space in at a hub, or at the one that is meant when none is named; a hub that is connected is given this
    /// account instead of its own.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when the hub refuses the password, otherwise what it says.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::space::marketplaces::HubAccount;
    ///
    /// let hub = "https://hub.example.org".parse()?;
    /// space.marketplaces().connect(Some(&hub), &HubAccount::new("ada", "correct horse 1")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(
        &self,
        hub: Option<&Url>,
        account: &HubAccount,
    ) -> Result<Marketplace, Error> {
        let body = serde_json::json!({
            "url": hub, "username": account.username, "password": account.password.expose(),
            "organization": account.organization,
        });
        self.space.json(self.space.post(&["marketplaces", "connect"]).json(&body)).await
    }

    /// Makes an account at a hub, or at the one that is meant when none is named, and signs the space in with it.
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
    /// space.marketplaces().register(Some(&hub), &account).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register(
        &self,
        hub: Option<&Url>,
        account: &NewAccount,
    ) -> Result<Marketplace, Error> {
        let body = serde_json::json!({
            "url": hub, "name": account.name, "username": account.username, "email": account.email,
            "password": account.password.expose(), "accounting_url": account.accounting_url,
            "accounting_password": account.accounting_password.as_ref().map(Secret::expose),
        });
        self.space.json(self.space.post(&["marketplaces", "register"]).json(&body)).await
    }

    /// Whether nobody at a hub goes by this name yet; at the default one unless another is named.
    ///
    /// # Errors
    /// What the hub says, or that it does not answer as one.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.marketplaces().is_username_free("ada", None).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn is_username_free(&self, name: &str, hub: Option<&Url>) -> Result<bool, Error> {
        let call = self.space.get(&["marketplaces", "check-username", name]);
        self.space.json(call.query_if("url", hub)).await
    }

    /// What is left of the account's money, by the default hub's accounting.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when no hub is connected, otherwise what the hub says.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.marketplaces().balance().await?.balance);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn balance(&self) -> Result<Balance, Error> {
        self.space.json(self.space.get(&["marketplaces", "balance"])).await
    }

    /// Renames a hub, switches it on or off, or makes it the default one.
    ///
    /// # Errors
    /// As [`Marketplaces::get`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) when nothing is to be changed.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, id: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::marketplaces::MarketplacePatch;
    ///
    /// let patch = MarketplacePatch { is_default: Some(true), ..MarketplacePatch::default() };
    /// space.marketplaces().edit(id, &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn edit(&self, id: Uuid, patch: &MarketplacePatch) -> Result<Marketplace, Error> {
        self.space.json(self.space.patch(&["marketplaces", &id.to_string()]).json(patch)).await
    }

    /// Forgets a hub. What is listed there is taken off first.
    ///
    /// # Errors
    /// As [`Marketplaces::get`]; [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the hub does not take everything
    /// off now and is not to be forgotten all the same.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, id: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::marketplaces::HubRemoval;
    ///
    /// space.marketplaces().remove(id, HubRemoval::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self, id: Uuid, rest: HubRemoval) -> Result<Notice, Error> {
        let call = self.space.delete(&["marketplaces", &id.to_string()]);
        let call = call.query_if("default", rest.default);
        self.space.json(call.query_if("force", rest.force.then_some(true))).await
    }
}
