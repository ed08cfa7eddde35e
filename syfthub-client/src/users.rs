//! Profiles (contract hub 3.2).

use reqwest::Method;
use syfthub_core::ids::UserId;
use syfthub_core::wire::accounting::{AccountingCredentials, AccountingUser};
use syfthub_core::wire::health::{Heartbeat, HeartbeatReceipt};
use syfthub_core::wire::user::{
    AccountPatch, EmailAvailability, ProfilePatch, PublicProfile, User, UsernameAvailability,
};

use crate::client::Client;
use crate::error::Error;
use crate::lists::{Accounts, List};
use crate::transport::{Call, Caller};

/// The operations on profiles; from [`Client::users`].
#[derive(Debug, Clone, Copy)]
pub struct Users<'a> {
    pub(crate) client: &'a Client,
}

impl<'a> Users<'a> {
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

    /// What the signed-in user's programs sign in with at the accounting service (contract hub 3.6).
    ///
    /// # Errors
    /// When nobody is signed in, or the hub cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let account = hub.users().accounting().await?;
    /// println!("{} at {}", account.email, account.url.as_deref().unwrap_or("no service"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn accounting(&self) -> Result<AccountingCredentials, Error> {
        let url = self.client.api(&["users", "me", "accounting"]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// Tells the hub that the signed-in user's space is alive, for as long as the heartbeat says (contract hub 7.3).
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::health::Heartbeat;
    ///
    /// let url = "https://space.example.org".to_owned();
    /// let receipt = hub.users().heartbeat(&Heartbeat { url, ttl_seconds: Some(90) }).await?;
    /// println!("until {:?}", receipt.expires_at);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatReceipt, Error> {
        let call = Call::post(self.client.api(&["users", "me", "heartbeat"]), Caller::User);
        self.client.transport().json(call.json(heartbeat)).await
    }

    /// The signed-in user's account at the accounting service that the hub knows of.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when none is linked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{} left", hub.users().accounting_user().await?.balance);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn accounting_user(&self) -> Result<AccountingUser, Error> {
        let url = self.client.api(&["accounting", "user"]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// A user, for themselves and for administrators.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) when it is another user's account.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{}", hub.users().get(syfthub_client::UserId(7)).await?.username);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, id: UserId) -> Result<User, Error> {
        let url = self.client.api(&["users", &id.to_string()]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// Changes a user's profile and, for administrators, their role and whether the account is switched on.
    ///
    /// # Errors
    /// As [`Users::update`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) also when nobody else runs the hub, or
    /// owns an organization of the user's.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::user::AccountPatch;
    /// use syfthub_client::{Role, UserId};
    ///
    /// let patch = AccountPatch { role: Some(Role::Admin), ..AccountPatch::default() };
    /// hub.users().update_account(UserId(7), &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_account(&self, id: UserId, patch: &AccountPatch) -> Result<User, Error> {
        let url = self.client.api(&["users", &id.to_string()]);
        let call = Call::new(Method::PUT, url, Caller::User).json(&patch.to_body());
        self.client.transport().json(call).await
    }

    /// Deletes an account with everything that is only the user's.
    ///
    /// # Errors
    /// As [`Users::update_account`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.users().delete(syfthub_client::UserId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self, id: UserId) -> Result<(), Error> {
        let url = self.client.api(&["users", &id.to_string()]);
        self.client.transport().empty(Call::new(Method::DELETE, url, Caller::User)).await
    }

    /// A user as everybody may see them.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no active user of this name.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{:?}", hub.users().profile("ada").await?.bio);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn profile(&self, username: &str) -> Result<PublicProfile, Error> {
        let url = self.client.api(&["users", "public", username]);
        self.client.transport().json(Call::get(url, Caller::Anybody)).await
    }

    /// Switches an account on, which administrators may do.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) for anybody else.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// assert!(hub.users().activate(syfthub_client::UserId(7)).await?.is_active);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn activate(&self, id: UserId) -> Result<User, Error> {
        self.switch(id, "activate").await
    }

    /// Switches an account off, which administrators may do and which ends its sessions.
    ///
    /// # Errors
    /// As [`Users::activate`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) also when nobody else runs the hub.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.users().deactivate(syfthub_client::UserId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn deactivate(&self, id: UserId) -> Result<User, Error> {
        self.switch(id, "deactivate").await
    }

    async fn switch(&self, id: UserId, verb: &str) -> Result<User, Error> {
        let url = self.client.api(&["users", &id.to_string(), verb]);
        self.client.transport().json(Call::new(Method::PATCH, url, Caller::User)).await
    }

    /// All users in the order of their numbers, for administrators.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::Role;
    ///
    /// for user in hub.users().list().role(Role::Admin).send().await? {
    ///     println!("{}", user.username);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> List<'a, Accounts> {
        List::new(self.client, Call::get(self.client.api(&["users"]), Caller::User))
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
