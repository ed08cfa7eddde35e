//! Profiles (contract hub 3.2).

use reqwest::Method;
use syfthub_core::wire::user::{EmailAvailability, ProfilePatch, User, UsernameAvailability};

use crate::client::Client;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// The operations on profiles; from [`Client::users`].
#[derive(Debug, Clone, Copy)]
pub struct Users<'a> {
    pub(crate) client: &'a Client,
}

impl Users<'_> {
    /// Changes the signed-in user's profile, such as the address under which their space is reached.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) or [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when a
    /// field breaks its rule or is taken.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{Patch, wire::user::ProfilePatch};
    ///
    /// let domain = Patch::Set("https://space.example.org".to_owned());
    /// hub.users().update(&ProfilePatch { domain, ..ProfilePatch::default() }).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(&self, patch: &ProfilePatch) -> Result<User, Error> {
        let url = self.client.api(&["users", "me"]);
        let call = Call::new(Method::PUT, url, Caller::User).json(&patch.to_body());
        self.client.transport().json(call).await
    }

    /// Whether a username is free.
    ///
    /// # Errors
    /// When the hub cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// assert!(hub.users().check_username("ada").await?.available);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check_username(&self, username: &str) -> Result<UsernameAvailability, Error> {
        let url = self.client.api(&["users", "check-username", username]);
        self.client.transport().json(Call::get(url, Caller::Anybody)).await
    }

    /// Whether an e-mail address is free.
    ///
    /// # Errors
    /// When the hub cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// assert!(hub.users().check_email("ada@example.org").await?.available);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check_email(&self, email: &str) -> Result<EmailAvailability, Error> {
        let url = self.client.api(&["users", "check-email", email]);
        self.client.transport().json(Call::get(url, Caller::Anybody)).await
    }
}
