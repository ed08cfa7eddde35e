//! Who may ask, how often and at what price, and what was decided.

use syfthub_client::Timestamp;
use syfthub_client::space::Space;
use syfthub_client::space::policies::{Decision, DecisionFilter, NewPolicy, PolicyPatch};
use uuid::Uuid;

use super::pages::{USUAL, pages};
use crate::operation::operations;

operations! {
    /// Who may ask, how often and at what price, and what was decided.
    OPERATIONS on Space;

    /// The types of policies that the space knows.
    call "policies.types" ["GET /api/v1/policies/types"], () |space| {
        Ok(space.policies().types().await?)
    }

    /// The type of this name.
    call "policies.type" ["GET /api/v1/policies/types/{name}"], (policy_type: String) |space| {
        Ok(space.policies().kind(&policy_type).await?)
    }

    /// The JSON Schema of a type's configuration.
    call "policies.schema" ["GET /api/v1/policies/types/{name}/schema"], (policy_type: String) |space| {
        Ok(space.policies().schema(&policy_type).await?)
    }

    /// All policies without their settings, oldest first.
    call "policies.list" ["GET /api/v1/policies"], () |space| {
        Ok(space.policies().list().await?)
    }

    /// The policy with this id, with what is probably a mistake in it.
    call "policies.get" ["GET /api/v1/policies/{id}"], (policy: Uuid) |space| {
        Ok(space.policies().get(policy).await?)
    }

    /// Guards an endpoint with one more policy.
    call "policies.create" ["POST /api/v1/policies"], (body: NewPolicy) |space| {
        Ok(space.policies().add(&body).await?)
    }

    /// Changes a policy's name, or some of its settings.
    call "policies.update" ["PATCH /api/v1/policies/{id}"], (policy: Uuid, body: PolicyPatch) |space| {
        Ok(space.policies().edit(policy, &body).await?)
    }

    /// Removes a policy; its endpoint is no longer guarded by it.
    call "policies.delete" ["DELETE /api/v1/policies/{id}"], (policy: Uuid) |space| {
        Ok(space.policies().remove(policy).await?)
    }

    /// What would happen to a question of the person with this e-mail address. Nothing is asked, counted or charged.
    call "policies.check" ["GET /api/v1/policies/check"], (endpoint: String, email: String) |space| {
        Ok(space.policies().check(&endpoint, &email).await?)
    }

    /// What became of questions, latest first; pages of `limit` decisions, 1 to 10000.
    stream "policies.decisions" ["GET /api/v1/decisions"],
    (endpoint: Option<String>, outcome: Option<String>, who: Option<String>, policy_id: Option<Uuid>,
     since: Option<Timestamp>, until: Option<Timestamp>, before: Option<i64>, limit: Option<u32>) |space| {
        let size = limit.unwrap_or(USUAL);
        let limit = Some(size);
        let filter = DecisionFilter { endpoint, outcome, who, policy_id, since, until, before, limit };
        pages(before, size, |decision: &Decision| decision.id, move |before| {
            let (space, filter) = (space.clone(), DecisionFilter { before, ..filter.clone() });
            async move { space.policies().decisions(&filter).await }
        })
    }

    /// The same as a text of comma-separated values; at most `limit` decisions.
    call "policies.export_decisions" ["GET /api/v1/decisions"],
    (endpoint: Option<String>, outcome: Option<String>, who: Option<String>, policy_id: Option<Uuid>,
     since: Option<Timestamp>, until: Option<Timestamp>, before: Option<i64>, limit: Option<u32>) |space| {
        let filter = DecisionFilter { endpoint, outcome, who, policy_id, since, until, before, limit };
        Ok(space.policies().export_decisions(&filter).await?)
    }
}
