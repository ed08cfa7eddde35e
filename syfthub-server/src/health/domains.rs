//! The address that a sign of life comes with, which becomes its owner's domain (contract hub 7.3).

use serde_json::{Value, json};
use syfthub_core::input::{Issue, Part};
use syfthub_core::model::{OrganizationAction, authorize};
use syfthub_core::{Invalid, OrganizationId};

use super::refusal::Refusal;
use crate::db::Tx;
use crate::identity::domain::Domain;
use crate::identity::{Caller, Origin, users};
use crate::organizations;

/// A domain to be taken over: an origin, or a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Announced(String);

impl Announced {
    /// Reads `url` of a body: `http(s)://host[:port]…`, of which the origin counts, or `tunneling:<name>`.
    pub(super) fn parse(url: &str) -> Result<Self, Refusal> {
        Domain::announced(url).map(Self).map_err(|reason| {
            Refusal::Invalid(vec![Issue {
                kind: "value_error",
                loc: ["body", "url"].map(|name| Part::Field(name.to_owned())).to_vec(),
                msg: Invalid::value(reason).message.into_owned(),
                input: Value::from(url.chars().take(200).collect::<String>()),
            }])
        })
    }

    /// The domain to store instead of `stored`; nothing when that is at the same origin already, perhaps with a path.
    fn replacing(&self, stored: Option<&str>) -> Option<&str> {
        let is_there = stored.is_some_and(|stored| Domain::is_at(stored, &self.0));
        (!is_there).then_some(self.0.as_str())
    }
}

/// An owner's domain after a sign of life, and whether it is another one than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) domain: String,
    pub(super) is_new: bool,
}

/// Makes `announced` the domain of the caller.
pub(super) async fn of_user(
    tx: &mut Tx,
    caller: &Caller,
    announced: &Announced,
    origin: &Origin,
) -> Result<Place, Refusal> {
    let stored = caller.user.domain.as_deref();
    let Some(domain) = announced.replacing(stored) else {
        return Ok(Place { domain: stored.unwrap_or_default().to_owned(), is_new: false });
    };
    let id = caller.id();
    users::set_domain(tx, id, domain, origin.at).await?;
    let detail = json!({ "fields": ["domain"] });
    origin.note(tx, id, "user.update", format!("user:{id}"), detail).await?;
    Ok(Place { domain: domain.to_owned(), is_new: true })
}

/// Makes `announced` the domain of the organization, if the caller may speak for its space.
pub(super) async fn of_organization(
    tx: &mut Tx,
    caller: &Caller,
    id: OrganizationId,
    announced: &Announced,
    origin: &Origin,
) -> Result<Place, Refusal> {
    let found = organizations::find(tx, id, caller.id()).await?.ok_or(Refusal::NoOrganization)?;
    let access = authorize(caller.principal(), OrganizationAction::Heartbeat, found.facts());
    Refusal::unless_granted(access)?;
    let stored = found.organization.domain;
    let Some(domain) = announced.replacing(stored.as_deref()) else {
        return Ok(Place { domain: stored.unwrap_or_default(), is_new: false });
    };
    organizations::set_domain(tx, id, domain, origin.at).await?;
    let detail = json!({ "fields": ["domain"] });
    let subject = format!("organization:{id}");
    origin.note(tx, caller.id(), "organization.update", subject, detail).await?;
    Ok(Place { domain: domain.to_owned(), is_new: true })
}
