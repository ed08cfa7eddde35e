//! Profiles, and accounts for administrators.

use syfthub_client::wire::health::Heartbeat;
use syfthub_client::wire::user::{AccountPatch, ProfilePatch};
use syfthub_client::{Client, Role, UserId};

use super::pages::pages;
use crate::operation::operations;

operations! {
    /// Profiles, and accounts for administrators.
    OPERATIONS on Client;

    /// Changes the signed-in user's profile. What is absent stays, and null clears.
    call "users.update" ["PUT /api/v1/users/me"], (body: ProfilePatch) |hub| {
        Ok(hub.users().update(&body).await?)
    }

    /// Whether a username is free.
    call "users.check_username" ["GET /api/v1/users/check-username/{username}"], (username: String) |hub| {
        Ok(hub.users().check_username(&username).await?)
    }

    /// Whether an e-mail address is free.
    call "users.check_email" ["GET /api/v1/users/check-email/{email}"], (email: String) |hub| {
        Ok(hub.users().check_email(&email).await?)
    }

    /// What the signed-in user's programs sign in with at the accounting service.
    call "users.accounting" ["GET /api/v1/users/me/accounting"], () |hub| {
        Ok(hub.users().accounting().await?)
    }

    /// Tells the hub that the signed-in user's space is alive.
    call "users.heartbeat" ["POST /api/v1/users/me/heartbeat"], (body: Heartbeat) |hub| {
        Ok(hub.users().heartbeat(&body).await?)
    }

    /// A user, for themselves and for administrators.
    call "users.get" ["GET /api/v1/users/{user_id}"], (user: UserId) |hub| {
        Ok(hub.users().get(user).await?)
    }

    /// Changes a user's profile and, for administrators, their role and whether the account is switched on.
    call "users.update_account" ["PUT /api/v1/users/{user_id}"], (user: UserId, body: AccountPatch) |hub| {
        Ok(hub.users().update_account(user, &body).await?)
    }

    /// Deletes an account with everything that is only the user's.
    call "users.delete" ["DELETE /api/v1/users/{user_id}"], (user: UserId) |hub| {
        Ok(hub.users().delete(user).await?)
    }

    /// All users in the order of their numbers, for administrators.
    stream "users.list" ["GET /api/v1/users"],
    (search: Option<String>, role: Option<Role>, is_active: Option<bool>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.users().list();
        if let Some(text) = search {
            list = list.search(&text);
        }
        if let Some(role) = role {
            list = list.role(role);
        }
        if let Some(is_active) = is_active {
            list = list.active(is_active);
        }
        pages(list, skip, limit)
    }

    /// Switches an account on, for administrators.
    call "users.activate" ["PATCH /api/v1/users/{user_id}/activate"], (user: UserId) |hub| {
        Ok(hub.users().activate(user).await?)
    }

    /// Switches an account off, for administrators. That ends its sessions.
    call "users.deactivate" ["PATCH /api/v1/users/{user_id}/deactivate"], (user: UserId) |hub| {
        Ok(hub.users().deactivate(user).await?)
    }

    /// A user as everybody may see them.
    call "users.profile" ["GET /api/v1/users/public/{username}"], (username: String) |hub| {
        Ok(hub.users().profile(&username).await?)
    }
}
