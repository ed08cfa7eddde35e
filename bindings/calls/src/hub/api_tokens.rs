//! Personal access tokens.

use syfthub_client::wire::access_token::AccessTokenDraft;
use syfthub_client::{AccessTokenId, Client};

use crate::operation::operations;

operations! {
    /// Personal access tokens.
    OPERATIONS on Client;

    /// Makes a token. The answer is the only one that holds it.
    call "api_tokens.create" ["POST /api/v1/auth/tokens"], (body: AccessTokenDraft) |hub| {
        Ok(hub.api_tokens().create(&body).await?)
    }

    /// The hundred newest tokens that count, and how many there are.
    call "api_tokens.list" ["GET /api/v1/auth/tokens"], () |hub| {
        Ok(hub.api_tokens().list().await?)
    }

    /// The token with this number, also when it no longer counts.
    call "api_tokens.get" ["GET /api/v1/auth/tokens/{id}"], (token: AccessTokenId) |hub| {
        Ok(hub.api_tokens().get(token).await?)
    }

    /// Gives a token another name.
    call "api_tokens.rename" ["PATCH /api/v1/auth/tokens/{id}"], (token: AccessTokenId, name: String) |hub| {
        Ok(hub.api_tokens().rename(token, name).await?)
    }

    /// Ends a token at once and for good.
    call "api_tokens.revoke" ["DELETE /api/v1/auth/tokens/{id}"], (token: AccessTokenId) |hub| {
        Ok(hub.api_tokens().revoke(token).await?)
    }
}
