//! Signing up, in and out, and the caller's own account.

use syfthub_client::{Client, Secret};

use crate::operation::operations;

operations! {
    /// Signing up, in and out, and the caller's own account.
    OPERATIONS on Client;

    /// Signs in with a username or an e-mail address, and tells who that is.
    call "auth.login" ["POST /api/v1/auth/login", "GET /api/v1/auth/me"], (username: String, password: Secret) |hub| {
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
}
