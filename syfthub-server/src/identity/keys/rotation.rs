//! Replacing the signing key, by command or by age, and forgetting keys whose last token is dead.

use std::time::Duration;

use syfthub_core::Timestamp;

use super::{KEPT, add, generate, list, opened, sealed};
use crate::config::KeySettings;
use crate::db::{Db, StoreError};
use crate::hub::Hub;
use crate::identity::store::signing_keys::{self as store, StoredKey};
use crate::running::StartError;
use crate::seal::Vault;

/// Replaces keys in one database.
pub(crate) struct Rotation<'a> {
    pub(crate) db: &'a Db,
    pub(crate) vault: &'a Vault,
    pub(crate) settings: &'a KeySettings,
}

/// What a key is for at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Published, and to sign from this moment on.
    Next(Timestamp),
    /// Signs.
    Signing,
    /// Published until this moment for the tokens it signed.
    Retired(Timestamp),
}

/// A key and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) kid: String,
    pub(crate) created_at: Timestamp,
    pub(crate) state: State,
}

impl Rotation<'_> {
    /// Makes a new key, which signs as soon as everybody has it: verifiers keep the key set for an hour. With `soon` it
    /// signs when all instances have read it, and at once when there is none that could; a verifier that does not fetch
    /// the set anew for a name it does not know refuses its tokens for up to an hour then.
    pub(crate) async fn rotate(
        &self,
        now: Timestamp,
        soon: bool,
    ) -> Result<Option<Listed>, StartError> {
        let stored = list(self.db).await?;
        let read_by_all = self.settings.rsa_keys_reload * 2;
        let works = stored.iter().rfind(|key| key.signs_from <= now);
        let works = works.is_some_and(|key| opened(key, self.vault).is_some());
        let wait = match (soon, works) {
            (_, false) => Duration::ZERO,
            (true, true) => read_by_all,
            (false, true) => KEPT + read_by_all,
        };
        let generation = stored.last().map_or(1, |key| key.generation + 1);
        let signs_from = now.after(wait);
        let key = sealed(&generate().await?, self.vault, generation, now, signs_from)?;
        let kid = key.public.kid.clone();
        let state = if wait.is_zero() { State::Signing } else { State::Next(signs_from) };
        // Somebody who was faster has rotated already.
        let added = add(self.db, key).await?;
        Ok(added.then_some(Listed { kid, created_at: now, state }))
    }

    /// Every key, newest first.
    pub(crate) async fn list(&self, now: Timestamp) -> Result<Vec<Listed>, StoreError> {
        let stored = list(self.db).await?;
        let listed = stored.iter().enumerate().rev().map(|(n, key)| Listed {
            kid: key.public.kid.clone(),
            created_at: key.created_at,
            state: state(key, stored.get(n + 1), self.settings, now),
        });
        Ok(listed.collect())
    }

    /// Forgets the keys whose last token is dead; their names.
    pub(crate) async fn prune(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let settings = self.settings.clone();
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let mut forgotten = Vec::new();
                let stored = store::list(tx).await?;
                for (n, key) in stored.iter().enumerate() {
                    match state(key, stored.get(n + 1), &settings, now) {
                        State::Retired(until) if until <= now => {
                            store::delete(tx, key.generation).await?;
                            forgotten.push(key.public.kid.clone());
                        }
                        _ => {}
                    }
                }
                Ok(forgotten)
            })
        });
        write.await
    }
}

/// What `key` is for, given the one after it.
fn state(
    key: &StoredKey,
    successor: Option<&StoredKey>,
    settings: &KeySettings,
    now: Timestamp,
) -> State {
    if key.signs_from > now {
        return State::Next(key.signs_from);
    }
    match successor {
        Some(next) if next.signs_from <= now => {
            // Verifiers that fetched the set a moment before may use it as long as tokens may live.
            let alive = settings.satellite_token_lifetime + KEPT;
            State::Retired(next.signs_from.after(alive))
        }
        _ => State::Signing,
    }
}

/// Replaces a key that has signed for as long as the settings let it, and forgets the dead ones. A job.
pub(crate) async fn rotate_by_age(hub: Hub) -> Result<(), StartError> {
    let identity = &hub.identity;
    let (ring, settings) = (&identity.keys, &identity.key_settings);
    if ring.given.signing.is_some() {
        return Ok(());
    }
    let now = hub.clock.now();
    let rotation = Rotation { db: &hub.db, vault: &ring.vault, settings };
    let newest = list(&hub.db).await?.pop();
    let is_old = |key: &StoredKey| {
        settings.rsa_key_rotation.0.is_some_and(|age| key.signs_from <= now.before(age))
    };
    if newest.as_ref().is_some_and(is_old)
        && let Some(next) = rotation.rotate(now, false).await?
    {
        tracing::info!(kid = next.kid, "made the next signing key");
    }
    for kid in rotation.prune(now).await? {
        tracing::info!(kid, "forgot a signing key whose tokens are dead");
    }
    ring.reload(&hub.db, now).await
}
