//! Endpoints: making, listing, removing, publishing (contract space 1.3).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};

use super::removed;
use crate::http::{ApiError, Json, Path};
use crate::space::catalog::{Endpoint, NewEndpoint};
use crate::space::error::SpaceError;
use crate::space::hub::Listing;
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;
use crate::space::query::Address;

pub(super) async fn list(State(space): State<Space>) -> Result<Json<Vec<Endpoint>>, ApiError> {
    Ok(Json(space.endpoints().await?))
}

pub(super) async fn add(
    State(space): State<Space>,
    Json(new): Json<NewEndpoint>,
) -> Result<Response, ApiError> {
    Ok((StatusCode::CREATED, Json(space.new_endpoint(new).await?)).into_response())
}

pub(super) async fn show(
    State(space): State<Space>,
    Path(Address { slug }): Path<Address>,
) -> Result<Json<Endpoint>, ApiError> {
    Ok(Json(space.find_endpoint(&slug).await?.ok_or(SpaceError::NotFound("endpoint"))?))
}

pub(super) async fn remove(
    State(space): State<Space>,
    Path(Address { slug }): Path<Address>,
) -> Result<Json<Value>, ApiError> {
    space.remove_endpoint(&slug).await?;
    Ok(removed("Endpoint"))
}

/// Where to list an endpoint.
#[derive(Debug)]
pub(super) struct Targets {
    marketplace_ids: Vec<MarketplaceId>,
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
#[derive(Debug, Serialize)]
pub(super) struct Published {
    endpoint_slug: String,
    results: Vec<Listing>,
}

pub(super) async fn publish(
    State(space): State<Space>,
    Path(Address { slug }): Path<Address>,
    Json(targets): Json<Targets>,
) -> Result<Json<Published>, ApiError> {
    let results = if targets.publish_to_all_marketplaces {
        space.publish(&slug).await?
    } else if targets.marketplace_ids.is_empty() {
        return Err(ApiError::bad_request(
            "Name marketplace_ids, or set publish_to_all_marketplaces",
        ));
    } else {
        space.publish_at(&slug, &targets.marketplace_ids).await?
    };
    Ok(Json(Published { endpoint_slug: slug, results }))
}

pub(super) async fn unpublish(
    State(space): State<Space>,
    Path(Address { slug }): Path<Address>,
) -> Result<Json<Vec<Listing>>, ApiError> {
    Ok(Json(space.unpublish(&slug).await?))
}
