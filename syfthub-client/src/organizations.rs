//! Organizations and their members (contract hub 3.4).

use reqwest::Method;
use syfthub_core::ids::{OrganizationId, UserId};
use syfthub_core::model::OrgRole;
use syfthub_core::wire::accounting::AccountingCredentials;
use syfthub_core::wire::health::{Heartbeat, HeartbeatReceipt};
use syfthub_core::wire::organization::{
    Member, MemberPatch, NewMember, Organization, OrganizationDraft, OrganizationPatch, Switch,
};

use crate::client::Client;
use crate::error::Error;
use crate::lists::{List, Members, Memberships};
use crate::transport::{Call, Caller};

/// The operations on organizations; from [`Client::organizations`].
#[derive(Debug, Clone, Copy)]
pub struct Organizations<'a> {
    pub(crate) client: &'a Client,
}

impl<'a> Organizations<'a> {
    /// Founds an organization, whose owner the signed-in user becomes.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the slug is taken or a field breaks its rule.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::organization::OrganizationDraft;
    ///
    /// let acme = hub.organizations().create(&OrganizationDraft::new("Acme")).await?;
    /// println!("its endpoints are found at {}/...", acme.slug);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, draft: &OrganizationDraft) -> Result<Organization, Error> {
        let url = self.client.api(&["organizations"]);
        self.client.transport().json(Call::post(url, Caller::User).json(draft)).await
    }

    /// The organizations of which the signed-in user is a member, newest change first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::OrgRole;
    ///
    /// let owned = hub.organizations().list().role(OrgRole::Owner).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> List<'a, Memberships> {
        let call = Call::get(self.client.api(&["organizations"]), Caller::User);
        List::new(self.client, call)
    }

    /// The organization with this number.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none that the caller may see.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let acme = hub.organizations().get(syfthub_client::OrganizationId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, id: OrganizationId) -> Result<Organization, Error> {
        let url = self.at(id, &[]);
        self.client.transport().json(Call::get(url, Caller::User)).await
    }

    /// Changes the profile, such as the address under which the organization's space is reached.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) when the caller is neither admin nor owner of it.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::organization::OrganizationPatch;
    /// use syfthub_client::{OrganizationId, Patch};
    ///
    /// let domain = Patch::Set("https://space.example.org".to_owned());
    /// let patch = OrganizationPatch { domain, ..OrganizationPatch::default() };
    /// hub.organizations().update(OrganizationId(7), &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(
        &self,
        id: OrganizationId,
        patch: &OrganizationPatch,
    ) -> Result<Organization, Error> {
        let call = Call::new(Method::PUT, self.at(id, &[]), Caller::User).json(&patch.to_body());
        self.client.transport().json(call).await
    }

    /// Tells the hub that the organization's space is alive, for as long as the heartbeat says (contract hub 7.3).
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) when the caller does not speak for its space.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::OrganizationId;
    /// use syfthub_client::wire::health::Heartbeat;
    ///
    /// let heartbeat = Heartbeat { url: "https://space.acme.org".to_owned(), ttl_seconds: Some(90) };
    /// hub.organizations().heartbeat(OrganizationId(7), &heartbeat).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn heartbeat(
        &self,
        id: OrganizationId,
        heartbeat: &Heartbeat,
    ) -> Result<HeartbeatReceipt, Error> {
        let url = self.client.api(&["organizations", &id.to_string(), "heartbeat"]);
        self.client.transport().json(Call::post(url, Caller::User).json(heartbeat)).await
    }

    /// What the organization's programs sign in with at the hub's ledger, for its owners and admins: what is charged for
    /// its endpoints is its own.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) for its other members, and
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) where the hub keeps no ledger.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let account = hub.organizations().accounting(syfthub_client::OrganizationId(7)).await?;
    /// println!("{} at {}", account.email, account.url.as_deref().unwrap_or("no ledger"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn accounting(&self, id: OrganizationId) -> Result<AccountingCredentials, Error> {
        let call = Call::get(self.at(id, &["accounting"]), Caller::User);
        self.client.transport().json(call).await
    }

    /// Deletes the organization with all that it owns. Its slug stays reserved.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) when the caller is no owner of it.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// hub.organizations().delete(syfthub_client::OrganizationId(7)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self, id: OrganizationId) -> Result<(), Error> {
        let call = Call::new(Method::DELETE, self.at(id, &[]), Caller::User);
        self.client.transport().empty(call).await
    }

    /// The members, latest first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use futures_util::TryStreamExt as _;
    /// use syfthub_client::OrganizationId;
    ///
    /// let mut members = std::pin::pin!(hub.organizations().members(OrganizationId(7)).stream());
    /// while let Some(member) = members.try_next().await? {
    ///     println!("{} is {}", member.username, member.role);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn members(&self, id: OrganizationId) -> List<'a, Members> {
        let call = Call::get(self.at(id, &["members"]), Caller::User);
        List::new(self.client, call)
    }

    /// Takes a user in.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the user is a member already.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{OrgRole, OrganizationId, UserId};
    ///
    /// hub.organizations().add_member(OrganizationId(7), UserId(3), OrgRole::Manager).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_member(
        &self,
        id: OrganizationId,
        user: UserId,
        role: OrgRole,
    ) -> Result<Member, Error> {
        let call = Call::post(self.at(id, &["members"]), Caller::User);
        self.client.transport().json(call.json(&NewMember { user_id: user, role })).await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the organization would have no owner.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{OrgRole, OrganizationId, UserId};
    ///
    /// hub.organizations().set_role(OrganizationId(7), UserId(3), OrgRole::Owner).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn set_role(
        &self,
        id: OrganizationId,
        user: UserId,
        role: OrgRole,
    ) -> Result<Member, Error> {
        let url = self.at(id, &["members", &user.to_string()]);
        let call = Call::new(Method::PUT, url, Caller::User);
        self.client.transport().json(call.json(&MemberPatch { role: Some(role) })).await
    }

    /// Removes a member. With one's own number one leaves.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the organization would have no owner.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::OrganizationId;
    ///
    /// let me = hub.auth().me().await?.id;
    /// hub.organizations().remove_member(OrganizationId(7), me).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove_member(&self, id: OrganizationId, user: UserId) -> Result<(), Error> {
        let url = self.at(id, &["members", &user.to_string()]);
        self.client.transport().empty(Call::new(Method::DELETE, url, Caller::User)).await
    }

    /// Switches an organization off, or brings back one that was deleted, which administrators of the hub may do.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) for anybody else.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{OrganizationId, wire::organization::Switch};
    ///
    /// hub.organizations().administer(OrganizationId(7), Switch { is_active: Some(true) }).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn administer(
        &self,
        id: OrganizationId,
        switch: Switch,
    ) -> Result<Organization, Error> {
        let call = Call::new(Method::PATCH, self.at(id, &["admin"]), Caller::User);
        self.client.transport().json(call.json(&switch)).await
    }

    /// Switches a membership off or on again, which administrators of the hub may do.
    ///
    /// # Errors
    /// As [`Organizations::administer`]; [`ErrorKind::Refused`](crate::ErrorKind::Refused) also when the organization would
    /// have no owner.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::{OrganizationId, UserId, wire::organization::Switch};
    ///
    /// let off = Switch { is_active: Some(false) };
    /// hub.organizations().administer_member(OrganizationId(7), UserId(3), off).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn administer_member(
        &self,
        id: OrganizationId,
        user: UserId,
        switch: Switch,
    ) -> Result<Member, Error> {
        let url = self.at(id, &["members", &user.to_string(), "admin"]);
        let call = Call::new(Method::PATCH, url, Caller::User).json(&switch);
        self.client.transport().json(call).await
    }

    /// `{hub}/api/v1/organizations/{id}/{rest}`.
    fn at(self, id: OrganizationId, rest: &[&str]) -> url::Url {
        self.client.api(&[&["organizations", &id.to_string()], rest].concat())
    }
}
