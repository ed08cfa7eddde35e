//! Links that ask: a page with documents for a question, or with an answer (contract aggregator 1.16).
//!
//! Whoever follows a link is a guest of the endpoints, whoever they are elsewhere, and carries no means to pay; so no link that
//! somebody is made to follow spends anything of theirs. Documents are shown at once. A model is asked only when the form on the
//! page is sent, since that costs its owner something.

mod page;
mod parse;

use axum::extract::State;
use axum::response::Response;
use futures_util::StreamExt as _;
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place as Field};
use syfthub_core::rag::AnswerEvent;
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};

use super::Aggregator;
use super::asked::Admitted;
use super::hub_side::Known;
use super::refusal::{Refusal, RefusalBody};
use crate::http::{ApiError, CorrelationId, Form, Query};
use crate::telemetry::TraceParent;
use page::Outcome;
use parse::{Link, NoLink, Place};

/// The most characters of a link.
const LINK: usize = 10_000;

/// What a link, or its form, carries.
#[derive(utoipa::ToSchema)]
pub(super) struct Followed {
    /// Where and what: `ada/notes|bob/maps!Why?`.
    #[schema(min_length = 1, max_length = 10_000)]
    q: String,
    /// Whether a model shall answer; in a form it shall.
    #[schema(default = false)]
    aggregate: bool,
}

impl Input for Followed {
    fn read(value: &Value, place: &mut Field<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let (q, aggregate) = (fields.text("q", 1, LINK), fields.or("aggregate", false));
        Some(Self { q: q?, aggregate: aggregate? })
    }
}

/// Shows documents for the question of a link; for one that asks a model, a page to confirm it.
#[utoipa::path(get, path = "/api/v1/q", tag = "aggregator",
    params(
        ("q" = String, Query, description = "Where and what: `ada/notes|bob/maps!Why?`"),
        ("aggregate" = Option<bool>, Query, description = "Whether a model shall answer"),
    ),
    responses(
        (status = 200, content_type = "text/html", body = String),
        (status = 400, description = "The link asks nothing", content_type = "text/html", body = String),
        (status = 401, description = "Questions without a hub token are not answered here", body = RefusalBody),
        (status = 422, description = "A parameter breaks its rule", body = RefusalBody),
        (status = 429, description = "Too many answers for this caller are under way", body = RefusalBody),
        (status = 502, description = "There is no answer", content_type = "text/html", body = String),
        (status = 503, description = "Too many answers are under way", body = RefusalBody),
))]
pub(super) async fn follow(
    State(aggregator): State<Aggregator>,
    correlation: CorrelationId,
    parent: TraceParent,
    admitted: Admitted,
    followed: Result<Query<Followed>, ApiError>,
) -> Result<Response, Refusal> {
    let Query(followed) = followed?;
    let link = match Link::parse(&followed.q) {
        Ok(link) => link,
        Err(why) => return Ok(refused(&followed.q, &why)?),
    };
    match aggregator.settings.sessions.default_query_model.as_deref() {
        Some(model) if followed.aggregate => Ok(page::confirm(&followed.q, model, &link.prompt)?),
        None if followed.aggregate => Ok(no_model(&link)?),
        _ => asked(&aggregator, &admitted, (&correlation, &parent), link, None).await,
    }
}

/// Answers the question of a link with a model.
#[utoipa::path(post, path = "/api/v1/q", tag = "aggregator",
    request_body(content = Followed, content_type = "application/x-www-form-urlencoded", description = "`q`, as in the link"),
    responses(
        (status = 200, content_type = "text/html", body = String),
        (status = 400, description = "The link asks nothing", content_type = "text/html", body = String),
        (status = 401, description = "Questions without a hub token are not answered here", body = RefusalBody),
        (status = 422, description = "A field breaks its rule", body = RefusalBody),
        (status = 429, description = "Too many answers for this caller are under way", body = RefusalBody),
        (status = 502, description = "There is no answer", content_type = "text/html", body = String),
        (status = 503, description = "Too many answers are under way", body = RefusalBody),
))]
pub(super) async fn confirm(
    State(aggregator): State<Aggregator>,
    correlation: CorrelationId,
    parent: TraceParent,
    admitted: Admitted,
    followed: Result<Form<Followed>, ApiError>,
) -> Result<Response, Refusal> {
    let Form(followed) = followed?;
    let link = match Link::parse(&followed.q) {
        Ok(link) => link,
        Err(why) => return Ok(refused(&followed.q, &why)?),
    };
    match aggregator.settings.sessions.default_query_model.clone() {
        Some(model) => {
            asked(&aggregator, &admitted, (&correlation, &parent), link, Some(model)).await
        }
        None => Ok(no_model(&link)?),
    }
}

