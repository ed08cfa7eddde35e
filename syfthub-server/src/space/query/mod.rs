//! A question to an endpoint (contract space 2): its policies, then search, then let the model answer, whole or as it writes.
//!
//! In reading order: `gates` (how many at a time), `entry` (what a question holds meanwhile), `answer` and `stream`, which
//! make the answer with `prompt` and `budget`, `delivery` (whether the caller got it), and `failure`.

mod answer;
mod budget;
mod delivery;
mod entry;
mod failure;
mod gates;
mod prompt;
mod stream;

use std::time::Instant;

use axum::extract::{FromRequest as _, Request, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use syfthub_core::Secret;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::space::{Messages, QueryRequest};

use super::access::Actor;
use super::node::Space;
use super::policies::{NotAdmitted, Visit};
use super::store::endpoints::EndpointRow;
use crate::http::{ApiError, ClientAddress, CorrelationId, Json, Path};
use crate::telemetry::TraceParent;
use entry::Entry;

#[cfg(test)]
pub(crate) use delivery::body;
pub(crate) use gates::Gates;
#[cfg(test)]
pub(crate) use stream::complete;

/// The endpoint's address in the path, which may begin with its tenant.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) slug: String,
    tenant: Option<String>,
}

impl Input for Address {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let tenant = fields.optional("tenant");
        fields.required("slug").map(|slug| Self { slug, tenant })
    }
}

/// Asks an endpoint, with a satellite token for this space's owner.
///
/// Who asks is settled before anything else is looked at (contract space 2.3): a stranger learns neither what exists nor
/// whether the request is well-formed.
#[utoipa::path(post, path = "/endpoints/{slug}/query", tag = "questions", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    request_body(content = Value, description = "Unknown fields are left alone (contract space 2.1)"),
    responses(
        (status = 200, body = Value, description = "The answer, or its events when `stream` is true"),
        (status = 400, description = "No hub is connected, no tenant is named, or the model's server refused the request"),
        (status = 401, description = "The token does not count here"),
        (status = 402, description = "The endpoint costs something, and nothing could be reserved for it"),
        (status = 403, description = "The endpoint is not published, a policy denies access, or the tenant is switched off"),
        (status = 404, description = "No such endpoint or tenant"),
        (status = 413, description = "The question is too long"),
        (status = 422, description = "A field does not fit"),
        (status = 424, description = "This space cannot sign in at the hub that vouches for the caller"),
        (status = 429, description = "A rate limit is reached, or the model's server is busy; `Retry-After` says until when"),
        (status = 502, description = "The model's server failed"),
        (status = 503, description = "The endpoint is busy, or the hub, the dataset, the model's server or the accounting \
                                      service is away"),
        (status = 504, description = "The model's server took too long"),
))]
pub(crate) async fn ask(
    State(space): State<Space>,
    Path(address): Path<Address>,
    client: ClientAddress,
    correlation_id: CorrelationId,
    request: Request,
) -> Result<Response, ApiError> {
    let started = Instant::now();
    let trace = space.traces.begin("ask", &TraceParent::read(request.headers()));
    trace.set("syfthub.correlation_id", correlation_id.as_str().to_owned());
    let wants_old_statuses = prefers_old_statuses(request.headers());
    let tenant = space.tenants.asked(address.tenant.as_deref(), request.headers())?;
    let caller = space.caller(tenant, request.headers()).await?;
    let endpoint = space.own_endpoint(tenant, &address.slug).await?;
    if !endpoint.published || endpoint.is_archived {
        return Err(ApiError::forbidden("This endpoint is not published"));
    }
    trace.set("syfthub.endpoint", endpoint.slug.to_string());
    let (question, streamed) = read(&space, request).await?;
    let place = space.gates.enter(tenant, endpoint.id, &space.config.query)?;
    let visit = Visit {
        tenant,
        endpoint: endpoint.id,
        endpoint_slug: endpoint.slug.to_string(),
        caller,
        client,
        correlation_id,
        transaction_token: question.transaction_token.as_deref().map(Secret::new),
        started,
        trace,
    };
    match space.admit_traced(visit).await {
        Ok(admission) => {
            Ok(space.reply(endpoint, question, streamed, Entry::of(admission, place)).await)
        }
        Err(NotAdmitted::Failed(error)) => Err(error),
        Err(refused) => {
            let mut response = refused.into_response();
            if wants_old_statuses && response.status().is_client_error() {
                *response.status_mut() = StatusCode::FORBIDDEN;
            }
            Ok(response)
        }
    }
}

