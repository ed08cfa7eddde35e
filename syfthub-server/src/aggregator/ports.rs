//! The endpoints of a request as ports of the orchestrator.

use futures_util::future::join_all;
use syfthub_client::node::{Node, NodeError, Share};
use syfthub_core::Secret;
use syfthub_core::rag::{GenerateError, SourceError};
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};
use url::Url;

use super::hub_side::Known;
use super::observe::Observer;
use super::{Aggregator, audience};
use crate::http::CorrelationId;
use crate::outbound::Refused;
use crate::telemetry::TraceParent;

/// Why an endpoint is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum NoPort {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Node(#[from] NodeError),
}

/// What the endpoints of one request are called with.
pub(super) struct Ports<'a> {
    aggregator: &'a Aggregator,
    request: &'a ChatRequest,
    correlation: &'a CorrelationId,
    /// Whether tokens may go to the sources, in their order, and to the model.
    trusted: (Vec<bool>, bool),
    /// What the answer holds of what spaces send, until the ports are dropped.
    share: Share,
}

impl<'a> Ports<'a> {
    /// Asks the hub where it publishes the endpoints that would get tokens; without `AGGREGATOR_STRICT_OWNER_URL` the
    /// request is believed.
    pub(super) async fn of(
        aggregator: &'a Aggregator,
        request: &'a ChatRequest,
        known: &Known,
        correlation: &'a CorrelationId,
    ) -> Self {
        let is_trusted = async |reference: &EndpointRef| {
            if !aggregator.settings.strict_owner_url {
                return true;
            }
            let Some(owner) = reference.owner_username.as_deref() else { return false };
            let has_token = request.endpoint_tokens.contains_key(owner)
                || request.transaction_tokens.contains_key(owner);
            match Url::parse(reference.url.trim()) {
                Ok(url) if has_token => {
                    aggregator.hub.publishes(known, owner, &reference.slug, &url).await
                }
                _ => false,
            }
        };
        let sources = join_all(request.data_sources.iter().map(is_trusted)).await;
        let trusted = (sources, is_trusted(&request.model).await);
        Self { aggregator, request, correlation, trusted, share: aggregator.held.share() }
    }

    /// One port a data source, in the order of the request; one that must not be called fails by itself.
    pub(super) fn sources(&self, observer: &Observer) -> Vec<Result<Node, SourceError>> {
        let port = |(place, (source, &trusted))| {
            let port = self.node(source, trusted, &observer.source(place));
            port.map_err(|why| SourceError::Network(why.to_string()))
        };
        self.request.data_sources.iter().zip(&self.trusted.0).enumerate().map(port).collect()
    }

    /// The port of the model.
    pub(super) fn model(&self, parent: &TraceParent) -> Result<Node, GenerateError> {
        let port = self.node(&self.request.model, self.trusted.1, parent);
        port.map_err(|why| GenerateError::Network(why.to_string()))
    }

    /// The endpoint with what belongs to its owner: the token made for them, and the token that pays them.
    fn node(
        &self,
        reference: &EndpointRef,
        trusted: bool,
        parent: &TraceParent,
    ) -> Result<Node, NoPort> {
        let url = Url::parse(reference.url.trim()).map_err(|_| NodeError::Url)?;
        let (client, url) = self.aggregator.outbound.way_to(url)?;
        let mut node = Node::new(client.clone(), url.as_str(), &reference.slug)?;
        node = node
            .with_response_cap(self.aggregator.settings.max_response_bytes)
            .with_share(self.share.clone())
            .with_correlation_id(self.correlation.as_str())?;
        if let Some((trace, state)) = parent.headers() {
            node = node.with_trace_context(&trace, &state)?;
        }
        if let Some(tenant) = reference.tenant_name.as_deref().filter(|tenant| !tenant.is_empty()) {
            node = node.with_tenant(tenant)?;
        }
        let owner = reference.owner_username.as_deref().filter(|_| trusted);
        let Some(owner) = owner else { return Ok(node) };
        if let Some(token) =
            self.request.endpoint_tokens.get(owner).filter(|token| audience::is_for(token, owner))
        {
            node = node.with_token(&Secret::new(token.as_str()))?;
        }
        if let Some(token) = self.request.transaction_tokens.get(owner) {
            node = node.with_transaction_token(Secret::new(token.as_str()));
        }
        Ok(node)
    }
}