fn refused(query: &str, why: &NoLink) -> Result<Response, ApiError> {
    let error = Some(why.to_string());
    let outcome = Outcome { query: query.to_owned(), error, ..Outcome::default() };
    page::result(StatusCode::BAD_REQUEST, &outcome)
}

fn no_model(link: &Link) -> Result<Response, ApiError> {
    let error = Some("this aggregator has no model for links".to_owned());
    let outcome = Outcome { query: link.prompt.clone(), error, ..Outcome::default() };
    page::result(StatusCode::BAD_GATEWAY, &outcome)
}

/// The page with the answer to `link`, by `model` or by documents alone.
async fn asked(
    aggregator: &Aggregator,
    admitted: &Admitted,
    (correlation, parent): (&CorrelationId, &TraceParent),
    link: Link,
    model: Option<String>,
) -> Result<Response, Refusal> {
    let mut outcome = Outcome { query: link.prompt.clone(), model, ..Outcome::default() };
    let request = match request(aggregator, link, &mut outcome).await {
        Ok(request) => request,
        Err(why) => {
            outcome.error = Some(why);
            return Ok(page::result(StatusCode::BAD_GATEWAY, &outcome)?);
        }
    };
    let answer = aggregator.answer(&request, &admitted.known, correlation, parent).await?;
    let mut events = std::pin::pin!(answer);
    let status = loop {
        match events.next().await.expect("an answer ends with a terminal event") {
            AnswerEvent::Done(answer) => {
                let answer = *answer;
                outcome.answer = outcome.model.as_ref().map(|_| answer.response);
                outcome.sources = Some(answer.sources);
                break StatusCode::OK;
            }
            AnswerEvent::Error { error, .. } => {
                outcome.error = Some(error.to_string());
                break StatusCode::BAD_GATEWAY;
            }
            _ => {}
        }
    };
    Ok(page::result(status, &outcome)?)
}

/// The link as a request of a guest; what stands in the way of it otherwise.
async fn request(
    aggregator: &Aggregator,
    link: Link,
    outcome: &mut Outcome,
) -> Result<ChatRequest, String> {
    let model = EndpointRef::default();
    let mut request = ChatRequest::new(link.prompt, model);
    request.retrieval_only = outcome.model.is_none();
    if let Some(path) = &outcome.model {
        let (owner, slug) = path.split_once('/').unwrap_or_default();
        request.model = endpoint(aggregator, &mut request, owner, slug).await?;
    }
    for place in link.places {
        let (path, page) = match place {
            Place::Endpoint { owner, slug } => (format!("{owner}/{slug}"), None),
            Place::Page(url) => {
                let reader = aggregator.settings.sessions.url_fetcher.clone();
                (reader.ok_or("this aggregator reads no pages of the web")?, Some(url))
            }
        };
        let (owner, slug) = path.split_once('/').unwrap_or_default();
        let mut source = endpoint(aggregator, &mut request, owner, slug).await?;
        source.query_override = page;
        outcome.data_sources.push(path.clone());
        request.data_sources.push(source);
    }
    Ok(request)
}

/// The endpoint at `owner/slug` as everybody sees it, with a guest's token for its owner added to the request.
async fn endpoint(
    aggregator: &Aggregator,
    request: &mut ChatRequest,
    owner: &str,
    slug: &str,
) -> Result<EndpointRef, String> {
    let hub = &aggregator.hub;
    let url = hub.address(&Known::nobody(), owner, slug).await;
    let url =
        url.ok_or_else(|| format!("there is no endpoint {owner}/{slug} that everybody may ask"))?;
    if !request.endpoint_tokens.contains_key(owner)
        && let Some(token) = hub.guest_token(owner).await
    {
        request.endpoint_tokens.insert(owner.to_owned(), token.expose().to_owned());
    }
    let (slug, owner) = (slug.to_owned(), Some(owner.to_owned()));
    Ok(EndpointRef { url, slug, owner_username: owner, ..EndpointRef::default() })
}
