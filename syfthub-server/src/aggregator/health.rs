//! Whether the aggregator lives, and whether it can do its work.

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Aggregator;
use crate::http::Json;

/// That it lives.
#[derive(Serialize, ToSchema)]
pub(super) struct AggregatorHealth {
    status: &'static str,
    service: &'static str,
}

/// Whether it can do its work.
#[derive(Serialize, ToSchema)]
pub(super) struct AggregatorReady {
    /// `ready` or `not_ready`.
    status: &'static str,
    checks: Checks,
}

/// What that depends on.
#[derive(Serialize, ToSchema)]
struct Checks {
    /// `ok`, or `full` while as many answers are made as may be.
    answers: &'static str,
    /// `ok`, or `away` when the hub does not answer; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    hub: Option<&'static str>,
}

/// Says that the aggregator answers; touches nothing else.
#[utoipa::path(get, path = "/health", tag = "aggregator", responses((status = 200, body = AggregatorHealth)))]
pub(super) async fn health() -> Json<AggregatorHealth> {
    Json(AggregatorHealth { status: "healthy", service: "syfthub-aggregator" })
}

/// Says whether the aggregator can do its work: it has room for an answer, and the hub is there if questions need it.
#[utoipa::path(get, path = "/ready", tag = "aggregator", responses(
    (status = 200, body = AggregatorReady),
    (status = 503, description = "It is full, or needs a hub that does not answer", body = AggregatorReady),
))]
pub(super) async fn ready(
    State(aggregator): State<Aggregator>,
) -> (StatusCode, Json<AggregatorReady>) {
    let alive = aggregator.hub.is_alive().await;
    let full = aggregator.admission.is_full();
    let ready = !full && (alive != Some(false) || !aggregator.needs_hub());
    let checks = Checks {
        answers: if full { "full" } else { "ok" },
        hub: alive.map(|alive| if alive { "ok" } else { "away" }),
    };
    let (code, status) = if ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    (code, Json(AggregatorReady { status, checks }))
}
