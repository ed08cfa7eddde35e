//! Who belongs to an organization: listing, taking in, promoting, removing and leaving.

use serde_json::{Value, json};
use syfthub_core::model::{OrgRole, OrganizationAction, authorize};
use syfthub_core::wire::organization::{Member, NewMember};
use syfthub_core::{OrganizationId, UserId};

use super::owners;
use super::profiles::{find_for, hold_for, may_switch, note};
use super::refusal::Refusal;
use super::store::{self, Found, members};
use crate::accounting;
use crate::db::Tx;
use crate::http::Page;
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Signed, users};

/// The members, in the given role if any.
pub(crate) async fn list(
    hub: &Hub,
    signed: Signed,
    id: OrganizationId,
    role: Option<OrgRole>,
    page: Page,
) -> Result<Vec<Member>, Refusal> {
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = signed.caller(tx).await?;
            find_for(tx, &caller, id, OrganizationAction::See).await?;
            Ok(members::list(tx, id, role, page).await?)
        })
    });
    read.await
}

/// Takes a user in, or back in after their membership was switched off.
pub(crate) async fn add(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    new: NewMember,
    origin: Origin,
) -> Result<Member, Refusal> {
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let mut place = Place::hold(tx, &caller, id, new.user_id).await?;
            place.may_become(&caller, Some(new.role))?;
            if place.role().is_some() {
                return Err(Refusal::AlreadyMember);
            }
            let user = users::find(tx, new.user_id).await?.filter(|user| user.is_active);
            user.ok_or(Refusal::NoSuchUser)?;
            members::put(tx, id, new.user_id, new.role, true, origin.at).await?;
            place.note(tx, &origin, &caller, "member.add", json!({ "role": new.role })).await?;
            place.reread(tx).await
        })
    });
    write.await
}

/// Gives a member another role.
pub(crate) async fn change(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    user: UserId,
    role: Option<OrgRole>,
    origin: Origin,
) -> Result<Member, Refusal> {
    let ledger = hub.ledger.clone();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let mut place = Place::hold(tx, &caller, id, user).await?;
            let role = role.or(place.role());
            place.may_become(&caller, role)?;
            let member = place.active_member()?;
            let Some(role) = role.filter(|role| *role != member.role) else { return Ok(member) };
            owners::spare(tx, &place.found.organization, &member).await?;
            members::put(tx, id, user, role, true, member.joined_at).await?;
            if represents(member.role) && !represents(role) {
                accounting::replace_secret(tx, &ledger, id).await?;
            }
            let detail = json!({ "from": member.role, "to": role });
            place.note(tx, &origin, &caller, "member.change", detail).await?;
            place.reread(tx).await
        })
    });
    write.await
}

/// Removes a member; everybody may remove themselves.
pub(crate) async fn remove(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    user: UserId,
    origin: Origin,
) -> Result<(), Refusal> {
    let ledger = hub.ledger.clone();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            let place = Place::hold(tx, &caller, id, user).await?;
            if caller.id() != user {
                place.may_become(&caller, None)?;
            } else if place.role().is_some() {
                let facts = place.found.facts();
                let access = authorize(caller.principal(), OrganizationAction::Leave, facts);
                Refusal::unless_granted(access)?;
            }
            let member = place.active_member()?;
            owners::spare(tx, &place.found.organization, &member).await?;
            members::delete(tx, id, user).await?;
            if represents(member.role) {
                accounting::replace_secret(tx, &ledger, id).await?;
            }
            place.note(tx, &origin, &caller, "member.remove", json!({ "role": member.role })).await
        })
    });
    write.await
}

/// Switches a membership off or on again; both can be undone.
pub(crate) async fn switch(
    hub: &Hub,
    caller: Caller,
    id: OrganizationId,
    user: UserId,
    is_active: Option<bool>,
    origin: Origin,
) -> Result<Member, Refusal> {
    may_switch(&caller)?;
    let ledger = hub.ledger.clone();
    let write = hub.db.write(move |tx| {
        Box::pin(async move {
            users::lock(tx, user).await?;
            let found = hold_for(tx, &caller, id, OrganizationAction::Switch).await?;
            let member = members::find(tx, id, user).await?;
            let mut place = Place { found, user, member };
            let member = place.member.clone().ok_or(Refusal::NoSuchMember)?;
            let Some(is_active) = is_active.filter(|wanted| *wanted != member.is_active) else {
                return Ok(member);
            };
            if !is_active {
                owners::spare(tx, &place.found.organization, &member).await?;
            }
            members::put(tx, id, user, member.role, is_active, member.joined_at).await?;
            if represents(member.role) && !is_active {
                accounting::replace_secret(tx, &ledger, id).await?;
            }
            let detail = json!({ "is_active": is_active });
            place.note(tx, &origin, &caller, "member.switch", detail).await?;
            place.reread(tx).await
        })
    });
    write.await
}

/// Whether members of this role sign the organization's programs in ([`OrganizationAction::Represent`]).
const fn represents(role: OrgRole) -> bool {
    matches!(role, OrgRole::Owner | OrgRole::Admin)
}

/// A user's place in an organization, taken or not, held against changes by others.
struct Place {
    found: Found,
    user: UserId,
    /// The membership, which may be switched off.
    member: Option<Member>,
}

impl Place {
    /// Looks at the place of `user` in the organization, if the caller may see that.
    async fn hold(
        tx: &mut Tx,
        caller: &Caller,
        id: OrganizationId,
        user: UserId,
    ) -> Result<Self, Refusal> {
        // Who sees nothing makes nobody wait.
        find_for(tx, caller, id, OrganizationAction::See).await?;
        users::lock(tx, user).await?;
        store::lock(tx, id).await?;
        let found = find_for(tx, caller, id, OrganizationAction::See).await?;
        let member = members::find(tx, id, user).await?;
        Ok(Self { found, user, member })
    }

    /// The user's role, as long as it counts.
    fn role(&self) -> Option<OrgRole> {
        self.member.as_ref().filter(|member| member.is_active).map(|member| member.role)
    }

    fn active_member(&self) -> Result<Member, Refusal> {
        self.member.clone().filter(|member| member.is_active).ok_or(Refusal::NoSuchMember)
    }

    /// Refuses unless the caller may make the user somebody with the role `to`.
    fn may_become(&self, caller: &Caller, to: Option<OrgRole>) -> Result<(), Refusal> {
        let action = OrganizationAction::ManageMember { from: self.role(), to };
        Refusal::unless_granted(authorize(caller.principal(), action, self.found.facts()))
    }

    /// The membership as it was stored.
    async fn reread(&mut self, tx: &mut Tx) -> Result<Member, Refusal> {
        self.member = members::find(tx, self.found.organization.id, self.user).await?;
        self.member.clone().ok_or(Refusal::NoSuchMember)
    }

    async fn note(
        &self,
        tx: &mut Tx,
        origin: &Origin,
        caller: &Caller,
        action: &'static str,
        mut detail: Value,
    ) -> Result<(), Refusal> {
        detail["user"] = json!(self.user);
        note(tx, origin, caller.id(), action, &self.found.organization, detail).await
    }
}
