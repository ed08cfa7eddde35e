//! On whose behalf something is done.

use std::fmt;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use serde_json::Value;
use syfthub_core::Timestamp;

use crate::db::{StoreError, Tx};
use crate::http::{ApiError, CorrelationId};
use crate::space::hub::bearer;
use crate::space::ids::{AccountId, TenantId};
use crate::space::node::Space;
use crate::space::store::audit::{self, Event};

/// Who acts, for which tenant. As an extractor: the owner that an admin route needs, 401 for anybody else.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(crate) tenant: TenantId,
    who: Who,
    correlation_id: CorrelationId,
}

/// What stands behind an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The program that the space is part of, or the space itself.
    Program,
    /// Whoever knows the admin key.
    AdminKey,
    /// An account.
    Account(AccountId),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("program"),
            Self::AdminKey => f.write_str("admin-key"),
            Self::Account(id) => write!(f, "account:{id}"),
        }
    }
}

impl Actor {
    /// The program that the space is part of, acting for the root tenant.
    pub fn program() -> Self {
        Self::space(TenantId::ROOT)
    }

    /// The space itself, acting for `tenant`.
    pub(crate) fn space(tenant: TenantId) -> Self {
        Self { tenant, who: Who::Program, correlation_id: CorrelationId::random() }
    }

    /// The account that acts, if it is one.
    pub(crate) fn account_id(&self) -> Option<AccountId> {
        match self.who {
            Who::Account(id) => Some(id),
            Who::Program | Who::AdminKey => None,
        }
    }

    /// Whether the space itself acts.
    pub(super) fn is_program(&self) -> bool {
        self.who == Who::Program
    }

    /// What a change that the actor makes at `at` is noted with.
    pub(crate) fn trace(&self, at: Timestamp) -> Trace {
        Trace {
            tenant: self.tenant,
            at,
            actor: self.who.to_string(),
            correlation_id: self.correlation_id.as_str().to_owned(),
        }
    }

    /// Whether the actor may change what all tenants share: whoever knows the admin key may, and so may the accounts of
    /// the root tenant, which are the node's own.
    pub(super) fn may_run_the_node(&self) -> bool {
        self.who == Who::AdminKey || self.tenant == TenantId::ROOT
    }
}

impl FromRequestParts<Space> for Actor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, space: &Space) -> Result<Self, Response> {
        let Known(actor) =
            Known::from_request_parts(parts, space).await.map_err(ApiError::into_response)?;
        let tenant = match actor.who {
            Who::AdminKey => space.tenants.named_in(&parts.headers),
            _ => space.tenants.admit(&parts.headers, actor.tenant),
        };
        let tenant = tenant.map_err(ApiError::into_response)?;
        Ok(Self { tenant, ..actor })
    }
}

/// Who sends the request, whichever tenant it names: the admin key counts as the root tenant's.
async fn identify(parts: &mut Parts, space: &Space) -> Result<Actor, ApiError> {
    let Ok(correlation_id) = CorrelationId::from_request_parts(parts, space).await;
    let token = bearer(&parts.headers).ok_or_else(stranger)?;
    if space.admin_key.matches(token) {
        return Ok(Actor { tenant: TenantId::ROOT, who: Who::AdminKey, correlation_id });
    }
    let account = space.account_of(token).await?.ok_or_else(stranger)?;
    Ok(Actor { tenant: account.tenant, who: Who::Account(account.id), correlation_id })
}

fn stranger() -> ApiError {
    ApiError::unauthorized(
        "Sign in at /api/v1/auth/login, or send the admin key: `Authorization: Bearer <token>`",
    )
}

/// An actor who may change what all tenants share. As an extractor: 403 for the owners of single tenants.
#[derive(Debug, Clone)]
pub(crate) struct Node(pub(crate) Actor);

impl FromRequestParts<Space> for Node {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, space: &Space) -> Result<Self, ApiError> {
        let actor = identify(parts, space).await?;
        if actor.may_run_the_node() {
            Ok(Self(actor))
        } else {
            Err(ApiError::forbidden("This needs the admin key, or an account of the root tenant"))
        }
    }
}

/// Whoever is known, for whichever tenant.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Actor);

impl FromRequestParts<Space> for Known {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, space: &Space) -> Result<Self, ApiError> {
        identify(parts, space).await.map(Self)
    }
}

/// What a change is noted with.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    tenant: TenantId,
    pub(crate) at: Timestamp,
    actor: String,
    correlation_id: String,
}

impl Trace {
    /// Notes what was done to `subject`, in the transaction that does it. `detail` must hold no secret.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        action: &str,
        subject: impl fmt::Display,
        detail: Value,
    ) -> Result<(), StoreError> {
        let event = Event {
            id: 0,
            at: self.at,
            actor: self.actor.clone(),
            action: action.to_owned(),
            subject: subject.to_string(),
            detail,
            correlation_id: self.correlation_id.clone(),
        };
        audit::append(tx, self.tenant, &event).await
    }
}
