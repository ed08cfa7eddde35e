//! Who shares a space: tenants, and the accounts that act for one (contract space 1.6, 6).

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
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
    /// Whatever those who run the node want to keep about it.
    #[serde(default)]
    pub meta: Map<String, Value>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

/// A tenant to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewTenant {
    /// Its name: 3 to 63 lower-case letters, digits and hyphens.
    pub name: String,
    /// Its name for people, 1 to 100 characters.
    pub display_name: String,
    /// A host name that stands for it; informative.
    #[serde(default)]
    pub domain: Option<String>,
    /// Whatever those who run the node want to keep about it.
    #[serde(default)]
    pub meta: Map<String, Value>,
}

impl NewTenant {
    /// A tenant without a domain.
    pub fn new(name: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            display_name: display_name.into(),
            domain: None,
            meta: Map::new(),
        }
    }
}

/// Changes to a tenant; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantPatch {
    /// Another name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Another host name that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Whether it can be used; nothing of one that cannot answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// Something else to be kept about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
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

    /// Changes a tenant, or switches it off: nothing of it answers then.
    ///
    /// # Errors
    /// As [`Tenants::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::tenants::TenantPatch;
    ///
    /// let off = TenantPatch { is_active: Some(false), ..TenantPatch::default() };
    /// space.tenants().edit("field-station", &off).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn edit(&self, name: &str, patch: &TenantPatch) -> Result<Tenant, Error> {
        self.space.json(self.space.patch(&["tenants", name]).json(patch)).await
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

/// An account to be made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewSpaceAccount {
    /// What its owner signs in with.
    pub email: String,
    /// With a letter and a digit, and as long as the space wants it.
    pub password: Secret,
    /// The tenant it acts for.
    pub tenant: String,
    /// Lets the first account in: it stands in the state directory as `setup.token` until there is one.
    pub setup_token: Option<Secret>,
}

impl NewSpaceAccount {
    /// An account of the tenant that is always there.
    pub fn new(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            email: email.into(),
            password: password.into(),
            tenant: "root".to_owned(),
            setup_token: None,
        }
    }

    /// An account of this tenant.
    #[must_use]
    pub fn of(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }
}

/// What a login gives.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AccountToken {
    /// Goes where the admin key goes.
    pub access_token: Secret,
    /// Always `bearer`.
    #[serde(default)]
    pub token_type: String,
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
    /// Makes an account. The first one of a space takes its setup token where no key is sent; later ones need the admin key,
    /// or somebody signed in to an account of the same tenant.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when the address is taken,
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the password is too weak.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::tenants::NewSpaceAccount;
    ///
    /// space.accounts().register(&NewSpaceAccount::new("ada@example.org", "correct horse 1")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register(&self, account: &NewSpaceAccount) -> Result<Account, Error> {
        let body = serde_json::json!({
            "email": account.email, "password": account.password.expose(), "tenant_name": account.tenant,
            "setup_token": account.setup_token.as_ref().map(Secret::expose),
        });
        let url = self.space.api(&["auth", "register"]);
        self.space.json(Call::post(url, Caller::UserIfAny).json(&body)).await
    }

    /// Replaces the password of the account whose token is the key. Every session ends; the token given back begins a new
    /// one.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the new password is too weak,
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when the present one is wrong.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// let (old, new) = ("correct horse 1".into(), "battery staple 2".into());
    /// let token = space.accounts().change_password(&old, &new).await?;
    /// println!("signed in for {} s", token.expires_in);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn change_password(
        &self,
        current: &Secret,
        new: &Secret,
    ) -> Result<AccountToken, Error> {
        let body = serde_json::json!({
            "current_password": current.expose(), "new_password": new.expose(),
        });
        let url = self.space.api(&["auth", "password"]);
        self.space.json(Call::new(Method::PUT, url, Caller::User).json(&body)).await
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
