//! Satellite tokens, and the keys that verify them.

use syfthub_client::{Client, OwnerName};

use crate::operation::operations;

operations! {
    /// Satellite tokens, and the keys that verify them.
    OPERATIONS on Client;

    /// The hub's public keys.
    call "tokens.jwks" ["GET /.well-known/jwks.json"], () |hub| {
        Ok(hub.tokens().jwks().await?)
    }

    /// Asks the hub to judge a token that was made for the caller's services. One that does not count is an answer, too.
    call "tokens.verify" ["POST /api/v1/verify"], (token: String) |hub| {
        Ok(hub.tokens().verify(&token).await?)
    }

    /// A token that proves the caller to the services of `audience`, with the seconds that it still counts. One that lives
    /// long enough is handed out again.
    call "tokens.satellite" ["GET /api/v1/token"], (audience: OwnerName) |hub| {
        Ok(hub.tokens().satellite_token(&audience).await?)
    }

    /// A token with which a guest may call the services of `audience`.
    call "tokens.guest" ["GET /api/v1/token/guest"], (audience: OwnerName) |hub| {
        Ok(hub.tokens().guest_token(&audience).await?)
    }
}
