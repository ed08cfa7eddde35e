//! Policies as the owner sets them up (contract space 1.4).

use serde::Serialize;
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Patch, Place};
use syfthub_core::wire::endpoint;
use syfthub_core::{Invalid, Timestamp};

use super::rules;
use super::store::{self, PolicyRow};
use crate::db::{StoreError, Tx};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::{EndpointKey, PolicyId, TenantId};
use crate::space::node::Space;

/// The most policies of one endpoint.
const MOST_POLICIES: usize = 50;

/// A policy as the owner sees it (contract space 1.7).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Policy {
    /// The policy.
    pub id: PolicyId,
    /// Its name, unique at its endpoint.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// Its settings, written out in full.
    #[schema(value_type = Object)]
    pub configuration: Map<String, Value>,
    /// The endpoint that it guards.
    pub endpoint_id: EndpointKey,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// What is probably a mistake in it, beside the endpoint's other policies.
    pub warnings: Vec<String>,
}

/// A policy in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct PolicyItem {
    id: PolicyId,
    name: String,
    policy_type: String,
    endpoint_id: EndpointKey,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A policy to be made.
#[derive(Debug, Clone, utoipa::ToSchema)]
pub struct NewPolicy {
    /// Its name, 1 to 100 characters, unique at its endpoint.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// Its settings.
    #[schema(value_type = Object)]
    pub configuration: Map<String, Value>,
    /// The endpoint that it guards.
    pub endpoint_id: EndpointKey,
}

impl Input for NewPolicy {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.text("name", 1, 100);
        let policy_type = fields.text("policy_type", 1, 100);
        let configuration = fields.required("configuration");
        let endpoint_id = fields.required("endpoint_id");
        Some(Self {
            name: name?,
            policy_type: policy_type?,
            configuration: configuration?,
            endpoint_id: endpoint_id?,
        })
    }
}

/// A change of a policy: another name, and settings that replace those of the same name. A setting that is null returns to
/// its default.
#[derive(Debug, Clone, utoipa::ToSchema)]
pub(crate) struct PolicyPatch {
    /// 1 to 100 characters.
    #[schema(value_type = Option<String>)]
    pub(crate) name: Option<String>,
    /// The settings to change.
    #[schema(value_type = Option<Object>)]
    pub(crate) configuration: Option<Map<String, Value>>,
}

impl Input for PolicyPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.patch_text("name", 1, 100);
        let configuration: Patch<Map<String, Value>> = fields.patch("configuration");
        let (name, configuration) = (name.value(), configuration.value());
        if name.is_none() && configuration.is_none() {
            fields.refuse::<()>("name", Invalid::value("name or configuration has to be given"));
        }
        Some(Self { name, configuration })
    }
}

impl Space {
    /// Makes a policy; it holds from the next question on.
    ///
    /// # Errors
    /// When the type or endpoint does not exist, the configuration is refused, or the name is taken at the endpoint.
    pub async fn new_policy(&self, actor: &Actor, new: NewPolicy) -> Result<Policy, SpaceError> {
        let configuration = settled(&new.policy_type, &new.configuration)?;
        let now = self.clock.now();
        let row = PolicyRow {
            id: PolicyId::new(),
            tenant: actor.tenant,
            endpoint: new.endpoint_id,
            name: new.name,
            policy_type: new.policy_type,
            configuration,
            created_at: now,
            updated_at: now,
        };
        let trace = actor.trace(now);
        let stored = self.db.write(move |tx| {
            Box::pin(async move {
                if !store::has_endpoint(tx, row.tenant, row.endpoint).await? {
                    return Err(SpaceError::NotFound("endpoint"));
                }
                if store::of_endpoint(tx, row.endpoint).await?.len() >= MOST_POLICIES {
                    return Err(SpaceError::refused("an endpoint has at most 50 policies"));
                }
                store::insert(tx, &row).await.map_err(|error| taken(error, &row.name))?;
                trace.note(tx, "policy.create", subject(row.id), described(&row)).await?;
                beside(tx, row).await
            })
        });
        let (row, all) = stored.await?;
        self.open_policies().await?;
        Ok(to_wire(row, &all))
    }

    /// The tenant's policies, oldest first.
    pub(crate) async fn policies(&self, tenant: TenantId) -> Result<Vec<PolicyItem>, SpaceError> {
        let rows = self.db.read(move |tx| Box::pin(async move { store::list(tx, tenant).await }));
        let item = |row: PolicyRow| PolicyItem {
            id: row.id,
            name: row.name,
            policy_type: row.policy_type,
            endpoint_id: row.endpoint,
            created_at: row.created_at,
        };
        Ok(rows.await.map_err(|error: StoreError| error)?.into_iter().map(item).collect())
    }

    /// The policies of an endpoint, oldest first.
    pub(crate) async fn policies_of(
        &self,
        endpoint: EndpointKey,
    ) -> Result<Vec<Policy>, SpaceError> {
        let rows = self.policy_rows(endpoint).await?;
        Ok(rows.iter().map(|row| to_wire(row.clone(), &rows)).collect())
    }

    /// What strangers may know of an endpoint's policies: types, names and a line for people; no list of anybody.
    pub(crate) async fn public_policies(
        &self,
        endpoint: EndpointKey,
    ) -> Result<Vec<endpoint::Policy>, SpaceError> {
        let rows = self.policy_rows(endpoint).await?;
        Ok(rows.iter().filter_map(public).collect())
    }

