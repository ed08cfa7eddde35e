//! When and under which request something happens, for the audit log.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde_json::Value;
use syfthub_core::{Timestamp, UserId};

use crate::audit::{self, Event};
use crate::db::{StoreError, Tx};
use crate::http::CorrelationId;
use crate::hub::Hub;

/// The moment and the request behind a change.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) at: Timestamp,
    correlation_id: CorrelationId,
}

impl Origin {
    /// What the hub does by itself at `at`.
    pub(crate) fn of_the_hub(at: Timestamp) -> Self {
        Self { at, correlation_id: CorrelationId::random() }
    }

    /// The request's id, for calls to other servers.
    pub(crate) fn correlation_id(&self) -> &CorrelationId {
        &self.correlation_id
    }

    /// Appends to the audit log what `actor`, or else the hub itself, did to `subject`, within the transaction that does it.
    pub(crate) async fn note(
        &self,
        tx: &mut Tx,
        actor: impl Into<Option<UserId>>,
        action: &'static str,
        subject: String,
        detail: Value,
    ) -> Result<(), StoreError> {
        let correlation_id = self.correlation_id.as_str().to_owned();
        let event =
            Event { actor: actor.into(), action, subject, detail, correlation_id, at: self.at };
        audit::append(tx, &event).await
    }
}

impl FromRequestParts<Hub> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Infallible> {
        let correlation_id = CorrelationId::from_request_parts(parts, hub).await?;
        Ok(Self { at: hub.clock.now(), correlation_id })
    }
}
