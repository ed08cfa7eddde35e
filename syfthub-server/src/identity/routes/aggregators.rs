//! `/api/v1/users/me/aggregators` (contract hub 12).

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use syfthub_core::AggregatorId;
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::aggregator::{
    AggregatorDraft, AggregatorPatch, UserAggregator, UserAggregators,
};
use utoipa::ToSchema;

use crate::http::{ApiError, Json, Path, Query};
use crate::hub::Hub;
use crate::identity::aggregators;
use crate::identity::caller::Caller;
use crate::identity::origin::Origin;

/// In which form the list is wanted: published clients expect the bare array, others an object (contract hub 11, C4).
pub(super) struct Form {
    is_object: bool,
}

impl Input for Form {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let format: Option<String> = fields.optional("format");
        match format.as_deref() {
            None | Some("array") => Some(Self { is_object: false }),
            Some("object") => Some(Self { is_object: true }),
            Some(_) => fields.refuse("format", Invalid::not_one_of(&["array", "object"])),
        }
    }
}

/// The number in the path.
pub(super) struct ById(AggregatorId);

impl Input for ById {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(AggregatorId(Fields::of(value, place)?.required("aggregator_id")?)))
    }
}

/// The caller's aggregators: a bare array, or with `format=object` an object that also names the default.
#[utoipa::path(get, path = "/api/v1/users/me/aggregators", tag = "aggregators", security(("bearer" = [])),
    params(("format" = Option<String>, Query, description = "`array`, which is the default, or `object`")),
    responses(
        (status = 200, body = Listed),
        (status = 401, description = "Not signed in"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn list(
    State(hub): State<Hub>,
    caller: Caller,
    Query(form): Query<Form>,
) -> Result<Json<Listed>, ApiError> {
    let aggregators = aggregators::list(&hub, caller.id()).await?;
    if !form.is_object {
        return Ok(Json(Listed::Array(aggregators)));
    }
    let default = aggregators.iter().find(|one| one.is_default);
    let default_aggregator_id = default.map(|one| one.id);
    Ok(Json(Listed::Object(UserAggregators { aggregators, default_aggregator_id })))
}

/// Either form of the list.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Listed {
    /// Without `format`.
    Array(Vec<UserAggregator>),
    /// With `format=object`.
    Object(UserAggregators),
}

/// Keep an aggregator. The first one becomes the default.
#[utoipa::path(post, path = "/api/v1/users/me/aggregators", tag = "aggregators", security(("bearer" = [])),
    request_body = AggregatorDraft,
    responses(
        (status = 201, body = UserAggregator),
        (status = 400, description = "The user has as many as there can be"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn create(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Json(draft): Json<AggregatorDraft>,
) -> Result<(StatusCode, Json<UserAggregator>), ApiError> {
    let aggregator = aggregators::create(&hub, caller.id(), draft, origin).await?;
    Ok((StatusCode::CREATED, Json(aggregator)))
}

/// One of the caller's aggregators.
#[utoipa::path(get, path = "/api/v1/users/me/aggregators/{aggregator_id}", tag = "aggregators", security(("bearer" = [])),
    params(("aggregator_id" = i64, Path)),
    responses(
        (status = 200, body = UserAggregator),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "It is another user's"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn show(
    State(hub): State<Hub>,
    caller: Caller,
    Path(ById(id)): Path<ById>,
) -> Result<Json<UserAggregator>, ApiError> {
    Ok(Json(aggregators::find(&hub, caller.id(), id).await?))
}

/// Change one of the caller's aggregators. What is absent stays.
#[utoipa::path(put, path = "/api/v1/users/me/aggregators/{aggregator_id}", tag = "aggregators", security(("bearer" = [])),
    params(("aggregator_id" = i64, Path)),
    request_body = AggregatorPatch,
    responses(
        (status = 200, body = UserAggregator),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "It is another user's, or the access token lacks the scope"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn update(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(patch): Json<AggregatorPatch>,
) -> Result<Json<UserAggregator>, ApiError> {
    Ok(Json(aggregators::update(&hub, caller.id(), id, patch, origin).await?))
}

/// Remove one of the caller's aggregators. When it was the default, the oldest of the rest becomes it.
#[utoipa::path(delete, path = "/api/v1/users/me/aggregators/{aggregator_id}", tag = "aggregators", security(("bearer" = [])),
    params(("aggregator_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "It is another user's, or the access token lacks the scope"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn delete(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<StatusCode, ApiError> {
    aggregators::delete(&hub, caller.id(), id, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make one of the caller's aggregators the default.
#[utoipa::path(patch, path = "/api/v1/users/me/aggregators/{aggregator_id}/default", tag = "aggregators", security(("bearer" = [])),
    params(("aggregator_id" = i64, Path)),
    responses(
        (status = 200, body = UserAggregator),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "It is another user's, or the access token lacks the scope"),
        (status = 404, description = "There is none"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn set_default(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
) -> Result<Json<UserAggregator>, ApiError> {
    let patch = AggregatorPatch { is_default: Some(true), ..AggregatorPatch::default() };
    Ok(Json(aggregators::update(&hub, caller.id(), id, patch, origin).await?))
}
