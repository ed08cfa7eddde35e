//! Organizations and their members.

use syfthub_client::wire::health::Heartbeat;
use syfthub_client::wire::organization::{OrganizationDraft, OrganizationPatch, Switch};
use syfthub_client::{Client, OrgRole, OrganizationId, UserId};

use super::pages::pages;
use crate::operation::operations;

operations! {
    /// Organizations and their members.
    OPERATIONS on Client;

    /// Founds an organization, whose owner the signed-in user becomes.
    call "organizations.create" ["POST /api/v1/organizations"], (body: OrganizationDraft) |hub| {
        Ok(hub.organizations().create(&body).await?)
    }

    /// The organizations of which the signed-in user is a member, latest edit first.
    stream "organizations.list" ["GET /api/v1/organizations"],
    (role: Option<OrgRole>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.organizations().list();
        if let Some(role) = role {
            list = list.role(role);
        }
        pages(list, skip, limit)
    }

    /// The organization with this number, for its members.
    call "organizations.get" ["GET /api/v1/organizations/{organization_id}"], (organization: OrganizationId) |hub| {
        Ok(hub.organizations().get(organization).await?)
    }

    /// Changes the profile. What is absent stays, and null clears an address.
    call "organizations.update" ["PUT /api/v1/organizations/{organization_id}"],
    (organization: OrganizationId, body: OrganizationPatch) |hub| {
        Ok(hub.organizations().update(organization, &body).await?)
    }

    /// Deletes an organization with all that it owns. Its slug stays reserved.
    call "organizations.delete" ["DELETE /api/v1/organizations/{organization_id}"], (organization: OrganizationId) |hub| {
        Ok(hub.organizations().delete(organization).await?)
    }

    /// The members, latest first.
    stream "organizations.members" ["GET /api/v1/organizations/{organization_id}/members"],
    (organization: OrganizationId, role: Option<OrgRole>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.organizations().members(organization);
        if let Some(role) = role {
            list = list.role(role);
        }
        pages(list, skip, limit)
    }

    /// Takes a user in; as a member unless another role is given.
    call "organizations.add_member" ["POST /api/v1/organizations/{organization_id}/members"],
    (organization: OrganizationId, user: UserId, role: Option<OrgRole>) |hub| {
        let role = role.unwrap_or(OrgRole::Member);
        Ok(hub.organizations().add_member(organization, user, role).await?)
    }

    /// Gives a member another role.
    call "organizations.set_role" ["PUT /api/v1/organizations/{organization_id}/members/{user_id}"],
    (organization: OrganizationId, user: UserId, role: OrgRole) |hub| {
        Ok(hub.organizations().set_role(organization, user, role).await?)
    }

    /// Removes a member. With one's own number one leaves.
    call "organizations.remove_member" ["DELETE /api/v1/organizations/{organization_id}/members/{user_id}"],
    (organization: OrganizationId, user: UserId) |hub| {
        Ok(hub.organizations().remove_member(organization, user).await?)
    }

    /// Tells the hub that the organization's space is alive.
    call "organizations.heartbeat" ["POST /api/v1/organizations/{organization_id}/heartbeat"],
    (organization: OrganizationId, body: Heartbeat) |hub| {
        Ok(hub.organizations().heartbeat(organization, &body).await?)
    }

    /// Switches an organization off, or brings back one that was deleted, for administrators of the hub.
    call "organizations.administer" ["PATCH /api/v1/organizations/{organization_id}/admin"], (organization: OrganizationId, body: Switch) |hub| {
        Ok(hub.organizations().administer(organization, body).await?)
    }

    /// Switches a membership off or on again, for administrators of the hub.
    call "organizations.administer_member" ["PATCH /api/v1/organizations/{organization_id}/members/{user_id}/admin"],
    (organization: OrganizationId, user: UserId, body: Switch) |hub| {
        Ok(hub.organizations().administer_member(organization, user, body).await?)
    }

    /// What the organization's programs sign in with at the hub's ledger.
    call "organizations.accounting" ["GET /api/v1/organizations/{organization_id}/accounting"], (organization: OrganizationId) |hub| {
        Ok(hub.organizations().accounting(organization).await?)
    }
}
