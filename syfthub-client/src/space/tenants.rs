//! Who shares a space: tenants, and the accounts that act for one (contract space 1.6, 6).

use serde::{Deserialize, Serialize};
use syfthub_core::{Secret, Timestamp};
use uuid::Uuid;

use super::Space;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// A tenant: datasets, models and endpoints of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tenant {
    /// The tenant.
    pub id: Uuid,
    /// Its name, as in the header `X-Tenant-Name`.
    pub name: String,
    /// Its name for people.
    #[serde(default)]
    pub display_name: String,
    /// Its domain.
    #[serde(default)]
    pub domain: Option<String>,
    /// Whether it may be used.
    #[serde(default)]
    pub is_active: bool,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// A tenant to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewTenant {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: String,
    /// Its name for people.
    pub display_name: String,
}

impl NewTenant {
    /// A tenant without a domain.
    pub fn new(name: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self { name: name.into(), display_name: display_name.into() }
    }
}

/// The operations on tenants; from [`Space::tenants`].
#[derive(Debug, Clone, Copy)]
pub struct Tenants<'a> {
    pub(super) space: &'a Space,
}

impl Tenants<'_> {
    /// All tenants.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for tenant in space.tenants().list().await? {
    ///     println!("{}", tenant.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<Tenant>, Error> {
        self.space.json(self.space.get(&["tenants"])).await
    }

    /// The tenant of this name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.tenants().get("root").await?.display_name);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, name: &str) -> Result<Tenant, Error> {
        self.space.json(self.space.get(&["tenants", name])).await
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) when the space has one tenant only,
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the name is taken.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::tenants::NewTenant;
    ///
    /// space.tenants().add(&NewTenant::new("field-station", "Field station")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add(&self, new: &NewTenant) -> Result<Tenant, Error> {
        self.space.json(self.space.post(&["tenants"]).json(new)).await
    }
}

/// An account that acts for a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// The account.
    pub id: Uuid,
    /// Its address.
    pub email: String,
    /// Its tenant.
    #[serde(default)]
    pub tenant_name: String,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// What a login gives.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AccountToken {
    /// Goes where the admin key goes.
    pub access_token: Secret,
    /// Seconds until it ends.
    #[serde(default)]
    pub expires_in: u64,
}

/// The operations on accounts; from [`Space::accounts`].
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a> {
    pub(super) space: &'a Space,
}

impl Accounts<'_> {
    /// Makes an account. The first one of a space needs the admin key only where the space says so.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the address is taken,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the password is too weak.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// space.accounts().register("ada@example.org", &"correct horse 1".into(), "root").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register(
        &self,
        email: &str,
        password: &Secret,
        tenant: &str,
    ) -> Result<Account, Error> {
        let body = serde_json::json!({
            "email": email, "password": password.expose(), "tenant_name": tenant,
        });
        let url = self.space.api(&["auth", "register"]);
        self.space.json(Call::post(url, Caller::UserIfAny).json(&body)).await
    }

    /// Signs in. The token goes where the admin key goes.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when address or password are wrong.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::Space;
    ///
    /// let token = space.accounts().login("ada@example.org", &"correct horse 1".into()).await?;
    /// let hers = Space::builder(space.url().as_str()).key(token.access_token).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn login(&self, email: &str, password: &Secret) -> Result<AccountToken, Error> {
        let body = serde_json::json!({ "email": email, "password": password.expose() });
        let url = self.space.api(&["auth", "login"]);
        self.space.json(Call::post(url, Caller::Anybody).json(&body)).await
    }
}
