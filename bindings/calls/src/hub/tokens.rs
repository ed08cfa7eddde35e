//! Satellite tokens, and the keys that verify them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde::Serialize;
use syfthub_client::{Client, OwnerName};

use super::pages::LARGEST;
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

    /// Names that tokens can be asked for, in alphabetical order.
    call "tokens.audiences" ["GET /api/v1/token/audiences"], (search: Option<String>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let search = search.unwrap_or_default();
        Ok(hub.tokens().audiences(&search, skip.unwrap_or(0), limit.unwrap_or(LARGEST)).await?)
    }

    /// A reply channel for sessions with endpoints of these owners.
    call "tokens.peer" ["POST /api/v1/peer-token"], (targets: Vec<OwnerName>) |hub| {
        Ok(hub.tokens().peer(&targets).await?)
    }

    /// A reply channel for a guest's sessions.
    call "tokens.guest_peer" ["POST /api/v1/nats/guest-peer-token"], (targets: Vec<OwnerName>) |hub| {
        Ok(hub.tokens().guest_peer(&targets).await?)
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

    /// A new token that proves the caller to the services of `audience`.
    call "tokens.mint" ["GET /api/v1/token"], (audience: OwnerName) |hub| {
        Ok(hub.tokens().mint(&audience).await?)
    }

    /// Tokens for the services of several owners, all asked for at once; of `guest`s on request. What fails for one owner is
    /// said beside the others' tokens.
    call "tokens.satellites" ["GET /api/v1/token", "GET /api/v1/token/guest"], (audiences: BTreeSet<String>, guest: Option<bool>) |hub| {
        let asked = audiences.into_iter().map(async |audience| {
            let owner = match OwnerName::parse(&audience) {
                Ok(owner) => owner,
                Err(refusal) => return (audience, Err(refusal.to_string())),
            };
            let minted = match guest {
                Some(true) => hub.tokens().guest_token(&owner).await,
                _ => hub.tokens().satellite_token(&owner).await,
            };
            (audience, minted.map(|token| token.target_token).map_err(|error| error.to_string()))
        });
        Ok(Several::of(join_all(asked).await))
    }
}

/// What came of asking for several tokens; each owner is in one of the two.
#[derive(Default, Serialize)]
struct Several {
    tokens: BTreeMap<String, String>,
    errors: BTreeMap<String, String>,
}

impl Several {
    fn of(asked: Vec<(String, Result<String, String>)>) -> Self {
        let mut several = Self::default();
        for (owner, came) in asked {
            match came {
                Ok(token) => several.tokens.insert(owner, token),
                Err(why) => several.errors.insert(owner, why),
            };
        }
        several
    }
}
