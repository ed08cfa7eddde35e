//! Who shares the space: tenants, and the accounts that act for one.

use serde::Serialize;
use syfthub_client::Secret;
use syfthub_client::space::Space;
use syfthub_client::space::tenants::{AccountToken, NewSpaceAccount, NewTenant, TenantPatch};

use crate::operation::operations;

operations! {
    /// Who shares the space: tenants, and the accounts that act for one.
    OPERATIONS on Space;

    /// All tenants.
    call "tenants.list" ["GET /api/v1/tenants"], () |space| {
        Ok(space.tenants().list().await?)
    }

    /// The tenant of this name.
    call "tenants.get" ["GET /api/v1/tenants/{name}"], (tenant: String) |space| {
        Ok(space.tenants().get(&tenant).await?)
    }

    /// Makes a tenant.
    call "tenants.create" ["POST /api/v1/tenants"], (body: NewTenant) |space| {
        Ok(space.tenants().add(&body).await?)
    }

    /// Changes a tenant, or switches it off: nothing of it answers then.
    call "tenants.update" ["PATCH /api/v1/tenants/{name}"], (tenant: String, body: TenantPatch) |space| {
        Ok(space.tenants().edit(&tenant, &body).await?)
    }

    /// Makes an account of a tenant; of the one that is always there, unless another is named.
    call "accounts.register" ["POST /api/v1/auth/register"],
    (email: String, password: Secret, tenant: Option<String>, setup_token: Option<Secret>) |space| {
        let mut account = NewSpaceAccount::new(email, password);
        account.setup_token = setup_token;
        if let Some(tenant) = tenant {
            account.tenant = tenant;
        }
        Ok(space.accounts().register(&account).await?)
    }

    /// Signs in to an account. The token goes where the admin key goes.
    call "accounts.login" ["POST /api/v1/auth/login"], (email: String, password: Secret) |space| {
        Ok(Session::from(space.accounts().login(&email, &password).await?))
    }

    /// Replaces the password of the account whose token is the key. Every session ends; the answer begins a new one.
    call "accounts.change_password" ["PUT /api/v1/auth/password"], (current_password: Secret, new_password: Secret) |space| {
        Ok(Session::from(space.accounts().change_password(&current_password, &new_password).await?))
    }
}

/// A session that has begun; the one answer that shows a token, since that is what was asked for.
#[derive(Serialize)]
struct Session {
    access_token: String,
    token_type: String,
    expires_in: u64,
}

impl From<AccountToken> for Session {
    fn from(token: AccountToken) -> Self {
        let access_token = token.access_token.expose().to_owned();
        Self { access_token, token_type: token.token_type, expires_in: token.expires_in }
    }
}
