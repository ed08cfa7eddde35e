//! Sessions: what signing in opens, refreshing keeps going, and signing out ends (contract hub 4.1, 4.2).
//!
//! A session is a row; a token names it and counts only while the row is there, so that its end holds at the next
//! request, on every instance. Refresh tokens are used once. Because published clients refresh from several threads with
//! the same token, a token that was replaced a moment ago still answers, always with the successor that took its place;
//! later, its use means that a copy is about, and the whole session ends.

use std::time::Duration;

use syfthub_core::Secret;
use syfthub_core::clock::Timestamp;
use syfthub_core::token::hub::{
    AccessClaims, AccessKind, HubKey, RefreshClaims, RefreshKind, issue_access, issue_refresh,
    verify_access, verify_refresh,
};
use syfthub_core::wire::auth::Tokens;
use syfthub_core::wire::user::User;
use uuid::Uuid;

use super::store::sessions::{self as store, RefreshRow};
use super::store::users;
use crate::db::{StoreError, Tx};
use crate::hub::Hub;

/// How long a replaced refresh token still answers (contract hub 4.2).
pub(crate) const GRACE: Duration = Duration::from_mins(1);

/// How long tokens live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetimes {
    pub(crate) access: Duration,
    pub(crate) refresh: Duration,
}

/// Opens, refreshes and recognises sessions.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    key: HubKey,
    lifetimes: Lifetimes,
}

/// What became of a refresh token.
#[derive(Debug)]
pub(crate) enum Refreshed {
    /// The session goes on with these.
    Rotated(Tokens),
    /// The token was replaced a moment ago; these carry the successor it was given then.
    Repeated(Tokens),
    /// There is no such session, or its user may not sign in.
    Over,
    /// The token had been used before; the session was ended.
    Reused,
}

impl Sessions {
    pub(crate) fn new(secret: &Secret, lifetimes: Lifetimes) -> Self {
        Self { key: HubKey::new(secret), lifetimes }
    }

    /// The claims of an access token that is ours and alive. Whether its session is open is for the store to say.
    pub(crate) fn read_access(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        verify_access(token, &self.key, now).ok()
    }

    /// The claims of a refresh token that is ours and alive.
    pub(crate) fn read_refresh(&self, token: &str, now: Timestamp) -> Option<RefreshClaims> {
        verify_refresh(token, &self.key, now).ok()
    }

    /// Opens a session for `user`, which is a sign-in.
    pub(crate) async fn open(
        &self,
        tx: &mut Tx,
        user: &mut User,
        now: Timestamp,
    ) -> Result<Tokens, StoreError> {
        let session = Uuid::new_v4().simple().to_string();
        let first = self.row(0, now);
        store::delete_expired(tx, user.id, now).await?;
        users::note_sign_in(tx, user.id, now).await?;
        user.last_login_at = Some(now);
        store::insert(tx, &session, user.id, now, first.expires_at).await?;
        store::insert_refresh(tx, &session, &first).await?;
        Ok(self.tokens(user, &session, &user.username, &first, now))
    }

    /// Continues the session of `presented`, which must have passed [`Sessions::read_refresh`].
    pub(crate) async fn refresh(
        &self,
        tx: &mut Tx,
        presented: &RefreshClaims,
        now: Timestamp,
    ) -> Result<Refreshed, StoreError> {
        let session = presented.sid.as_str();
        let next = self.row(presented.rotation + 1, now);
        // Touching the row first keeps others from refreshing or ending the session meanwhile.
        if !store::extend(tx, session, next.expires_at).await? {
            return Ok(Refreshed::Over);
        }
        let Some(user) =
            store::find_user(tx, session, presented.sub).await?.filter(|user| user.is_active)
        else {
            return Ok(Refreshed::Over);
        };
        if store::replace_refresh(tx, session, presented.rotation, now).await? {
            store::prune_refresh(tx, session, now.before(GRACE)).await?;
            store::insert_refresh(tx, session, &next).await?;
            let tokens = self.tokens(&user, session, &presented.username, &next, now);
            return Ok(Refreshed::Rotated(tokens));
        }
        let Some(next) = successor(tx, presented, now).await? else {
            store::delete(tx, session).await?;
            return Ok(Refreshed::Reused);
        };
        Ok(Refreshed::Repeated(self.tokens(&user, session, &presented.username, &next, now)))
    }

    fn row(&self, rotation: i64, now: Timestamp) -> RefreshRow {
        let issued_at = Timestamp::from_secs(now.secs());
        RefreshRow {
            rotation,
            issued_at,
            expires_at: issued_at.after(self.lifetimes.refresh),
            replaced_at: None,
        }
    }

    /// The pair for `refresh`. The same row always gives the same refresh token.
    fn tokens(
        &self,
        user: &User,
        session: &str,
        name: &str,
        refresh: &RefreshRow,
        now: Timestamp,
    ) -> Tokens {
        let access = AccessClaims {
            sub: user.id,
            username: user.username.clone(),
            role: user.role,
            sid: session.to_owned(),
            jti: Uuid::new_v4().simple().to_string(),
            iat: now.secs(),
            exp: now.after(self.lifetimes.access).secs(),
            kind: AccessKind::Access,
        };
        let refresh = RefreshClaims {
            sub: user.id,
            username: name.to_owned(),
            sid: session.to_owned(),
            rotation: refresh.rotation,
            iat: refresh.issued_at.secs(),
            exp: refresh.expires_at.secs(),
            kind: RefreshKind::Refresh,
        };
        Tokens {
            access_token: issue_access(&access, &self.key),
            refresh_token: issue_refresh(&refresh, &self.key),
            token_type: "bearer".to_owned(),
        }
    }
}

/// Rows that one transaction of the clean-up deletes at most: others write in between.
const BATCH: i64 = 500;

/// Clears away sessions that have ended and refresh tokens that nobody may present any more. A job.
pub(crate) async fn forget_expired(hub: Hub) -> Result<(), StoreError> {
    loop {
        let now = hub.clock.now();
        let write = hub.db.write(move |tx| {
            Box::pin(async move {
                let ended = store::delete_ended(tx, now, BATCH).await?;
                Ok(ended.max(store::delete_replaced(tx, now.before(GRACE), BATCH).await?))
            })
        });
        let most: Result<u64, StoreError> = write.await;
        if most? < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}

/// The token that took the place of `presented`, if that was a moment ago.
async fn successor(
    tx: &mut Tx,
    presented: &RefreshClaims,
    now: Timestamp,
) -> Result<Option<RefreshRow>, StoreError> {
    let used = store::find_refresh(tx, &presented.sid, presented.rotation).await?;
    let replaced_at = used.and_then(|row| row.replaced_at);
    if replaced_at.is_none_or(|moment| now.since(moment) >= GRACE) {
        return Ok(None);
    }
    store::find_refresh(tx, &presented.sid, presented.rotation + 1).await
}
