//! Founding organizations, showing, changing and deleting them.

use std::collections::HashSet;

use serde_json::{Value, json};
use syfthub_core::input::{Issue, Part, Patch};
use syfthub_core::model::{OrgRole, OrganizationAction, OrganizationFacts, authorize};
use syfthub_core::wire::organization::{Organization, OrganizationDraft, OrganizationPatch};
use syfthub_core::{Invalid, OrganizationId, Slug, Timestamp, UserId};

use super::refusal::Refusal;
use super::store::{self, Found, members};
use crate::db::{StoreError, Tx};
use crate::http::Page;
use crate::hub::Hub;
use crate::identity::domain::Domain;
use crate::identity::{self, Caller, Origin, Signed, users};
use crate::random;

/// The organization, if the caller may do `action` to it.
pub(crate) async fn find_for(
    tx: &mut Tx,
    caller: &Caller,
    id: OrganizationId,
    action: OrganizationAction,
) -> Result<Found, Refusal> {
    let found = store::find(tx, id, caller.id()).await?.ok_or(Refusal::NotFound)?;
    Refusal::unless_granted(authorize(caller.principal(), action, found.facts()))?;
    Ok(found)
}

/// The same, held against changes by others.
pub(super) async fn hold_for(
    tx: &mut Tx,
    caller: &Caller,
    id: OrganizationId,
    action: OrganizationAction,
) -> Result<Found, Refusal> {
    find_for(tx, caller, id, action).await?;
    store::lock(tx, id).await?;
    find_for(tx, caller, id, action).await
}

/// Founds an organization, whose owner the caller becomes.
pub(crate) async fn create(
    hub: &Hub,
    caller: Caller,
    draft: OrganizationDraft,
    origin: Origin,
) -> Result<Organization, Refusal> {
    if let Some(domain) = &draft.domain {
        check_domain(domain)?;
    }
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let founder = caller.id();
            // An account that goes at the same moment leaves no organization behind.
            users::lock(tx, founder).await?;
            let user = users::find(tx, founder).await?.filter(|user| user.is_active);
            user.ok_or(identity::Refusal::Unauthenticated)?;
            let slug = claim_slug(tx, &draft, origin.at).await?.ok_or(Refusal::SlugTaken)?;
            let mut organization = founded(draft, &slug, origin.at);
            organization.id = store::insert(tx, &organization).await?;
            members::put(tx, organization.id, founder, OrgRole::Owner, true, origin.at).await?;
            note(tx, &origin, founder, "organization.create", &organization, json!({})).await?;
            Ok(organization)
        })
    });
    write.await
}

/// Takes the slug that the draft asks for, or the first one made from its name that is free among all owners.
async fn claim_slug(
    tx: &mut Tx,
    draft: &OrganizationDraft,
    at: Timestamp,
) -> Result<Option<Slug>, StoreError> {
    if let Some(slug) = &draft.slug {
        let free = store::claim_name(tx, slug, at).await?;
        return Ok(free.then(|| slug.clone()));
    }
    let suffix = random::suffix();
    let taken = store::taken_names(tx, &Slug::organization_stem(&draft.name, &suffix)).await?;
    let taken: HashSet<String> = taken.into_iter().collect();
    let candidates = Slug::organization_candidates(&draft.name, &suffix);
    for slug in candidates.filter(|slug| !taken.contains(slug.as_str())) {
        // Somebody may have taken it since; then the next one is tried.
        if store::claim_name(tx, &slug, at).await? {
            return Ok(Some(slug));
        }
    }
    Ok(None)
}

/// What `draft` describes, before it has a number.
fn founded(draft: OrganizationDraft, slug: &Slug, at: Timestamp) -> Organization {
    Organization {
        id: OrganizationId(0),
        name: draft.name,
        slug: slug.to_string(),
        description: draft.description,
        avatar_url: draft.avatar_url,
        is_active: true,
        domain: draft.domain,
        created_at: at,
        updated_at: at,
    }
}

/// The caller's organizations, in which they have the given role if any.
pub(crate) async fn list(
    hub: &Hub,
    signed: Signed,
    role: Option<OrgRole>,
    page: Page,
) -> Result<Vec<Organization>, Refusal> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = signed.caller(tx).await?;
            Ok(store::list_of(tx, caller.id(), role, page).await?)
        })
    });
    read.await
}

/// The organization with this number, if the caller may see it.
pub(crate) async fn show(
    hub: &Hub,
    signed: Signed,
    id: OrganizationId,
) -> Result<Organization, Refusal> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = signed.caller(tx).await?;
            let found = find_for(tx, &caller, id, OrganizationAction::See).await?;
            Ok(found.organization)
        })
    });
    read.await
}

