//! Verifying an address and resetting a password with a code that was mailed (contract hub 12).
//!
//! What is said and done never depends on whether an address belongs to somebody, up to the moment when the right code
//! proves that the caller reads its mail: the same statements run, and a letter is only put into a queue.

use serde_json::json;
use syfthub_core::wire::auth::SignedIn;
use syfthub_core::wire::user::User;
use syfthub_core::{Email, Password, Secret};

use super::codes::{Checked, Purpose};
use super::origin::Origin;
use super::refusal::Refusal;
use super::store::{access_tokens, codes, sessions, users};
use crate::db::{StoreError, Tx};
use crate::hub::Hub;
use crate::mail::Letter;
use crate::shared::Rule;

/// Whether only users with a verified address sign in: it is set, and mail can be sent.
pub(crate) fn is_verification_required(hub: &Hub) -> bool {
    hub.identity.codes.is_required() && hub.mail.is_set()
}

/// Puts a code into the mail of whoever has the address and may use such a code.
pub(crate) async fn send_code(
    hub: &Hub,
    purpose: Purpose,
    email: Email,
    origin: Origin,
) -> Result<(), Refusal> {
    if !hub.mail.is_set() {
        return Ok(());
    }
    let (part, to) = (hub.clone(), email.clone());
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let account = users::find_account(tx, email.as_str()).await?;
            let is_wanted = account.is_some_and(|account| may_use(purpose, &account.user));
            let codes = &part.identity.codes;
            codes.replace(tx, purpose, &email, is_wanted, origin.at).await
        })
    });
    let code: Option<Secret> = write.await.map_err(|error: StoreError| error)?;
    if let Some(code) = code {
        hub.mail.post(letter(hub, purpose, to, code));
    }
    Ok(())
}

/// Tells the former address of a user who changed it, and mails a code to the new one.
pub(super) async fn address_changed(
    hub: &Hub,
    before: &User,
    after: &User,
    origin: Origin,
) -> Result<(), Refusal> {
    if before.email == after.email {
        return Ok(());
    }
    let [former, present] = [before, after].map(|user| Email::parse(&user.email));
    let (Ok(to), Ok(present)) = (former, present) else { return Ok(()) };
    if hub.limits.check(Rule::Mail, &present).await.is_err() {
        // Their user asks for one when there is room again.
        return Ok(());
    }
    hub.mail.post(Letter::AddressChanged { to });
    send_code(hub, Purpose::Verification, present, origin).await
}

/// The letter that carries a code.
pub(super) fn letter(hub: &Hub, purpose: Purpose, to: Email, code: Secret) -> Letter {
    let lifetime = hub.identity.codes.lifetime();
    match purpose {
        Purpose::Verification => Letter::Verification { to, code, lifetime },
        Purpose::PasswordReset => Letter::PasswordReset { to, code, lifetime },
    }
}

fn may_use(purpose: Purpose, user: &User) -> bool {
    match purpose {
        Purpose::Verification => user.is_active && !user.is_email_verified,
        Purpose::PasswordReset => user.is_active,
    }
}

/// Verifies the address with its code and opens a session.
pub(crate) async fn verify(
    hub: &Hub,
    email: Email,
    code: Secret,
    origin: Origin,
) -> Result<SignedIn, Refusal> {
    let part = hub.clone();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let user =
                match holder(&part, tx, Purpose::Verification, &email, &code, &origin).await? {
                    Ok((user, _)) => user,
                    // Kept, since the try counts.
                    Err(refusal) => return Ok(Err(refusal)),
                };
            users::set_email_verified(tx, user.id, origin.at).await?;
            let mut user = users::find(tx, user.id).await?.unwrap_or(user);
            let subject = format!("user:{}", user.id);
            origin.note(tx, user.id, "user.verify_email", subject.clone(), json!({})).await?;
            let tokens = part.identity.sessions.open(tx, &mut user, origin.at).await?;
            origin.note(tx, user.id, "session.open", subject, json!({})).await?;
            Ok(Ok(SignedIn { user, tokens }))
        })
    });
    write.await.map_err(|error: StoreError| error)?
}

/// Sets a new password with a mailed code. Every session of the user ends and every personal access token is revoked:
/// whoever holds one may be the reason for the reset, and a script that stops is noticed while a thief's token is not. The
/// address counts as verified from now on, since its mail was read.
pub(crate) async fn reset_password(
    hub: &Hub,
    email: Email,
    code: Secret,
    new: &Password,
    origin: Origin,
) -> Result<(), Refusal> {
    // Before the code is judged, so that a right one takes as long as a wrong one, and counts in the same transaction.
    let new = hub.identity.passwords.hash(new.secret()).await?;
    let (part, to) = (hub.clone(), email.clone());
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let (user, old) =
                match holder(&part, tx, Purpose::PasswordReset, &email, &code, &origin).await? {
                    Ok(holder) => holder,
                    Err(refusal) => return Ok(Err(refusal)),
                };
            users::set_password(tx, user.id, &old, &new, origin.at).await?;
            users::set_email_verified(tx, user.id, origin.at).await?;
            let sessions_ended = sessions::delete_others(tx, user.id, None).await?;
            let tokens_revoked = access_tokens::revoke_all(tx, user.id, origin.at).await?;
            let detail =
                json!({ "sessions_ended": sessions_ended, "tokens_revoked": tokens_revoked });
            let subject = format!("user:{}", user.id);
            origin.note(tx, user.id, "user.reset_password", subject, detail).await?;
            Ok(Ok(()))
        })
    });
    let reset: Result<(), Refusal> = write.await.map_err(|error: StoreError| error)?;
    reset?;
    hub.mail.post(Letter::PasswordWasReset { to });
    Ok(())
}

/// Codes that are forgotten in one transaction.
const BATCH: i64 = 1000;

/// Forgets codes that count no more; a job.
pub(crate) async fn forget_expired(hub: Hub) -> Result<(), StoreError> {
    loop {
        let now = hub.clock.now();
        let write = hub
            .db
            .write(move |tx| Box::pin(async move { codes::delete_expired(tx, now, BATCH).await }));
        if write.await? < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}

/// The user who proved with `code` to have the address, and the hash of the password; or why not.
async fn holder(
    hub: &Hub,
    tx: &mut Tx,
    purpose: Purpose,
    email: &Email,
    code: &Secret,
    origin: &Origin,
) -> Result<Result<(User, String), Refusal>, StoreError> {
    match hub.identity.codes.check(tx, purpose, email, code, origin.at).await? {
        Checked::Right => {}
        Checked::Wrong => return Ok(Err(Refusal::WrongCode)),
        Checked::Exhausted => return Ok(Err(Refusal::CodeExhausted)),
    }
    // Whoever had the address when the code was mailed may have left it, or the hub, since then.
    let account = users::find_account(tx, email.as_str()).await?;
    let Some(account) = account.filter(|account| may_use(purpose, &account.user)) else {
        return Ok(Err(Refusal::WrongCode));
    };
    Ok(Ok((account.user, account.password_hash)))
}
