//! The endpoints of a request as ports of the orchestrator.

use futures_util::future::join_all;
use syfthub_client::node::{Node, NodeError};
use syfthub_core::Secret;
use syfthub_core::rag::{GenerateError, SourceError};
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};
use url::Url;

use super::hub_side::Known;
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

/// Whether the tokens that are there for an endpoint's owner may go to its address.
pub(super) struct Trusted {
    sources: Vec<bool>,
    model: bool,
}

/// Asks the hub where it publishes the endpoints that would get tokens; without `AGGREGATOR_STRICT_OWNER_URL` the
/// request is believed.
pub(super) async fn trusted(
    aggregator: &Aggregator,
    request: &ChatRequest,
    known: &Known,
) -> Trusted {
    let is_trusted = async |reference: &EndpointRef| {
        if !aggregator.settings.strict_owner_url {
            return true;
        }
        let Some(owner) = reference.owner_username.as_deref() else { return false };
        let has_token = request.endpoint_tokens.contains_key(owner)
            || request.transaction_tokens.contains_key(owner);
        let Some(url) = Url::parse(reference.url.trim()).ok().filter(|_| has_token) else {
            return false;
        };
        aggregator.hub.publishes(known, owner, &reference.slug, &url).await
    };
    let sources = join_all(request.data_sources.iter().map(is_trusted)).await;
    Trusted { sources, model: is_trusted(&request.model).await }
}

/// One port a data source, in the order of the request; one that must not be called fails by itself.
pub(super) fn sources(
    aggregator: &Aggregator,
    request: &ChatRequest,
    trusted: &Trusted,
    correlation: &CorrelationId,
) -> Vec<Result<Node, SourceError>> {
    let port = |(source, &trusted)| {
        let port = node(aggregator, request, source, trusted, correlation);
        port.map_err(|why| SourceError::Network(why.to_string()))
    };
    request.data_sources.iter().zip(&trusted.sources).map(port).collect()
}

/// The port of the model.
pub(super) fn model(
    aggregator: &Aggregator,
    request: &ChatRequest,
    trusted: &Trusted,
    correlation: &CorrelationId,
) -> Result<Node, GenerateError> {
    let port = node(aggregator, request, &request.model, trusted.model, correlation);
    port.map_err(|why| GenerateError::Network(why.to_string()))
}

/// The endpoint with what belongs to its owner: the token made for them, and the token that pays them.
fn node(
    aggregator: &Aggregator,
    request: &ChatRequest,
    reference: &EndpointRef,
    trusted: bool,
    correlation: &CorrelationId,
) -> Result<Node, NoPort> {
    let url = Url::parse(reference.url.trim()).map_err(|_| NodeError::Url)?;
    let (client, url) = aggregator.outbound.way_to(url)?;
    let mut node = Node::new(client.clone(), url.as_str(), &reference.slug)?;
    node = node
        .with_response_cap(aggregator.settings.max_response_bytes)
        .with_correlation_id(correlation.as_str())?;
    if let Some(tenant) = reference.tenant_name.as_deref().filter(|tenant| !tenant.is_empty()) {
        node = node.with_tenant(tenant)?;
    }
    let owner = reference.owner_username.as_deref().filter(|_| trusted);
    let Some(owner) = owner else { return Ok(node) };
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
