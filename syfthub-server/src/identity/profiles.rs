//! Changing what a user is: their profile, and, for administrators, their role and whether the account is switched on.

use serde_json::{Value, json};
use syfthub_core::input::Patch;
use syfthub_core::model::{Scope, UserAction, UserFacts, authorize};
use syfthub_core::wire::user::{AccountPatch, ProfilePatch, User};
use syfthub_core::{Email, Invalid, UserId, Username};

use super::accounts::issue;
use super::caller::Caller;
use super::domain::Domain;
use super::origin::Origin;
use super::recovery;
use super::refusal::Refusal;
use super::registration;
use super::standing;
use super::store::{sessions, users};
use crate::accounting;
use crate::db::{StoreError, Tx};
use crate::hub::Hub;
use crate::ledger::Ledger;

/// Refuses what somebody may not do to the account `id`, whether or not there is one.
pub(crate) fn check_right(caller: &Caller, action: UserAction, id: UserId) -> Result<(), Refusal> {
    let access = authorize(caller.principal(), action, UserFacts { id });
    if access.is_granted() { Ok(()) } else { Err(Refusal::NotPermitted) }
}

/// Changes the account `id`, which the caller may do. A role that is to be set must come from an administrator.
pub(crate) async fn update(
    hub: &Hub,
    caller: &Caller,
    id: UserId,
    patch: AccountPatch,
    origin: Origin,
) -> Result<User, Refusal> {
    let AccountPatch { profile, role } = patch;
    let changes_standing = profile.is_active.is_some() || role.is_some();
    if changes_standing || profile.email.is_some() {
        caller.require(Scope::Full)?;
    }
    let profile = checked(profile)?;
    if let Some(email) = &profile.email {
        registration::check_address(email)?;
    }
    let actor = caller.id();
    let new_password = accounting::sealed(&hub.vault, id, &profile.accounting_password);
    let (noted, ledger) = (origin.clone(), hub.ledger.clone());
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            if changes_standing {
                users::guard(tx).await?;
            }
            users::lock(tx, id).await?;
            let before = users::find(tx, id).await?.ok_or(Refusal::UserNotFound)?;
            let mut user = before.clone();
            user.role = role.unwrap_or(user.role);
            let fields = apply(&mut user, &profile);
            let password = accounting::after_change(&before, &user, new_password);
            if user == before && password == Patch::Keep {
                return Ok((before.clone(), before));
            }
            standing::check(tx, &before, Some(&user)).await?;
            user.updated_at = Some(noted.at);
            if let Some(taken) = users::update(tx, &user, profile.username.as_ref()).await? {
                return Err(Refusal::Conflict(taken));
            }
            accounting::store_password(tx, id, password).await?;
            follow(tx, &ledger, &before, &user, profile.email.as_ref()).await?;
            note_changes(tx, &noted, actor, &before, &user, &fields).await?;
            Ok((before, user))
        })
    });
    let (before, user) = write.await.map_err(|refusal: Refusal| refusal)?;
    hub.registry.forget_pages();
    recovery::address_changed(hub, &before, &user, origin).await?;
    Ok(user)
}

/// Lets the ledger follow: an account goes with its user's address, and who is switched off signs no organization's
/// programs in any more.
async fn follow(
    tx: &mut Tx,
    ledger: &Ledger,
    before: &User,
    after: &User,
    email: Option<&Email>,
) -> Result<(), StoreError> {
    if let Some(email) = email.filter(|email| email.as_str() != before.email) {
        ledger.rename_in(tx, after.id, email).await?;
    }
    if before.is_active && !after.is_active {
        accounting::replace_secrets_known_to(tx, ledger, after.id).await?;
    }
    Ok(())
}