/// Changes the profile.
pub(crate) async fn update(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    patch: OrganizationPatch,
    origin: Origin,
) -> Result<Organization, Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let before = hold_for(tx, &caller, id, OrganizationAction::Edit).await?.organization;
            if let Patch::Set(domain) = &patch.domain {
                check_domain(domain)?;
            }
            let (mut organization, fields) = changed(&before, patch);
            if organization != before {
                organization.updated_at = origin.at;
                store::update(tx, &organization).await?;
                let detail = json!({ "fields": fields });
                note(tx, &origin, caller.id(), "organization.update", &organization, detail)
                    .await?;
            }
            Ok(organization)
        })
    });
    let organization: Result<_, Refusal> = write.await;
    let organization = organization?;
    hub.registry.forget_pages();
    Ok(organization)
}

/// What the patch makes of the organization, and which fields it names.
fn changed(before: &Organization, patch: OrganizationPatch) -> (Organization, Vec<&'static str>) {
    let mut organization = before.clone();
    let mut named = Vec::new();
    for (name, field, value) in [
        ("name", &mut organization.name, patch.name),
        ("description", &mut organization.description, patch.description),
    ] {
        if let Some(value) = value {
            *field = value;
            named.push(name);
        }
    }
    for (name, field, change) in [
        ("avatar_url", &mut organization.avatar_url, patch.avatar_url),
        ("domain", &mut organization.domain, patch.domain),
    ] {
        match change {
            Patch::Keep => continue,
            Patch::Clear => *field = None,
            Patch::Set(value) => *field = Some(value),
        }
        named.push(name);
    }
    (organization, named)
}

/// Deletes the organization: it and all that it owns are gone, except for site admins, who can bring them back. Its slug
/// stays reserved.
pub(crate) async fn delete(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    origin: Origin,
) -> Result<(), Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let found = hold_for(tx, &caller, id, OrganizationAction::Delete).await?;
            let organization = Organization { is_active: false, ..found.organization };
            store::update(tx, &organization).await?;
            note(tx, &origin, caller.id(), "organization.delete", &organization, json!({})).await
        })
    });
    write.await?;
    hub.registry.forget_pages();
    Ok(())
}

/// Switches the organization off as if it were deleted, or brings it back with all that it owns.
pub(crate) async fn switch(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    is_active: Option<bool>,
    origin: Origin,
) -> Result<Organization, Refusal> {
    may_switch(&caller)?;
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let found = hold_for(tx, &caller, id, OrganizationAction::Switch).await?;
            let before = found.organization.is_active;
            let is_active = is_active.unwrap_or(before);
            let organization = Organization { is_active, ..found.organization };
            if is_active == before {
                return Ok(organization);
            }
            if is_active && !members::has_owner(tx, id, None).await? {
                return Err(Refusal::Ownerless);
            }
            store::update(tx, &organization).await?;
            let detail = json!({ "is_active": is_active });
            note(tx, &origin, caller.id(), "organization.switch", &organization, detail).await?;
            Ok(organization)
        })
    });
    let organization = write.await?;
    hub.registry.forget_pages();
    Ok(organization)
}

/// Refuses everybody but site admins, before anything is looked up.
pub(super) fn may_switch(caller: &Caller) -> Result<(), Refusal> {
    let unseen = OrganizationFacts::default();
    let access = authorize(caller.principal(), OrganizationAction::Switch, unseen);
    Refusal::unless_granted(access)
}

fn check_domain(text: &str) -> Result<(), Refusal> {
    let Err(reason) = Domain::parse(text) else { return Ok(()) };
    let refusal = Invalid::value(reason);
    Err(Refusal::Invalid(vec![Issue {
        kind: refusal.kind,
        loc: vec![Part::Field("body".to_owned()), Part::Field("domain".to_owned())],
        msg: refusal.message.into_owned(),
        input: Value::String(text.chars().take(200).collect()),
    }]))
}

/// Appends to the audit log what was done to the organization.
pub(super) async fn note(
    tx: &mut Tx,
    origin: &Origin,
    actor: UserId,
    action: &'static str,
    organization: &Organization,
    mut detail: Value,
) -> Result<(), Refusal> {
    detail["slug"] = json!(organization.slug);
    let subject = format!("organization:{}", organization.id);
    Ok(origin.note(tx, actor, action, subject, detail).await?)
}
