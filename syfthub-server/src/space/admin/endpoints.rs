//! Endpoints: making, editing, listing, removing, publishing (contract space 1.3).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use syfthub_core::Slug;
use syfthub_core::input::{Fields, Input, Place};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Message, removed};
use crate::http::{ApiError, Json, Path};
use crate::space::access::Actor;
use crate::space::catalog::{Endpoint, EndpointDetail, EndpointItem, EndpointPatch, NewEndpoint};
use crate::space::hub::{Listing, ListingState};
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;
use crate::space::query::{self, Address};

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, edit, remove))
        .routes(routes!(archive))
        .routes(routes!(unarchive))
        .routes(routes!(query::preview))
        .routes(routes!(publish))
        .routes(routes!(listings))
        .routes(routes!(validate_slug))
        .routes(routes!(unpublish))
}

/// Lists the endpoints with the parts behind them.
#[utoipa::path(get, path = "/endpoints", tag = "endpoints", security(("bearer" = [])), responses(
    (status = 200, body = Vec<EndpointItem>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn list(
    State(space): State<Space>,
    actor: Actor,
) -> Result<Json<Vec<EndpointItem>>, ApiError> {
    Ok(Json(space.endpoint_items(actor.tenant).await?))
}

/// Makes an endpoint over a dataset, a model, or both.
#[utoipa::path(post, path = "/endpoints", tag = "endpoints", security(("bearer" = [])),
    request_body = NewEndpoint,
    responses(
        (status = 201, body = Endpoint),
        (status = 400, description = "Neither a dataset nor a model"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such dataset or model"),
        (status = 409, description = "The slug is taken"),
        (status = 422, description = "A field does not fit, or the slug is reserved"),
))]
async fn add(
    State(space): State<Space>,
    actor: Actor,
    Json(new): Json<NewEndpoint>,
) -> Result<Response, ApiError> {
    let made = space.new_endpoint(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Shows an endpoint.
#[utoipa::path(get, path = "/endpoints/{slug}", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    responses(
        (status = 200, body = EndpointDetail),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
))]
async fn show(
    State(space): State<Space>,
    actor: Actor,
    Path(address): Path<Address>,
) -> Result<Json<EndpointDetail>, ApiError> {
    Ok(Json(space.endpoint_detail(actor.tenant, &address.slug).await?))
}

/// Changes an endpoint.
#[utoipa::path(patch, path = "/endpoints/{slug}", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    request_body = EndpointPatch,
    responses(
        (status = 200, body = EndpointDetail),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint, dataset or model"),
        (status = 409, description = "A hub lists it, so it cannot be closed"),
        (status = 422, description = "A field does not fit, or nothing is to be changed"),
))]
async fn edit(
    State(space): State<Space>,
    actor: Actor,
    Path(address): Path<Address>,
    Json(patch): Json<EndpointPatch>,
) -> Result<Json<EndpointDetail>, ApiError> {
    space.edit_endpoint(&actor, &address.slug, patch).await?;
    Ok(Json(space.endpoint_detail(actor.tenant, &address.slug).await?))
}

/// Removes an endpoint: callers are answered no more, and hubs that list it are told to take it off.
#[utoipa::path(delete, path = "/endpoints/{slug}", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    responses(
        (status = 200, body = Message),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
))]
async fn remove(
    State(space): State<Space>,
    actor: Actor,
    Path(address): Path<Address>,
) -> Result<Json<Message>, ApiError> {
    space.remove_endpoint(&actor, &address.slug).await?;
    Ok(removed("Endpoint"))
}

/// Puts an endpoint away: it is kept, and closed to callers.
#[utoipa::path(post, path = "/endpoints/{slug}/archive", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    responses(
        (status = 200, body = Endpoint),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
        (status = 409, description = "A hub lists it"),
))]
async fn archive(
    State(space): State<Space>,
    actor: Actor,
    Path(address): Path<Address>,
) -> Result<Json<Endpoint>, ApiError> {
    Ok(Json(space.archive_endpoint(&actor, &address.slug, true).await?))
}

/// Takes an endpoint out again that was put away.
#[utoipa::path(post, path = "/endpoints/{slug}/unarchive", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    responses(
        (status = 200, body = Endpoint),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
))]
async fn unarchive(
    State(space): State<Space>,
    actor: Actor,
    Path(address): Path<Address>,
) -> Result<Json<Endpoint>, ApiError> {
    Ok(Json(space.archive_endpoint(&actor, &address.slug, false).await?))
}

/// Where to list an endpoint.
#[derive(Debug, ToSchema)]
struct Targets {
    /// The hubs to list it at.
    marketplace_ids: Vec<MarketplaceId>,
    /// All hubs instead.
    publish_to_all_marketplaces: bool,
}

impl Input for Targets {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let marketplace_ids = fields.list("marketplace_ids", 100);
        let publish_to_all_marketplaces = fields.or("publish_to_all_marketplaces", false);
        Some(Self {
            marketplace_ids: marketplace_ids?,
            publish_to_all_marketplaces: publish_to_all_marketplaces?,
        })
    }
}

