//! Personal access tokens: making, naming, revoking and recognising them (contract hub 4.5).
//!
//! A token is 256 random bits, told once. What is kept is its SHA-256, found by the token's first characters and compared
//! in constant time; a slow hash would add nothing to that many bits. Every request looks its token up, so that a
//! revocation holds at the next one, on every instance.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::RngCore as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use syfthub_core::input::{Issue, Part};
use syfthub_core::model::Scope;
use syfthub_core::wire::access_token::{
    AccessToken, AccessTokenDraft, AccessTokens, NewAccessToken, PREFIX, SHOWN,
};
use syfthub_core::{AccessTokenId, Secret, Timestamp, UserId};

use super::caller::{Caller, Means};
use super::origin::Origin;
use super::refusal::Refusal;
use super::store::access_tokens::{self as store, Minted, Which};
use super::store::users;
use super::uses::Uses;
use crate::db::{StoreError, Tx};
use crate::http::{ClientAddress, Page};
use crate::hub::Hub;

/// What every token of the family begins with; no token of another kind does.
const FAMILY: &str = "syft_";

/// Random bytes in a token.
const BYTES: usize = 32;

/// Whether a bearer token is to be read as a personal access token and as nothing else.
pub(super) fn looks_like_one(token: &str) -> bool {
    token.starts_with(FAMILY)
}

/// A personal access token that came with a request.
#[derive(Debug, Clone)]
pub(super) struct PresentedToken {
    pub(super) token: Secret,
    /// When it came.
    pub(super) at: Timestamp,
    /// Where from.
    pub(super) address: ClientAddress,
    /// Where its use is noted.
    pub(super) uses: Uses,
}

/// Whose token it is, if it counts.
pub(super) async fn recognise(
    tx: &mut Tx,
    presented: &PresentedToken,
) -> Result<Option<Caller>, StoreError> {
    let token = presented.token.expose();
    let Some(prefix) = token.get(..SHOWN) else { return Ok(None) };
    let digest = Secret::new(digest(token));
    // All are compared, so that the time does not tell which one came close.
    let found = store::find_presented(tx, prefix)
        .await?
        .into_iter()
        .fold(None, |found, row| if digest.matches(&row.digest) { Some(row) } else { found });
    let live = found.filter(|row| row.expires_at.is_none_or(|end| presented.at < end));
    let Some(row) = live else { return Ok(None) };
    if row.user.is_active {
        presented.uses.note(row.id, row.last_used_at, presented.at, presented.address);
    }
    let scope = row.scopes.last().copied().unwrap_or(Scope::Read);
    Ok(Some(Caller { user: row.user, means: Means::Token(scope) }))
}

/// Makes a token for the caller.
pub(crate) async fn create(
    hub: &Hub,
    caller: &Caller,
    draft: AccessTokenDraft,
    origin: Origin,
) -> Result<NewAccessToken, Refusal> {
    if let Some(end) = draft.expires_at.filter(|end| *end <= origin.at) {
        return Err(Refusal::Invalid(vec![in_the_past(end)]));
    }
    let (user, most) = (caller.id(), hub.identity.most_access_tokens);
    let token = generate();
    let minted = Minted {
        name: draft.name,
        prefix: token.chars().take(SHOWN).collect(),
        digest: digest(&token),
        scopes: draft.scopes,
        expires_at: draft.expires_at,
    };
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            // Whoever makes a token at the same time waits here, so that the count stays true.
            users::lock(tx, user).await?;
            if store::count(tx, user, Which::Active(origin.at)).await? >= most {
                return Err(Refusal::TooManyTokens(most));
            }
            let id = store::insert(tx, user, &minted, origin.at).await?;
            let detail = json!({ "name": minted.name, "scopes": minted.scopes });
            note(tx, &origin, user, "access_token.create", id, detail).await?;
            store::find(tx, user, id, origin.at).await?.ok_or(Refusal::TokenNotFound)
        })
    });
    Ok(NewAccessToken { token, details: write.await? })
}

fn in_the_past(end: Timestamp) -> Issue {
    let loc = ["body", "expires_at"].map(|part| Part::Field(part.to_owned())).to_vec();
    let msg = "Value error, expires_at must be in the future".to_owned();
    Issue { kind: "value_error", loc, msg, input: Value::from(end.to_string()) }
}

/// A page of the user's tokens, newest first; revoked and expired ones too when `whole`.
pub(crate) async fn list(
    hub: &Hub,
    user: UserId,
    whole: bool,
    page: Page,
) -> Result<AccessTokens, Refusal> {
    let now = hub.clock.now();
    let which = if whole { Which::All } else { Which::Active(now) };
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let tokens = store::list(tx, user, which, page, now).await?;
            Ok(AccessTokens { tokens, total: store::count(tx, user, which).await? })
        })
    });
    read.await
}

/// One of the user's tokens, also when it no longer counts.
pub(crate) async fn find(
    hub: &Hub,
    user: UserId,
    id: AccessTokenId,
) -> Result<AccessToken, Refusal> {
    let now = hub.clock.now();
    let read = hub.db.read(move |tx| Box::pin(async move { store::find(tx, user, id, now).await }));
    read.await.map_err(Refusal::Store)?.ok_or(Refusal::TokenNotFound)
}

/// Gives one of the user's tokens another name.
pub(crate) async fn rename(
    hub: &Hub,
    user: UserId,
    id: AccessTokenId,
    name: String,
    origin: Origin,
) -> Result<AccessToken, Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            if !store::rename(tx, user, id, &name, origin.at).await? {
                return Err(Refusal::TokenNotFound);
            }
            note(tx, &origin, user, "access_token.rename", id, json!({ "name": name })).await?;
            store::find(tx, user, id, origin.at).await?.ok_or(Refusal::TokenNotFound)
        })
    });
    write.await
}

/// Ends one of the user's tokens for good. That it had ended before is a success.
pub(crate) async fn revoke(
    hub: &Hub,
    user: UserId,
    id: AccessTokenId,
    origin: Origin,
) -> Result<(), Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            if store::revoke(tx, user, id, origin.at).await? {
                return Ok(note(tx, &origin, user, "access_token.revoke", id, json!({})).await?);
            }
            let known = store::find(tx, user, id, origin.at).await?;
            known.map(drop).ok_or(Refusal::TokenNotFound)
        })
    });
    write.await
}

async fn note(
    tx: &mut Tx,
    origin: &Origin,
    user: UserId,
    action: &'static str,
    id: AccessTokenId,
    detail: Value,
) -> Result<(), StoreError> {
    origin.note(tx, user, action, format!("access_token:{id}"), detail).await
}

fn generate() -> String {
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 of the token, in hexadecimal digits.
fn digest(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes text");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_prefix_and_43_characters_that_never_repeat() {
        let (one, other) = (generate(), generate());
        assert!(one.starts_with("syft_pat_") && one.len() == 9 + 43 && looks_like_one(&one));
        assert_ne!(one, other);
    }

    #[test]
    fn a_digest_is_the_sha_256_in_hexadecimal() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest("abc"), expected);
    }
}
