//! An endpoint as a port of the orchestrator: connected to when it is asked, with a token that lives then.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use syfthub_core::rag::{
    DataSource, Found, GenerateError, GenerationStream, Generator, Prompt, Retrieval, SourceError,
};
use syfthub_core::wire::chat::EndpointRef;
use syfthub_core::{OwnerName, Secret};

use crate::client::Client;
use crate::idle;
use crate::node::Node;
use crate::reach::{Reach, Unreachable};

/// The least life of a token that is about to be sent.
const RESERVE: Duration = Duration::from_secs(5);

/// What all endpoints of a question share.
pub(super) struct Ports {
    pub(super) client: Client,
    pub(super) reach: Reach,
    /// Owner to satellite token, for every owner for whom the hub makes one.
    pub(super) passes: HashMap<String, String>,
    /// Owner to transaction token.
    pub(super) payments: HashMap<String, String>,
    pub(super) correlation_id: String,
    pub(super) idle: Duration,
}

impl Ports {
    pub(super) fn port(&self, endpoint: EndpointRef) -> Port {
        let owner = endpoint.owner_username.as_deref();
        let audience = owner
            .filter(|owner| self.passes.contains_key(*owner))
            .and_then(|owner| OwnerName::parse(owner).ok());
        let payment = owner.and_then(|owner| self.payments.get(owner)).map(Secret::new);
        Port {
            client: self.client.clone(),
            reach: self.reach.clone(),
            endpoint,
            audience,
            payment,
            correlation_id: self.correlation_id.clone(),
            idle: self.idle,
        }
    }
}

/// One endpoint of a question.
pub(super) struct Port {
    client: Client,
    reach: Reach,
    endpoint: EndpointRef,
    /// For whom the hub makes tokens; without one the space is asked without.
    audience: Option<OwnerName>,
    payment: Option<Secret>,
    correlation_id: String,
    idle: Duration,
}

impl Port {
    /// The endpoint, ready to be asked now. The token that was made ahead is in the client's cache as long as it lives.
    async fn node(&self) -> Result<Node, Unreachable> {
        let http = self.reach.client_for(&self.endpoint.url)?;
        let mut node = Node::new(http, &self.endpoint.url, &self.endpoint.slug)?
            .with_correlation_id(&self.correlation_id)?;
        if let Some(tenant) = &self.endpoint.tenant_name {
            node = node.with_tenant(tenant)?;
        }
        if let Some(audience) = &self.audience {
            let token = self.client.tokens().of_caller(audience, RESERVE).await;
            node = node.with_token(&token.map_err(Unreachable::NoToken)?)?;
        }
        Ok(match &self.payment {
            Some(token) => node.with_transaction_token(token.clone()),
            None => node,
        })
    }
}

impl DataSource for Port {
    async fn retrieve(&self, question: &Retrieval) -> Result<Found, SourceError> {
        self.node().await?.retrieve(question).await
    }
}

impl Generator for Port {
    async fn generate(&self, prompt: Prompt) -> Result<GenerationStream, GenerateError> {
        let chunks = self.node().await?.generate(prompt).await?;
        Ok(idle::chunks(chunks, self.idle).boxed())
    }
}
