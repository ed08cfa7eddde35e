//! One call, from the caller's request to the endpoint's answer.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};
use syfthub_core::model::EndpointType;
use tokio::time::timeout;

use super::metrics::Outcome;
use super::refusal::{About, Refusal};
use super::routes::TENANT;
use super::{answer, target};
use crate::config::InvocationSettings;
use crate::db::StoreError;
use crate::http::{self as kit, ClientAddress, CorrelationId};
use crate::hub::Hub;
use crate::identity::{MaybeCaller, Presented};
use crate::outbound::Outbound;
use crate::registry::{self, Callable};
use crate::shared::{Rule, TooMany};

/// What a caller sends, apart from the address.
pub(super) struct Request {
    pub(super) presented: Presented,
    pub(super) client: ClientAddress,
    pub(super) correlation: CorrelationId,
    pub(super) tenant: Option<HeaderValue>,
    pub(super) body: Body,
}

/// Calls the endpoint at `owner/slug`.
pub(super) async fn invoke(hub: &Hub, owner: &str, slug: &str, request: Request) -> Response {
    let mut about = About { path: path(owner, slug), host: None };
    match attempt(hub, owner, slug, request, &mut about).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(&about),
    }
}

/// The endpoint's address as it is fit to send back.
fn path(owner: &str, slug: &str) -> String {
    let short = |name: &str| name.chars().take(64).collect::<String>();
    format!("{}/{}", short(owner), short(slug))
}

/// The checks in the order of the contract, then the call.
async fn attempt(
    hub: &Hub,
    owner: &str,
    slug: &str,
    request: Request,
    about: &mut About,
) -> Result<Response, Refusal> {
    let Request { presented, client, correlation, tenant, body } = request;
    let (caller, found) = find(hub, presented, owner, slug).await?;
    let denial = || Refusal::Request(caller.denial(format!("'{}' not found", about.path)));
    let endpoint = found.ok_or_else(denial)?;
    within_limits(hub, &caller, client)
        .await
        .map_err(|refused| Refusal::Request(refused.into()))?;
    about.path = format!("{}/{}", endpoint.owner, endpoint.slug);
    let url = target::address(endpoint.domain.as_deref(), &endpoint.connect, &endpoint.slug)?;
    about.host = url.host_str().map(str::to_owned);
    let (client, url) = hub.outbound.way_to(url).inspect_err(|_| {
        hub.invocation.calls.record(Outcome::Blocked, Duration::ZERO);
    })?;
    let body = kit::read_body(body).await.map_err(Refusal::Request)?;
    if !answer::is_json(&body) {
        return Err(Refusal::NotJson);
    }
    let mut call = client
        .post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(kit::CORRELATION_ID, correlation.header())
        .body(body);
    if let Some(tenant) = tenant {
        call = call.header(TENANT, tenant);
    }
    if let Some(token) = hub.invocation.tokens.bearer(hub, &caller, &endpoint.owner).await {
        call = call.bearer_auth(token.expose());
    }
    send(hub, call, endpoint.kind).await
}

/// Who calls, and the endpoint if it is on and they may see it.
async fn find(
    hub: &Hub,
    presented: Presented,
    owner: &str,
    slug: &str,
) -> Result<(MaybeCaller, Option<Callable>), StoreError> {
    let (owner, slug) = (owner.to_lowercase(), slug.to_lowercase());
    let read = hub.db.read(move |tx| {
        Box::pin(async move {
            let caller = presented.find_caller(tx).await?;
            let found = registry::callable(tx, caller.principal(), &owner, &slug).await?;
            Ok((caller, found))
        })
    });
    read.await
}

/// Counts the call as the user's, or as the address's when nobody is signed in.
async fn within_limits(
    hub: &Hub,
    caller: &MaybeCaller,
    client: ClientAddress,
) -> Result<(), TooMany> {
    match caller {
        MaybeCaller::Known(caller) => hub.limits.check(Rule::Invocation, caller.id()).await,
        MaybeCaller::Anonymous | MaybeCaller::Rejected => {
            hub.limits.check(Rule::InvocationAddress, client.network()).await
        }
    }
}

async fn send(
    hub: &Hub,
    call: reqwest::RequestBuilder,
    kind: EndpointType,
) -> Result<Response, Refusal> {
    let started = Instant::now();
    let settings = &hub.invocation.settings;
    let limit = match kind {
        EndpointType::DataSource => settings.invocation_retrieval_timeout,
        _ => settings.invocation_timeout,
    };
    let answered = timeout(limit, exchange(call, settings, started)).await;
    let answered = answered.unwrap_or(Err(Refusal::TimedOut(limit)));
    let outcome = match &answered {
        Ok((_, outcome)) => *outcome,
        Err(refusal) => outcome_of(refusal),
    };
    hub.invocation.calls.record(outcome, started.elapsed());
    answered.map(|(response, _)| response)
}

async fn exchange(
    call: reqwest::RequestBuilder,
    settings: &InvocationSettings,
    started: Instant,
) -> Result<(Response, Outcome), Refusal> {
    let response = call.send().await.map_err(|error| unsent(&error))?;
    if !response.status().is_success() {
        return Err(Refusal::Declined(answer::declined(response).await));
    }
    if answer::is_event_stream(&response) {
        return Ok((answer::stream(response, settings, started.elapsed()), Outcome::Streamed));
    }
    let body: Bytes = answer::whole(response, settings.invocation_max_response_bytes).await?;
    Ok((answer::success(body, started.elapsed()), Outcome::Answered))
}

/// Why a request did not bring a response. What exactly failed between the hub and an address of the owner's choice is
/// for the log: told to callers, it would make the hub a port scanner.
fn unsent(error: &reqwest::Error) -> Refusal {
    tracing::debug!(error = error as &dyn std::error::Error, "the endpoint could not be called");
    match Outbound::reason(error) {
        Some(refused) => refused.into(),
        None if error.is_connect() || error.is_timeout() => Refusal::Unreachable,
        None => Refusal::BrokeOff,
    }
}

fn outcome_of(refusal: &Refusal) -> Outcome {
    match refusal {
        Refusal::Declined(_) => Outcome::Declined,
        Refusal::Guard(_) => Outcome::Blocked,
        Refusal::TimedOut(_) => Outcome::TimedOut,
        Refusal::TooLarge(_) => Outcome::TooLarge,
        _ => Outcome::Unreachable,
    }
}