    pub(super) async fn policy_rows(
        &self,
        endpoint: EndpointKey,
    ) -> Result<Vec<PolicyRow>, StoreError> {
        self.db
            .read(move |tx| Box::pin(async move { store::of_endpoint(tx, endpoint).await }))
            .await
    }

    /// The policy with this id.
    pub(crate) async fn find_policy(
        &self,
        tenant: TenantId,
        id: PolicyId,
    ) -> Result<Option<Policy>, SpaceError> {
        let found = self.db.read(move |tx| {
            Box::pin(async move {
                let Some(row) = store::find(tx, tenant, id).await? else { return Ok(None) };
                beside(tx, row).await.map(Some)
            })
        });
        Ok(found.await?.map(|(row, all): (PolicyRow, Vec<PolicyRow>)| to_wire(row, &all)))
    }

    /// Changes a policy; the change holds from the next question on.
    ///
    /// # Errors
    /// As [`Space::new_policy`].
    pub(crate) async fn change_policy(
        &self,
        actor: &Actor,
        id: PolicyId,
        patch: PolicyPatch,
    ) -> Result<Policy, SpaceError> {
        let now = self.clock.now();
        let (tenant, trace) = (actor.tenant, actor.trace(now));
        let changed = self.db.write(move |tx| {
            Box::pin(async move {
                let mut row =
                    store::find(tx, tenant, id).await?.ok_or(SpaceError::NotFound("policy"))?;
                apply(&mut row, patch)?;
                row.updated_at = now;
                store::update(tx, &row).await.map_err(|error| taken(error, &row.name))?;
                trace.note(tx, "policy.update", subject(id), described(&row)).await?;
                beside(tx, row).await
            })
        });
        let (row, all) = changed.await?;
        self.open_policies().await?;
        Ok(to_wire(row, &all))
    }

    /// Removes a policy.
    ///
    /// # Errors
    /// When there is none of this id.
    pub(crate) async fn remove_policy(
        &self,
        actor: &Actor,
        id: PolicyId,
    ) -> Result<(), SpaceError> {
        let (tenant, trace) = (actor.tenant, actor.trace(self.clock.now()));
        let removed = self.db.write(move |tx| {
            Box::pin(async move {
                let row =
                    store::find(tx, tenant, id).await?.ok_or(SpaceError::NotFound("policy"))?;
                store::delete(tx, id).await?;
                trace.note(tx, "policy.delete", subject(id), described(&row)).await?;
                Ok::<_, SpaceError>(())
            })
        });
        removed.await?;
        Ok(self.open_policies().await?)
    }

    /// Reads the policies of all endpoints anew. One change at a time does so, so that none takes back what a later one read.
    pub(crate) async fn open_policies(&self) -> Result<(), StoreError> {
        let _turn = self.policies.turn.lock().await;
        let rows = self.db.read(|tx| Box::pin(async move { store::all(tx).await })).await?;
        self.policies.rulebook.fill(rows);
        Ok(())
    }
}

/// What the trace calls a policy.
fn subject(id: PolicyId) -> String {
    format!("policy:{id}")
}

/// What the trace says of a policy: who is on its lists stays in the policy.
fn described(row: &PolicyRow) -> Value {
    json!({"name": row.name, "type": row.policy_type, "endpoint": row.endpoint})
}

/// A policy, and all of its endpoint.
async fn beside(tx: &mut Tx, row: PolicyRow) -> Result<(PolicyRow, Vec<PolicyRow>), SpaceError> {
    let all = store::of_endpoint(tx, row.endpoint).await?;
    Ok((row, all))
}

fn settled(
    policy_type: &str,
    configuration: &Map<String, Value>,
) -> Result<Map<String, Value>, SpaceError> {
    let kind = super::find(policy_type)
        .ok_or_else(|| SpaceError::refused(format!("there is no policy type {policy_type}")))?;
    Ok(kind.settle(configuration)?)
}

fn apply(row: &mut PolicyRow, patch: PolicyPatch) -> Result<(), SpaceError> {
    if let Some(name) = patch.name {
        row.name = name;
    }
    if let Some(changes) = patch.configuration {
        for (name, value) in changes {
            if value.is_null() {
                row.configuration.remove(&name);
            } else {
                row.configuration.insert(name, value);
            }
        }
        row.configuration = settled(&row.policy_type, &row.configuration)?;
    }
    Ok(())
}

fn taken(error: StoreError, name: &str) -> SpaceError {
    match error {
        StoreError::Conflict { .. } => {
            SpaceError::Conflict(format!("the endpoint has a policy {name} already"))
        }
        error => error.into(),
    }
}

fn to_wire(row: PolicyRow, all: &[PolicyRow]) -> Policy {
    let others: Vec<_> =
        all.iter().filter(|other| other.id != row.id).filter_map(rules::read).collect();
    let warnings = super::find(&row.policy_type)
        .map(|kind| kind.warnings(&row.configuration, &others))
        .unwrap_or_default();
    Policy {
        id: row.id,
        name: row.name,
        policy_type: row.policy_type,
        configuration: row.configuration,
        endpoint_id: row.endpoint,
        created_at: row.created_at,
        updated_at: row.updated_at,
        warnings,
    }
}

fn public(row: &PolicyRow) -> Option<endpoint::Policy> {
    let (line, config) = super::find(&row.policy_type)?.public(&row.configuration);
    Some(endpoint::Policy {
        kind: row.policy_type.clone(),
        version: "1.0".to_owned(),
        enabled: true,
        description: format!("{}: {line}", row.name),
        config,
    })
}
