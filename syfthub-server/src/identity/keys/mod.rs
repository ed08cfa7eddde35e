//! The RSA keys behind satellite tokens: which one signs, and every public one whose tokens may still be alive.
//!
//! The hub makes its keys itself and keeps them in the database, the private halves sealed, so that all instances on one
//! database sign and judge alike. A new key is published before it signs: by the moment it does, every verifier that
//! keeps the key set for as long as it may has fetched it, and every instance has read it. An old key is published until
//! its last token is dead and nobody can hold a set without its successor. Both follow from the moments that are stored
//! with the keys; there is no state to switch.
//!
//! A key in the settings takes the place of all this. Reading order: here, then `given` and `rotation`.

mod given;
mod rotation;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use syfthub_core::token::jwks::{Jwk, JwkSet};
use syfthub_core::token::satellite::{KeySet, SigningKey};
use syfthub_core::{Secret, Timestamp};
use tokio_util::sync::CancellationToken;

use super::store::signing_keys::{self as store, StoredKey};
use crate::config::KeySettings;
use crate::db::{Db, StoreError};
use crate::hub::Hub;
use crate::running::StartError;
use crate::seal::Vault;
use given::Given;
pub(crate) use rotation::{Rotation, State, rotate_by_age};

/// How long a verifier may keep the key set without asking again.
pub(crate) const KEPT: Duration = Duration::from_hours(1);

/// What the private half of the key `kid` is sealed for.
fn purpose(kid: &str) -> String {
    format!("signing_key:{kid}")
}

/// The keys in use, as this instance read them last.
pub(crate) struct KeyRing {
    given: Given,
    vault: Vault,
    /// How often this instance looks for keys that others added.
    reload: Duration,
    current: RwLock<Arc<Keys>>,
}

/// The keys at one moment.
#[derive(Debug)]
pub(crate) struct Keys {
    /// The keys that sign, each from its moment on, oldest first; never empty.
    signers: Vec<(Timestamp, SigningKey)>,
    /// Every published key, to judge tokens with.
    pub(crate) published: KeySet,
    /// The body of `/.well-known/jwks.json`.
    pub(crate) document: Bytes,
    /// Its entity tag, quoted.
    pub(crate) etag: String,
}

impl Keys {
    /// The key that signs at `now`.
    pub(crate) fn signing(&self, now: Timestamp) -> &SigningKey {
        let begun = self.signers.iter().rev().find(|(from, _)| *from <= now);
        let (_, key) = begun.or(self.signers.first()).expect("there is always a key");
        key
    }

    /// `signers` sign and are published, newest first; so are `others`, which only judge.
    fn new(signers: Vec<(Timestamp, SigningKey)>, others: Vec<Jwk>) -> Self {
        let own = signers.iter().rev().map(|(_, key)| key.public().clone());
        let mut keys: Vec<Jwk> = Vec::new();
        for key in own.chain(others) {
            if keys.iter().all(|known| known.kid != key.kid) {
                keys.push(key);
            }
        }
        let set = JwkSet { keys };
        let document = serde_json::to_vec(&set).expect("plain structs become JSON");
        let digest = Sha256::digest(&document);
        let etag = format!("\"{}\"", base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(digest));
        Self { signers, published: KeySet::new(&set), document: document.into(), etag }
    }
}

impl KeyRing {
    /// Reads the keys, and makes the first one when there is none.
    pub(crate) async fn open(
        settings: &KeySettings,
        vault: Vault,
        db: &Db,
        now: Timestamp,
    ) -> Result<Self, StartError> {
        let given = Given::read(settings).await?;
        let mut stored = list(db).await?;
        if stored.is_empty() && given.signing.is_none() {
            let first = match &given.former {
                Some(key) => key.clone(),
                None if settings.auto_generate_rsa_keys => generate().await?,
                None => return Err(given::none_to_be_made(settings)),
            };
            // Of two servers that start together, both use the key that was first.
            add(db, sealed(&first, &vault, 1, now, now)?).await?;
            stored = list(db).await?;
        }
        let keys = assemble(&given, &vault, &stored, now)?;
        let current = RwLock::new(Arc::new(keys));
        Ok(Self { given, vault, reload: settings.rsa_keys_reload, current })
    }

    /// The keys in use.
    pub(crate) fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys again; what was read before stays in use when they cannot be.
    pub(crate) async fn reload(&self, db: &Db, now: Timestamp) -> Result<(), StartError> {
        let keys = assemble(&self.given, &self.vault, &list(db).await?, now)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }
}

/// Reads the keys again and again, so that those which another instance or the command line added are in use before they
/// sign; until `stop`.
pub(crate) async fn keep_fresh(hub: Hub, stop: CancellationToken) {
    let ring = &hub.identity.keys;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ring.reload) => {}
        }
        if let Err(error) = ring.reload(&hub.db, hub.clock.now()).await {
            tracing::error!(%error, "the signing keys could not be read again");
        }
    }
}

async fn list(db: &Db) -> Result<Vec<StoredKey>, StoreError> {
    db.read(|tx| Box::pin(async move { store::list(tx).await })).await
}

async fn add(db: &Db, key: StoredKey) -> Result<bool, StoreError> {
    db.write(move |tx| Box::pin(async move { store::insert(tx, &key).await })).await
}

/// A new key. Making it takes a second or so of another thread.
async fn generate() -> Result<SigningKey, StartError> {
    let made = tokio::task::spawn_blocking(SigningKey::generate).await;
    made.expect("making a key does not panic and is never aborted")
        .map_err(|error| StartError::setting("AUTO_GENERATE_RSA_KEYS", error.to_string()))
}

fn sealed(
    key: &SigningKey,
    vault: &Vault,
    generation: i64,
    created_at: Timestamp,
    signs_from: Timestamp,
) -> Result<StoredKey, StartError> {
    let public = key.public().clone();
    let pem = key
        .to_pem()
        .map_err(|error| StartError::setting("RSA_KEYS_DIRECTORY", error.to_string()))?;
    let sealed = vault.seal(&purpose(&public.kid), &pem);
    Ok(StoredKey { generation, public, sealed, created_at, signs_from })
}

fn opened(key: &StoredKey, vault: &Vault) -> Option<SigningKey> {
    let pem: Secret = vault.open(&purpose(&key.public.kid), &key.sealed).ok()?;
    SigningKey::from_pem(&pem, Some(key.public.kid.clone())).ok()
}

/// The keys to use at `now`. One that does not open no longer signs, which only matters if it still should.
fn assemble(
    given: &Given,
    vault: &Vault,
    stored: &[StoredKey],
    now: Timestamp,
) -> Result<Keys, StartError> {
    let public = stored.iter().rev().map(|key| key.public.clone());
    let others = public.chain(given.further.iter().cloned()).collect();
    if let Some(key) = &given.signing {
        return Ok(Keys::new(vec![(Timestamp::default(), key.clone())], others));
    }
    let signing = stored.iter().rposition(|key| key.signs_from <= now).unwrap_or(0);
    let needed = stored.get(signing..).unwrap_or_default().iter();
    let signers: Option<Vec<_>> =
        needed.map(|key| Some((key.signs_from, opened(key, vault)?))).collect();
    match signers {
        Some(signers) if !signers.is_empty() => Ok(Keys::new(signers, others)),
        _ => Err(StartError::setting(
            "ENCRYPTION_KEY",
            "the stored signing keys were sealed with another key; give that one in ENCRYPTION_KEYS_OLD, or make a new \
             signing key with `syfthub-server keys rotate --now`",
        )),
    }
}
