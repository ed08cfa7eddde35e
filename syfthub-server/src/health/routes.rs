//! Heartbeats, reports and uptime.

use axum::extract::State;
use serde_json::Value;
use syfthub_core::OrganizationId;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::health::{
    HealthReceipt, HealthReport, Heartbeat, HeartbeatReceipt, Uptime,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{heartbeats, reports, uptime};
use crate::http::{ApiError, Json, Path, Query};
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Presented};
use crate::registry::At;

/// The routes of health.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(own_heartbeat))
        .routes(routes!(heartbeat_of_organization))
        .routes(routes!(report))
        .routes(routes!(availability))
}

/// Say that one's space is alive. Its address becomes one's domain.
#[utoipa::path(post, path = "/api/v1/users/me/heartbeat", tag = "health", security(("bearer" = [])),
    request_body = Heartbeat,
    responses(
        (status = 200, body = HeartbeatReceipt),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The personal access token may only read"),
        (status = 422, description = "A field breaks its rule"),
))]
async fn own_heartbeat(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Json(heartbeat): Json<Heartbeat>,
) -> Result<Json<HeartbeatReceipt>, ApiError> {
    Ok(Json(heartbeats::receive(&hub, caller, None, heartbeat, origin).await?))
}

/// The organization in the path.
struct OfOrganization(OrganizationId);

impl Input for OfOrganization {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("organization_id")?))
    }
}

/// Say that the organization's space is alive. Its address becomes the organization's domain.
#[utoipa::path(post, path = "/api/v1/organizations/{organization_id}/heartbeat", tag = "health",
    security(("bearer" = [])),
    params(("organization_id" = i64, Path)),
    request_body = Heartbeat,
    responses(
        (status = 200, body = HeartbeatReceipt),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller is no owner or admin of it"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A field breaks its rule"),
))]
async fn heartbeat_of_organization(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(OfOrganization(id)): Path<OfOrganization>,
    Json(heartbeat): Json<Heartbeat>,
) -> Result<Json<HeartbeatReceipt>, ApiError> {
    Ok(Json(heartbeats::receive(&hub, caller, Some(id), heartbeat, origin).await?))
}

/// Say how one's endpoints are, and those of one's organizations.
#[utoipa::path(post, path = "/api/v1/endpoints/health", tag = "health", security(("bearer" = [])),
    request_body = HealthReport,
    responses(
        (status = 200, body = HealthReceipt),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The personal access token may only read"),
        (status = 422, description = "A field breaks its rule"),
))]
async fn report(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Json(report): Json<HealthReport>,
) -> Result<Json<HealthReceipt>, ApiError> {
    Ok(Json(reports::receive(&hub, caller, report, origin).await?))
}

/// The query of an uptime series.
struct Window(i64);

impl Input for Window {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.number("window_hours", 1, 2160, 24)?))
    }
}

/// For how much of the time an endpoint answered.
#[utoipa::path(get, path = "/api/v1/endpoints/{owner}/{slug}/uptime", tag = "health",
    security((), ("bearer" = [])),
    params(
        ("owner" = String, Path, description = "A username or an organization's slug, in any case"),
        ("slug" = String, Path, description = "A slug in any case"),
        ("window_hours" = Option<i64>, Query, description = "How far back, 1 to 2160; 24 unless given"),
    ),
    responses(
        (status = 200, body = Uptime),
        (status = 401, description = "The token does not count, and a better one might help"),
        (status = 404, description = "There is none, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
async fn availability(
    State(hub): State<Hub>,
    presented: Presented,
    Path(At { owner, slug }): Path<At>,
    Query(Window(hours)): Query<Window>,
) -> Result<Json<Uptime>, ApiError> {
    Ok(Json(uptime::series(&hub, presented, &owner, &slug, hours).await?))
}