/// Asks an endpoint of a tenant that the path names, where there are several.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/endpoints/{slug}/query", tag = "questions", security(("bearer" = [])),
    params(
        ("tenant" = String, Path, description = "The tenant's name"),
        ("slug" = String, Path, description = "The endpoint's address"),
    ),
    request_body(content = Value, description = "Unknown fields are left alone (contract space 2.1)"),
    responses(
        (status = 200, body = Value, description = "The answer, or its events when `stream` is true"),
        (status = 400, description = "No hub is connected, no tenant is named, or the model's server refused the request"),
        (status = 401, description = "The token does not count here"),
        (status = 402, description = "The endpoint costs something, and nothing could be reserved for it"),
        (status = 403, description = "The endpoint is not published, a policy denies access, or the tenant is switched off"),
        (status = 404, description = "No such endpoint or tenant"),
        (status = 413, description = "The question is too long"),
        (status = 422, description = "A field does not fit"),
        (status = 424, description = "This space cannot sign in at the hub that vouches for the caller"),
        (status = 429, description = "A rate limit is reached, or the model's server is busy; `Retry-After` says until when"),
        (status = 502, description = "The model's server failed"),
        (status = 503, description = "The endpoint is busy, or the hub, the dataset, the model's server or the accounting \
                                      service is away"),
        (status = 504, description = "The model's server took too long"),
))]
pub(crate) async fn ask_tenant(
    state: State<Space>,
    address: Path<Address>,
    client: ClientAddress,
    correlation_id: CorrelationId,
    request: Request,
) -> Result<Response, ApiError> {
    Box::pin(ask(state, address, client, correlation_id, request)).await
}

/// Asks an endpoint as its owner, who may also ask what is not published yet, and whom no policy concerns.
#[utoipa::path(post, path = "/endpoints/{slug}/query", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    request_body(content = Value, description = "As on the public listener (contract space 2.1)"),
    responses(
        (status = 200, body = Value, description = "The answer, or its events when `stream` is true"),
        (status = 400, description = "The model's server refused the request"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
        (status = 413, description = "The question is too long"),
        (status = 422, description = "A field does not fit"),
        (status = 429, description = "The model's server is busy"),
        (status = 502, description = "The model's server failed"),
        (status = 503, description = "The dataset or the model's server is away"),
        (status = 504, description = "The model's server took too long"),
))]
pub(crate) async fn preview(
    State(space): State<Space>,
    actor: Actor,
    Path(address): Path<Address>,
    request: Request,
) -> Result<Response, ApiError> {
    let endpoint = space.own_endpoint(actor.tenant, &address.slug).await?;
    let (question, streamed) = read(&space, request).await?;
    Ok(space.reply(endpoint, question, streamed, Entry::owner()).await)
}

/// The question, within what the space allows, and whether it is to be answered as events.
async fn read(space: &Space, request: Request) -> Result<(QueryRequest, bool), ApiError> {
    let wants_events = accepts_events(request.headers());
    let Json(mut question) = Json::<QueryRequest>::from_request(request, space).await?;
    let settings = &space.config.query;
    let length = match &question.messages {
        Messages::Text(text) => text.chars().count(),
        Messages::Turns(turns) => turns.iter().map(|turn| turn.content.chars().count()).sum(),
    };
    if length > settings.max_question_chars {
        let most = settings.max_question_chars;
        let detail = format!("The question has {length} characters; this space takes {most}");
        return Err(ApiError::plain(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    question.limit = question.limit.min(i64::from(settings.max_documents));
    question.max_tokens = question.max_tokens.min(i64::from(settings.max_tokens));
    let streamed = question.stream || wants_events;
    Ok((question, streamed))
}

/// Whether the caller knows 403 alone for what policies refuse, and says so (RFC 7240).
fn prefers_old_statuses(headers: &HeaderMap) -> bool {
    let preferred = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut preferred = preferred.flat_map(|value| value.split(','));
    preferred.any(|word| word.trim().eq_ignore_ascii_case("legacy-statuses"))
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|kind| kind.trim().starts_with("text/event-stream"))
}

impl Space {
    async fn reply(
        &self,
        endpoint: EndpointRow,
        question: QueryRequest,
        streamed: bool,
        entry: Entry,
    ) -> Response {
        if streamed {
            return self.stream(endpoint, question, entry).await;
        }
        match self.answer(endpoint, question, &entry.trace()).await {
            Ok(mut answer) => {
                let (receipt, due) = entry.answered().await;
                answer::bill(&mut answer, receipt);
                match due {
                    Some(due) => delivery::json(&answer, move || due.delivered()),
                    None => Json(answer).into_response(),
                }
            }
            Err(error) => entry.fail(error).await,
        }
    }
}
