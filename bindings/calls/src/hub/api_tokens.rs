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

    /// A page of the tokens that count, newest first, and how many there are; all tokens with `include_inactive`.
    call "api_tokens.list" ["GET /api/v1/auth/tokens"],
    (skip: Option<u64>, limit: Option<u32>, include_inactive: Option<bool>) |hub| {
        let (skip, limit) = (skip.unwrap_or(0), limit.unwrap_or(100));
        Ok(hub.api_tokens().page(skip, limit, include_inactive.unwrap_or(false)).await?)
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
