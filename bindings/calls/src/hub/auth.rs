//! Signing up, in and out.

use syfthub_client::wire::auth::{PasswordChange, Registration};
use syfthub_client::{Client, Secret};

use crate::operation::operations;

operations! {
    /// Signing up, in and out.
    OPERATIONS on Client;

    /// Makes an account and signs in with it, unless its address must be verified first.
    call "auth.register" ["POST /api/v1/auth/register"], (body: Registration) |hub| {
        Ok(hub.auth().register(&body).await?)
    }

    /// Signs in with a username or an e-mail address, and tells who that is.
    call "auth.login" ["POST /api/v1/auth/login"], (username: String, password: Secret) |hub| {
        Ok(hub.auth().login(&username, password).await?)
    }

    /// Ends the session.
    call "auth.logout" ["POST /api/v1/auth/logout"], () |hub| {
        Ok(hub.auth().logout().await?)
    }

    /// The signed-in user.
    call "auth.me" ["GET /api/v1/auth/me"], () |hub| {
        Ok(hub.auth().me().await?)
    }

    /// Sets a new password. This session goes on, the user's other sessions end.
    call "auth.change_password" ["PUT /api/v1/auth/me/password"], (body: PasswordChange) |hub| {
        Ok(hub.auth().change_password(&body).await?)
    }
}
