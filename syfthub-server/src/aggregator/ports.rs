//! The endpoints of a request as ports of the orchestrator.

use syfthub_client::node::{Node, NodeError};
use syfthub_core::Secret;
use syfthub_core::rag::{GenerateError, SourceError};
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};
use url::Url;

use super::{Aggregator, audience};
use crate::http::CorrelationId;
use crate::outbound::Refused;

/// Why an endpoint is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum NoPort {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Node(#[from] NodeError),
}

/// One port a data source, in the order of the request; one that must not be called fails by itself.
pub(super) fn sources(
    aggregator: &Aggregator,
    request: &ChatRequest,
    correlation: &CorrelationId,
) -> Vec<Result<Node, SourceError>> {
    let port = |source| {
        let port = node(aggregator, request, source, correlation);
        port.map_err(|why| SourceError::Network(why.to_string()))
    };
    request.data_sources.iter().map(port).collect()
}

/// The port of the model.
pub(super) fn model(
    aggregator: &Aggregator,
    request: &ChatRequest,
    correlation: &CorrelationId,
) -> Result<Node, GenerateError> {
    let port = node(aggregator, request, &request.model, correlation);
    port.map_err(|why| GenerateError::Network(why.to_string()))
}

/// The endpoint with what belongs to its owner: the token made for them, and the token that pays them.
fn node(
    aggregator: &Aggregator,
    request: &ChatRequest,
    reference: &EndpointRef,
    correlation: &CorrelationId,
) -> Result<Node, NoPort> {
    let url = Url::parse(reference.url.trim()).map_err(|_| NodeError::Url)?;
    let (client, url) = aggregator.outbound.way_to(url)?;
    let mut node = Node::new(client.clone(), url.as_str(), &reference.slug)?;
    node = node
        .with_response_cap(aggregator.response_cap)
        .with_correlation_id(correlation.as_str())?;
    if let Some(tenant) = reference.tenant_name.as_deref().filter(|tenant| !tenant.is_empty()) {
        node = node.with_tenant(tenant)?;
    }
    let Some(owner) = reference.owner_username.as_deref() else { return Ok(node) };
    if let Some(token) =
        request.endpoint_tokens.get(owner).filter(|token| audience::is_for(token, owner))
    {
        node = node.with_token(&Secret::new(token.as_str()))?;
    }
    if let Some(token) = request.transaction_tokens.get(owner) {
        node = node.with_transaction_token(Secret::new(token.as_str()));
    }
    Ok(node)
}
