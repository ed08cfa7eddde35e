//! Signing up, in and out (contract hub 3.1).

use reqwest::Method;
use serde_json::json;
use syfthub_core::Secret;
use syfthub_core::wire::auth::{PasswordChange, Registered, Registration, SignedIn, Tokens};
use syfthub_core::wire::user::User;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::transport::{Call, Caller};

/// The operations on the caller's own sign-in; from [`Client::auth`].
#[derive(Debug, Clone, Copy)]
pub struct Auth<'a> {
    pub(crate) client: &'a Client,
}

impl Auth<'_> {
    /// Makes an account and signs in with it, unless the hub wants its address to be verified first.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the name or the address is taken, [`ErrorKind::Refused`] when a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::Email;
    /// use syfthub_client::wire::auth::Registration;
    ///
    /// let registration = Registration::new(
    ///     "ada".parse()?,
    ///     Email::parse("ada@example.org")?,
    ///     "Ada Lovelace",
    ///     "correct horse 1",
    /// );
    /// let registered = hub.auth().register(&registration).await?;
    /// if registered.requires_email_verification {
    ///     println!("a code was mailed to {}", registered.user.email);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register(&self, registration: &Registration) -> Result<Registered, Error> {
        let mut body = json!({
            "username": registration.username,
            "email": registration.email,
            "full_name": registration.full_name,
            "password": registration.password.expose(),
        });
        if let Some(url) = &registration.accounting_service_url {
            body["accounting_service_url"] = url.as_str().into();
        }
        if let Some(password) = &registration.accounting_password {
            body["accounting_password"] = password.expose().into();
        }
        let url = self.client.api(&["auth", "register"]);
        let call = Call::post(url, Caller::Anybody).json(&body);
        let registered: Registered = self.client.transport().json(call).await?;
        if let Some(tokens) = registered.tokens() {
            self.set_tokens(Some(tokens)).await?;
        }
        Ok(registered)
    }

    /// Signs in with a username or an e-mail address.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`] when the password does not match.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let user = hub.auth().login("ada", "correct horse 1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn login(&self, username: &str, password: impl Into<Secret>) -> Result<User, Error> {
        let password = password.into();
        let fields = [("username", username), ("password", password.expose())];
        let url = self.client.api(&["auth", "login"]);
        self.begin(Call::post(url, Caller::Anybody).form(&fields)).await
    }

    pub(crate) async fn begin(&self, call: Call) -> Result<User, Error> {
        let SignedIn { user, tokens } = self.client.transport().json(call).await?;
        self.set_tokens(Some(tokens)).await?;
        Ok(user)
    }

    /// Ends the session at the hub and forgets its tokens. Nobody being signed in is a success.
    ///
    /// # Errors
    /// When the hub cannot be asked; the tokens are forgotten all the same.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.auth().logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn logout(&self) -> Result<(), Error> {
        let transport = self.client.transport();
        let url = self.client.api(&["auth", "logout"]);
        let told = transport.empty(Call::post(url, Caller::User)).await;
        self.set_tokens(None).await?;
        match told {
            Err(error) if error.kind() != ErrorKind::NotSignedIn => Err(error),
            _ => Ok(()),
        }
    }

    /// The signed-in user, as the hub knows them now.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`] when nobody is.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{}", hub.auth().me().await?.email);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn me(&self) -> Result<User, Error> {
        let url = self.client.api(&["auth", "me"]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// Sets a new password. This session goes on, the user's other sessions end.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the old password is wrong or the new one too weak.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::auth::PasswordChange;
    ///
    /// let change = PasswordChange {
    ///     current_password: "correct horse 1".into(),
    ///     new_password: "battery staple 2".into(),
    /// };
    /// hub.auth().change_password(&change).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn change_password(&self, change: &PasswordChange) -> Result<(), Error> {
        let body = json!({
            "current_password": change.current_password.expose(),
            "new_password": change.new_password.expose(),
        });
        let url = self.client.api(&["auth", "me", "password"]);
        let call = Call::new(Method::PUT, url, Caller::User).json(&body);
        self.client.transport().empty(call).await
    }

    /// The session's tokens, to be saved and given to [`ClientBuilder::tokens`](crate::ClientBuilder::tokens) later.
    ///
    /// ```no_run
    /// # fn example(hub: syfthub_client::Client) {
    /// let signed_in = hub.auth().tokens().is_some();
    /// # }
    /// ```
    pub fn tokens(&self) -> Option<Tokens> {
        self.client.transport().session.tokens().map(|tokens| tokens.as_ref().clone())
    }
}
