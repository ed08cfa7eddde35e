//! A question to an endpoint (contract space 2): search, then let the model answer, whole or as it writes.

mod answer;
mod failure;
mod prompt;
mod stream;

use axum::extract::{FromRequest as _, Request, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::space::QueryRequest;

use super::access::Actor;
use super::ids::TenantId;
use super::node::Space;
use super::store::endpoints::EndpointRow;
use crate::http::{ApiError, Json, Path};

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
        (status = 403, description = "The endpoint is not published, or the tenant is switched off"),
        (status = 404, description = "No such endpoint or tenant"),
        (status = 422, description = "A field does not fit"),
        (status = 429, description = "The model's server is busy"),
        (status = 502, description = "The model's server failed"),
        (status = 503, description = "The hub's keys, the dataset or the model's server are away"),
        (status = 504, description = "The model's server took too long"),
))]
pub(crate) async fn ask(
    State(space): State<Space>,
    Path(address): Path<Address>,
    request: Request,
) -> Result<Response, ApiError> {
    let tenant = space.tenants.asked(address.tenant.as_deref(), request.headers())?;
    space.caller(tenant, request.headers()).await?;
    let (endpoint, question, streamed) = read(&space, tenant, &address, request).await?;
    if !endpoint.published || endpoint.is_archived {
        return Err(ApiError::forbidden("This endpoint is not published"));
    }
    space.reply(endpoint, question, streamed).await
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
        (status = 403, description = "The endpoint is not published, or the tenant is switched off"),
        (status = 404, description = "No such endpoint or tenant"),
        (status = 422, description = "A field does not fit"),
        (status = 429, description = "The model's server is busy"),
        (status = 502, description = "The model's server failed"),
        (status = 503, description = "The hub's keys, the dataset or the model's server are away"),
        (status = 504, description = "The model's server took too long"),
))]
pub(crate) async fn ask_tenant(
    state: State<Space>,
    address: Path<Address>,
    request: Request,
) -> Result<Response, ApiError> {
    ask(state, address, request).await
}

/// Asks an endpoint as its owner, who may also ask what is not published yet.
#[utoipa::path(post, path = "/endpoints/{slug}/query", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    request_body(content = Value, description = "As on the public listener (contract space 2.1)"),
    responses(
        (status = 200, body = Value, description = "The answer, or its events when `stream` is true"),
        (status = 400, description = "The model's server refused the request"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
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
    let (endpoint, question, streamed) = read(&space, actor.tenant, &address, request).await?;
    space.reply(endpoint, question, streamed).await
}

async fn read(
    space: &Space,
    tenant: TenantId,
    address: &Address,
    request: Request,
) -> Result<(EndpointRow, QueryRequest, bool), ApiError> {
    let endpoint = space.own_endpoint(tenant, &address.slug).await?;
    let wants_events = accepts_events(request.headers());
    let Json(question) = Json::<QueryRequest>::from_request(request, space).await?;
    let streamed = question.stream || wants_events;
    Ok((endpoint, question, streamed))
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
    ) -> Result<Response, ApiError> {
        if streamed {
            self.stream(endpoint, question).await
        } else {
            Ok(Json(self.answer(endpoint, question).await?).into_response())
        }
    }
}
