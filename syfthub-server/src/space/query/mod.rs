//! A question to an endpoint (contract space 2): search, then let the model answer, whole or as it writes.

mod answer;
mod failure;
mod prompt;
mod stream;

use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::space::QueryRequest;

use super::node::Space;
use super::store::endpoints::EndpointRow;
use crate::http::{ApiError, Json, Path};

/// The endpoint's address in the path.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) slug: String,
}

impl Input for Address {
    fn read(value: &serde_json::Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("slug").map(|slug| Self { slug })
    }
}

/// `POST /api/v1/endpoints/{slug}/query`, for callers. Who asks is settled before anything else is looked at (contract
/// space 2.3): a stranger learns neither what exists nor whether the request is well-formed.
pub(crate) async fn ask(
    State(space): State<Space>,
    request: Request,
) -> Result<Response, ApiError> {
    space.caller(request.headers()).await?;
    let (endpoint, question, streamed) = read(&space, request).await?;
    if !endpoint.published {
        return Err(ApiError::forbidden("This endpoint is not published"));
    }
    space.reply(endpoint, question, streamed).await
}

/// The same for the owner, who may also ask what is not published yet.
pub(crate) async fn preview(
    State(space): State<Space>,
    request: Request,
) -> Result<Response, ApiError> {
    let (endpoint, question, streamed) = read(&space, request).await?;
    space.reply(endpoint, question, streamed).await
}

async fn read(
    space: &Space,
    request: Request,
) -> Result<(EndpointRow, QueryRequest, bool), ApiError> {
    let (mut parts, body) = request.into_parts();
    let Path(Address { slug }) = Path::from_request_parts(&mut parts, space).await?;
    let endpoint = space
        .endpoint_row(&slug)
        .await?
        .ok_or_else(|| ApiError::not_found("Endpoint not found"))?;
    let wants_events = accepts_events(&parts.headers);
    let request = Request::from_parts(parts, body);
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
