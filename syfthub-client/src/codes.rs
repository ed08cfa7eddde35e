//! What a mailed code allows: to verify an address, and to set a new password (contract hub 9.4, 12).

use serde_json::json;
use syfthub_core::Secret;
use syfthub_core::wire::auth::Tokens;
use syfthub_core::wire::user::User;
use syfthub_core::wire::verification::{Acknowledgement, AuthConfig};

use crate::auth::Auth;
use crate::error::Error;
use crate::transport::{Call, Caller};

impl Auth<'_> {
    /// What the hub lets its users do: whether it mails codes, and for what.
    ///
    /// # Errors
    /// When the hub cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// if hub.auth().config().await?.password_reset_enabled {
    ///     println!("a forgotten password can be reset");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn config(&self) -> Result<AuthConfig, Error> {
        let url = self.client.api(&["auth", "config"]);
        self.client.transport().json(Call::get(url, Caller::Anybody)).await
    }

    /// Exchanges the session's tokens for the next pair, as every call does by itself once they have expired.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when there is no session, or it is over.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let tokens = hub.auth().refresh().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn refresh(&self) -> Result<Tokens, Error> {
        Ok(self.client.transport().renew_now().await?.as_ref().clone())
    }

    /// Verifies an address with the code that was mailed to it, and signs in.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the code is not the one, or too old.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let user = hub.auth().verify_otp("ada@example.org", "123456").await?;
    /// assert!(user.is_email_verified);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify_otp(&self, email: &str, code: impl Into<Secret>) -> Result<User, Error> {
        let code = code.into();
        let body = json!({ "email": email, "code": code.expose() });
        let url = self.client.api(&["auth", "register", "verify-otp"]);
        self.begin(Call::post(url, Caller::Anybody).json(&body)).await
    }

    /// Has another code mailed to an address that is not verified yet. The answer is the same for every address.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) when codes were asked for too often.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{}", hub.auth().resend_otp("ada@example.org").await?.message);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resend_otp(&self, email: &str) -> Result<Acknowledgement, Error> {
        self.mail(&["auth", "register", "resend-otp"], email).await
    }

    /// Has a code mailed that allows to set a new password. The answer is the same for every address.
    ///
    /// # Errors
    /// As [`Auth::resend_otp`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.auth().request_password_reset("ada@example.org").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn request_password_reset(&self, email: &str) -> Result<Acknowledgement, Error> {
        self.mail(&["auth", "password-reset", "request"], email).await
    }

    async fn mail(&self, place: &[&str], email: &str) -> Result<Acknowledgement, Error> {
        let call = Call::post(self.client.api(place), Caller::Anybody);
        self.client.transport().json(call.json(&json!({ "email": email }))).await
    }

    /// Sets a new password with a mailed code. Every session of the user ends, and every personal access token.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the code is not the one, or the password too weak.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.auth().confirm_password_reset("ada@example.org", "123456", "battery staple 2").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn confirm_password_reset(
        &self,
        email: &str,
        code: impl Into<Secret>,
        new_password: impl Into<Secret>,
    ) -> Result<Acknowledgement, Error> {
        let (code, password) = (code.into(), new_password.into());
        let body =
            json!({ "email": email, "code": code.expose(), "new_password": password.expose() });
        let url = self.client.api(&["auth", "password-reset", "confirm"]);
        self.client.transport().json(Call::post(url, Caller::Anybody).json(&body)).await
    }
}
