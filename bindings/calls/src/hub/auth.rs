//! Signing up, in and out.

use syfthub_client::wire::auth::{PasswordChange, Registration};
use syfthub_client::{Client, Secret};

use crate::operation::operations;

operations! {
    /// Signing up, in and out.
    OPERATIONS on Client;

    /// What the hub lets its users do: whether it mails codes, and for what.
    call "auth.config" ["GET /api/v1/auth/config"], () |hub| {
        Ok(hub.auth().config().await?)
    }

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

    /// Exchanges the session's tokens for the next pair.
    call "auth.refresh" ["POST /api/v1/auth/refresh"], () |hub| {
        Ok(hub.auth().refresh().await?)
    }

    /// Verifies an address with the code that was mailed to it, signs in, and tells who that is.
    call "auth.verify_otp" ["POST /api/v1/auth/register/verify-otp"], (email: String, code: Secret) |hub| {
        Ok(hub.auth().verify_otp(&email, code).await?)
    }

    /// Has another code mailed to an address that is not verified yet.
    call "auth.resend_otp" ["POST /api/v1/auth/register/resend-otp"], (email: String) |hub| {
        Ok(hub.auth().resend_otp(&email).await?)
    }

    /// Has a code mailed that allows to set a new password.
    call "auth.request_password_reset" ["POST /api/v1/auth/password-reset/request"], (email: String) |hub| {
        Ok(hub.auth().request_password_reset(&email).await?)
    }

    /// Sets a new password with a mailed code. Every session of the user ends, and every personal access token.
    call "auth.confirm_password_reset" ["POST /api/v1/auth/password-reset/confirm"],
    (email: String, code: Secret, new_password: Secret) |hub| {
        Ok(hub.auth().confirm_password_reset(&email, code, new_password).await?)
    }

    /// Sets a new password. This session goes on, the user's other sessions end.
    call "auth.change_password" ["PUT /api/v1/auth/me/password"], (body: PasswordChange) |hub| {
        Ok(hub.auth().change_password(&body).await?)
    }
}
