//! The trace of what was changed, newest first.

use axum::extract::State;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::db::StoreError;
use crate::http::{ApiError, Json, Query};
use crate::space::access::Actor;
use crate::space::node::Space;
use crate::space::store::audit::{self, Event};

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which events to list.
#[derive(Debug)]
struct Window {
    before: i64,
    limit: i64,
}

impl Input for Window {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let before = fields.number("before", 1, i64::MAX, i64::MAX);
        let limit = fields.number("limit", 1, 1000, 100);
        Some(Self { before: before?, limit: limit? })
    }
}

/// Lists what was changed, and by whom.
#[utoipa::path(get, path = "/audit", tag = "audit", security(("bearer" = [])),
    params(
        ("before" = Option<i64>, Query, description = "Only events with a smaller number: the last one of the page before"),
        ("limit" = Option<i64>, Query, description = "1 to 1000, 100 unless given"),
    ),
    responses(
        (status = 200, body = Vec<Event>),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn list(
    State(space): State<Space>,
    actor: Actor,
    Query(window): Query<Window>,
) -> Result<Json<Vec<Event>>, ApiError> {
    let (tenant, Window { before, limit }) = (actor.tenant, window);
    let events = space
        .db
        .read(move |tx| Box::pin(async move { audit::list(tx, tenant, before, limit).await }));
    Ok(Json(events.await.map_err(|error: StoreError| error)?))
}