/// Switches the account `id` on or off.
pub(crate) async fn switch(
    hub: &Hub,
    caller: &Caller,
    id: UserId,
    is_active: bool,
    origin: Origin,
) -> Result<User, Refusal> {
    if !is_active && caller.id() == id {
        return Err(Refusal::OwnAccount);
    }
    let profile = ProfilePatch { is_active: Some(is_active), ..ProfilePatch::default() };
    update(hub, caller, id, AccountPatch { profile, role: None }, origin).await
}

/// Appends what changed to the audit log. An account that was switched off has its sessions ended for good.
async fn note_changes(
    tx: &mut Tx,
    origin: &Origin,
    actor: UserId,
    before: &User,
    after: &User,
    fields: &[&'static str],
) -> Result<(), StoreError> {
    let subject = format!("user:{}", after.id);
    if !fields.is_empty() {
        let detail = json!({ "fields": fields });
        origin.note(tx, actor, "user.update", subject.clone(), detail).await?;
    }
    if before.role != after.role {
        let detail = json!({ "from": before.role, "to": after.role });
        origin.note(tx, actor, "user.change_role", subject.clone(), detail).await?;
    }
    match (before.is_active, after.is_active) {
        (true, false) => {
            let ended = sessions::delete_others(tx, after.id, None).await?;
            let detail = json!({ "sessions_ended": ended });
            origin.note(tx, actor, "user.deactivate", subject, detail).await
        }
        (false, true) => origin.note(tx, actor, "user.activate", subject, json!({})).await,
        _ => Ok(()),
    }
}

/// The patch with addresses that are safe to store; empty text clears, as null does.
fn checked(mut patch: ProfilePatch) -> Result<ProfilePatch, Refusal> {
    for text in [
        &mut patch.avatar_url,
        &mut patch.domain,
        &mut patch.aggregator_url,
        &mut patch.accounting_service_url,
        &mut patch.bio,
    ] {
        if matches!(text, Patch::Set(text) if text.trim().is_empty()) {
            *text = Patch::Clear;
        }
    }
    if let Patch::Set(text) = &patch.domain
        && let Err(reason) = Domain::parse(text)
    {
        let input = Value::String(text.chars().take(200).collect());
        return Err(Refusal::Invalid(vec![issue("domain", &Invalid::value(reason), input)]));
    }
    Ok(patch)
}

/// Applies the patch; tells which fields of the profile it names.
fn apply(user: &mut User, patch: &ProfilePatch) -> Vec<&'static str> {
    if patch.email.as_ref().is_some_and(|email| email.as_str() != user.email) {
        user.is_email_verified = false;
    }
    user.is_active = patch.is_active.unwrap_or(user.is_active);
    let mut named = apply_texts(user, patch);
    if let Some(shown) = patch.is_email_public {
        user.is_email_public = shown;
        named.push("is_email_public");
    }
    if !matches!(patch.accounting_password, Patch::Keep) {
        named.push("accounting_password");
    }
    named
}

fn apply_texts(user: &mut User, patch: &ProfilePatch) -> Vec<&'static str> {
    let mut named = Vec::new();
    let required = [
        ("username", &mut user.username, patch.username.as_ref().map(Username::as_str)),
        ("email", &mut user.email, patch.email.as_ref().map(Email::as_str)),
        ("full_name", &mut user.full_name, patch.full_name.as_deref()),
    ];
    for (name, field, value) in required {
        let Some(value) = value else { continue };
        value.clone_into(field);
        named.push(name);
    }
    let optional = [
        ("avatar_url", &mut user.avatar_url, &patch.avatar_url),
        ("domain", &mut user.domain, &patch.domain),
        ("aggregator_url", &mut user.aggregator_url, &patch.aggregator_url),
        ("accounting_service_url", &mut user.accounting_service_url, &patch.accounting_service_url),
        ("bio", &mut user.bio, &patch.bio),
    ];
    for (name, field, change) in optional {
        match change {
            Patch::Keep => continue,
            Patch::Clear => *field = None,
            Patch::Set(value) => *field = Some(value.clone()),
        }
        named.push(name);
    }
    named
}
