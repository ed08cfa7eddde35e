//! Policies of endpoints (contract space 1.4, 2.4).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use syfthub_core::Timestamp;
use uuid::Uuid;

use super::{Notice, Space, TypeInfo};
use crate::error::Error;

pub use super::decisions::{Decision, DecisionFilter};

/// A policy of one endpoint, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PolicyItem {
    /// The policy.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// The endpoint that it guards.
    pub endpoint_id: Uuid,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// A policy of one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Policy {
    /// The policy.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// The endpoint that it guards.
    pub endpoint_id: Uuid,
    /// Its settings.
    #[serde(default)]
    pub configuration: Map<String, Value>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// What is probably a mistake in it.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// A policy to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewPolicy {
    /// Its name.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// Its settings, by the type's schema.
    #[serde(default)]
    pub configuration: Map<String, Value>,
    /// The endpoint that it guards.
    pub endpoint_id: Uuid,
}

impl NewPolicy {
    /// A policy of type `policy_type` for the endpoint.
    pub fn new(
        name: impl Into<String>,
        policy_type: impl Into<String>,
        endpoint_id: Uuid,
        configuration: Map<String, Value>,
    ) -> Self {
        Self { name: name.into(), policy_type: policy_type.into(), configuration, endpoint_id }
    }
}

/// Changes to a policy; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyPatch {
    /// Another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Settings, put over those it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Map<String, Value>>,
}

/// What would happen to a question of somebody.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Forecast {
    /// The endpoint's address.
    pub endpoint: String,
    /// Whose question.
    pub email: String,
    /// Whether they would be let in, at least until a limit or the lack of money stops them.
    pub allowed: bool,
    /// `success`, or what they would be told.
    pub outcome: String,
    /// What a question would cost them.
    pub cost: f64,
    /// What each policy says, in the order of the phases.
    pub policies: Vec<Opinion>,
}

/// What one policy says about a question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Opinion {
    /// The policy.
    pub policy_id: Uuid,
    /// Its name.
    pub name: String,
    /// Its type.
    pub policy_type: String,
    /// `allows`, `denies`, `applies` or `skipped`.
    pub effect: String,
    /// Why.
    pub detail: String,
}

/// The operations on policies; from [`Space::policies`].
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    pub(super) space: &'a Space,
}

impl Policies<'_> {
    /// The types that this space knows.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for kind in space.policies().types().await? {
    ///     println!("{}: {}", kind.name, kind.description);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn types(&self) -> Result<Vec<TypeInfo>, Error> {
        self.space.json(self.space.get(&["policies", "types", ""])).await
    }

    /// The type of this name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.policies().kind("rate_limit").await?.description);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn kind(&self, name: &str) -> Result<TypeInfo, Error> {
        self.space.json(self.space.get(&["policies", "types", name])).await
    }

    /// The JSON Schema of a type's configuration.
    ///
    /// # Errors
    /// As [`Policies::kind`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.policies().schema("rate_limit").await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn schema(&self, name: &str) -> Result<Value, Error> {
        self.space.json(self.space.get(&["policies", "types", name, "schema"])).await
    }

    /// All policies, without their settings.
    ///
    /// # Errors
    /// When the space refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{} policies", space.policies().list().await?.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self) -> Result<Vec<PolicyItem>, Error> {
        self.space.json(self.space.get(&["policies", ""])).await
    }

    /// The policy with this id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// for policy in space.policies().list().await? {
    ///     println!("{:?}", space.policies().get(policy.id).await?.configuration);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get(&self, id: Uuid) -> Result<Policy, Error> {
        self.space.json(self.space.get(&["policies", &id.to_string()])).await
    }

    /// Makes a policy, which guards its endpoint from now on.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the type is unknown or its configuration cannot be used,
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the endpoint does not exist.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::policies::NewPolicy;
    ///
    /// let endpoint = space.endpoints().get("field-notes").await?;
    /// let limit = serde_json::Map::from_iter([("limit".to_owned(), "50/m".into())]);
    /// space.policies().add(&NewPolicy::new("fair use", "rate_limit", endpoint.id, limit)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add(&self, new: &NewPolicy) -> Result<Policy, Error> {
        self.space.json(self.space.post(&["policies", ""]).json(new)).await
    }

    /// Changes a policy.
    ///
    /// # Errors
    /// As [`Policies::add`] and [`Policies::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, id: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::policies::PolicyPatch;
    ///
    /// let patch = PolicyPatch { name: Some("less".to_owned()), ..PolicyPatch::default() };
    /// space.policies().edit(id, &patch).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn edit(&self, id: Uuid, patch: &PolicyPatch) -> Result<Policy, Error> {
        self.space.json(self.space.patch(&["policies", &id.to_string()]).json(patch)).await
    }

    /// Removes a policy; its endpoint is no longer guarded by it.
    ///
    /// # Errors
    /// As [`Policies::get`].
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space, id: uuid::Uuid) -> Result<(), syfthub_client::Error> {
    /// space.policies().remove(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self, id: Uuid) -> Result<Notice, Error> {
        self.space.json(self.space.delete(&["policies", &id.to_string()])).await
    }

    /// What would happen to a question of the person with this e-mail address. Nothing is asked, counted or charged.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the endpoint does not exist.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// println!("{}", space.policies().check("field-notes", "ada@example.org").await?.allowed);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check(&self, endpoint: &str, email: &str) -> Result<Forecast, Error> {
        let call = self.space.get(&["policies", "check"]);
        self.space.json(call.query("endpoint", endpoint).query("email", email)).await
    }
}
