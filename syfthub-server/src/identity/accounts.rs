//! Signing in and out, and changing a password.

use serde_json::{Value, json};
use syfthub_core::input::{Input, Issue, Part, parse};
use syfthub_core::wire::auth::{Login, SignedIn, Tokens};
use syfthub_core::{Invalid, Password, Secret, UserId};

use super::attempts::Attempts;
use super::caller::Caller;
use super::origin::Origin;
use super::recovery;
use super::refusal::Refusal;
use super::sessions::Refreshed;
use super::store::{sessions, users};
use crate::db::{StoreError, Tx};
use crate::http::ClientAddress;
use crate::hub::Hub;

/// Reads a body with a new password at `field`. The password's rules, one of which is a setting, are reported together
/// with all others.
pub(crate) fn read_with_password<T: Input>(
    body: &Value,
    field: &str,
    shortest: usize,
) -> Result<(T, Password), Vec<Issue>> {
    let (read, mut issues) = match parse(body, "body") {
        Ok(read) => (Some(read), Vec::new()),
        Err(issues) => (None, issues),
    };
    let text = body.get(field).and_then(Value::as_str);
    let password = text.and_then(|text| match Password::parse(text, shortest) {
        Ok(password) => Some(password),
        Err(refusal) => {
            issues.push(issue(field, &refusal, Value::from("[redacted]")));
            None
        }
    });
    match (read, password) {
        (Some(read), Some(password)) => Ok((read, password)),
        _ => Err(issues),
    }
}

pub(super) fn issue(field: &str, refusal: &Invalid, input: Value) -> Issue {
    let loc = vec![Part::Field("body".to_owned()), Part::Field(field.to_owned())];
    Issue { kind: refusal.kind, loc, msg: refusal.message.clone().into_owned(), input }
}

/// Opens a session for whoever knows the password. What is said to a stranger does not tell whether the user exists.
///
/// Failures count against `client`, successes never do: spaces sign in for every operation (contract hub 10, S1). They
/// count for each pair of name and address, so that nobody can lock others out of their accounts.
pub(crate) async fn sign_in(
    hub: &Hub,
    login: Login,
    client: ClientAddress,
    origin: Origin,
) -> Result<SignedIn, Refusal> {
    let identifier = login.username;
    let attempts = Attempts::of(&identifier, client);
    attempts.check(&hub.limits).await?;
    let find =
        hub.db.read(move |tx| Box::pin(async move { users::find_account(tx, &identifier).await }));
    let account = find.await.map_err(|error: StoreError| error)?;
    let hash = account.as_ref().map(|account| account.password_hash.as_str());
    let turn = hub.identity.passwords.turn().await?;
    if turn.has_waited() {
        // Guesses that stood in the same queue have failed since.
        attempts.check(&hub.limits).await?;
    }
    let matches = turn.matches(&login.password, hash).await;
    let Some(account) = account.filter(|_| matches) else {
        attempts.note_failure(&hub.limits).await;
        return Err(Refusal::BadCredentials);
    };
    let live = hub.identity.sessions.clone();
    let must_verify = recovery::is_verification_required(hub);
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            // Hashing takes a while; a password that was changed meanwhile no longer opens a session.
            let id = account.user.id;
            if users::password_hash(tx, id).await?.as_ref() != Some(&account.password_hash) {
                return Err(Refusal::BadCredentials);
            }
            let mut user = users::find(tx, id).await?.ok_or(Refusal::BadCredentials)?;
            if !user.is_active {
                return Err(Refusal::Deactivated);
            }
            if must_verify && !user.is_email_verified {
                return Err(Refusal::EmailNotVerified);
            }
            let tokens = live.open(tx, &mut user, origin.at).await?;
            note(tx, &origin, id, "session.open", json!({})).await?;
            Ok(SignedIn { user, tokens })
        })
    });
    write.await
}

/// Continues the session of a refresh token.
pub(crate) async fn refresh(hub: &Hub, token: &Secret, origin: Origin) -> Result<Tokens, Refusal> {
    let live = hub.identity.sessions.clone();
    let claims = live.read_refresh(token.expose(), origin.at).ok_or(Refusal::Unauthenticated)?;
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let refreshed = live.refresh(tx, &claims, origin.at).await?;
            match &refreshed {
                Refreshed::Rotated(_) => {
                    note(tx, &origin, claims.sub, "session.refresh", json!({})).await?;
                }
                Refreshed::Reused => {
                    let detail = json!({ "reason": "reuse" });
                    note(tx, &origin, claims.sub, "session.revoke", detail).await?;
                }
                Refreshed::Repeated(_) | Refreshed::Over => {}
            }
            // Also a refusal is kept: it may have ended the session.
            Ok::<_, StoreError>(refreshed)
        })
    });
    match write.await? {
        Refreshed::Rotated(tokens) | Refreshed::Repeated(tokens) => Ok(tokens),
        Refreshed::Over | Refreshed::Reused => Err(Refusal::Unauthenticated),
    }
}

/// Ends the caller's session. With a personal access token there is none to end.
pub(crate) async fn sign_out(hub: &Hub, caller: Caller, origin: Origin) -> Result<(), Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            if let Some(session) = caller.session()
                && sessions::delete(tx, session).await?
            {
                note(tx, &origin, caller.id(), "session.close", json!({})).await?;
            }
            Ok(())
        })
    });
    write.await
}

/// Replaces the caller's password and ends the user's other sessions.
pub(crate) async fn change_password(
    hub: &Hub,
    caller: Caller,
    change: (&Secret, &Password),
    client: ClientAddress,
    origin: Origin,
) -> Result<(), Refusal> {
    let id = caller.id();
    let (current, new) = change;
    let attempts = Attempts::of(&caller.user.username, client);
    attempts.check(&hub.limits).await?;
    let find = hub.db.read(move |tx| Box::pin(async move { users::password_hash(tx, id).await }));
    let old = find.await.map_err(|error: StoreError| error)?;
    if !hub.identity.passwords.matches(current, old.as_deref()).await? {
        attempts.note_failure(&hub.limits).await;
        return Err(Refusal::WrongPassword);
    }
    let old = old.ok_or(Refusal::Unauthenticated)?;
    let new = hub.identity.passwords.hash(new.secret()).await?;
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            if !users::set_password(tx, id, &old, &new, origin.at).await? {
                return Err(Refusal::WrongPassword);
            }
            let ended = sessions::delete_others(tx, id, caller.session()).await?;
            Ok(note(tx, &origin, id, "user.change_password", json!({ "sessions_ended": ended }))
                .await?)
        })
    });
    write.await
}

/// Appends to the audit log what the user did to their own account.
async fn note(
    tx: &mut Tx,
    origin: &Origin,
    user: UserId,
    action: &'static str,
    detail: Value,
) -> Result<(), StoreError> {
    origin.note(tx, user, action, format!("user:{user}"), detail).await
}