/// What publishing did, hub by hub.
#[derive(Debug, Serialize, ToSchema)]
struct Published {
    endpoint_slug: String,
    results: Vec<Listing>,
}

/// Opens an endpoint to callers and lists it at hubs. What each hub said is in the answer.
#[utoipa::path(post, path = "/endpoints/{slug}/publish", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    request_body = Targets,
    responses(
        (status = 200, body = Published),
        (status = 400, description = "No hub is named or connected, or the space has no address"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint or hub"),
        (status = 422, description = "A field does not fit"),
))]
async fn publish(
    State(space): State<Space>,
    actor: Actor,
    Path(Address { slug, .. }): Path<Address>,
    Json(targets): Json<Targets>,
) -> Result<Json<Published>, ApiError> {
    let results = if targets.publish_to_all_marketplaces {
        space.publish(&actor, &slug).await?
    } else if targets.marketplace_ids.is_empty() {
        return Err(ApiError::bad_request(
            "Name marketplace_ids, or set publish_to_all_marketplaces",
        ));
    } else {
        space.publish_at(&actor, &slug, &targets.marketplace_ids).await?
    };
    Ok(Json(Published { endpoint_slug: slug, results }))
}

/// Takes an endpoint off every hub that lists it. When none does any more, it is closed to callers.
#[utoipa::path(delete, path = "/endpoints/{slug}/unpublish", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    responses(
        (status = 200, body = Vec<Listing>),
        (status = 400, description = "No hub lists it"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
))]
async fn unpublish(
    State(space): State<Space>,
    actor: Actor,
    Path(Address { slug, .. }): Path<Address>,
) -> Result<Json<Vec<Listing>>, ApiError> {
    Ok(Json(space.unpublish(&actor, &slug).await?))
}

/// Shows how an endpoint stands at each hub: what waits to be done there, and why.
#[utoipa::path(get, path = "/endpoints/{slug}/listings", tag = "endpoints", security(("bearer" = [])),
    params(("slug" = String, Path, description = "The endpoint's address")),
    responses(
        (status = 200, body = Vec<ListingState>),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such endpoint"),
))]
async fn listings(
    State(space): State<Space>,
    actor: Actor,
    Path(Address { slug, .. }): Path<Address>,
) -> Result<Json<Vec<ListingState>>, ApiError> {
    Ok(Json(space.listing_states(actor.tenant, &slug).await?))
}

/// A slug, and the hubs to ask about it.
#[derive(Debug, ToSchema)]
struct SlugQuestion {
    slug: String,
    /// The hubs to ask; none unless given.
    marketplace_ids: Option<Vec<MarketplaceId>>,
    /// All hubs instead.
    check_all_marketplaces: bool,
}

impl Input for SlugQuestion {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let slug = fields.text("slug", 1, 200);
        let marketplace_ids = match fields.raw("marketplace_ids") {
            None | Some(Value::Null) => None,
            Some(_) => Some(fields.list("marketplace_ids", 100)?),
        };
        let check_all_marketplaces = fields.or("check_all_marketplaces", false);
        Some(Self { slug: slug?, marketplace_ids, check_all_marketplaces: check_all_marketplaces? })
    }
}

/// Whether a slug can be had.
#[derive(Debug, Serialize, ToSchema)]
struct SlugAnswer {
    slug: String,
    /// Whether it follows the hubs' rules (contract hub 2.5), is not reserved there, and is free here.
    local_available: bool,
    /// Whether each hub would list it; null for a hub that could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    marketplaces: Option<Vec<SlugAtHub>>,
}

/// Whether a hub would list it.
#[derive(Debug, Serialize, ToSchema)]
struct SlugAtHub {
    marketplace_id: MarketplaceId,
    available: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Says whether a slug can be had, here and at hubs.
#[utoipa::path(post, path = "/endpoints/validate-slug", tag = "endpoints", security(("bearer" = [])),
    request_body = SlugQuestion,
    responses(
        (status = 200, body = SlugAnswer),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A field does not fit"),
))]
async fn validate_slug(
    State(space): State<Space>,
    actor: Actor,
    Json(question): Json<SlugQuestion>,
) -> Result<Json<SlugAnswer>, ApiError> {
    let text = question.slug.trim().to_lowercase();
    let Some(slug) = Slug::parse(&text).ok().filter(|slug| !slug.is_reserved()) else {
        return Ok(Json(SlugAnswer { slug: text, local_available: false, marketplaces: None }));
    };
    let local_available = space.endpoint_row(actor.tenant, slug.as_str()).await?.is_none();
    let ids = question.marketplace_ids.filter(|_| !question.check_all_marketplaces);
    let marketplaces = if question.check_all_marketplaces || ids.is_some() {
        let asked = space.slug_at_hubs(actor.tenant, &slug, ids.as_deref()).await;
        let answers = asked.into_iter().map(|(marketplace_id, free)| match free {
            Ok(free) => SlugAtHub { marketplace_id, available: Some(free), error: None },
            Err(error) => {
                SlugAtHub { marketplace_id, available: None, error: Some(error.to_string()) }
            }
        });
        Some(answers.collect())
    } else {
        None
    };
    Ok(Json(SlugAnswer { slug: text, local_available, marketplaces }))
}
