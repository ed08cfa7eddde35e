//! An aggregator by itself: the same answers without a hub in the process, and without any state.
//!
//! Its routes are at the paths that clients append to an aggregator's address, and below `/aggregator` as a hub has them,
//! so that a client may be given either.

use std::sync::{Arc, LazyLock};

use ::http::{HeaderName, HeaderValue, header};
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::hub_side::HubSide;
use super::remote_hub::RemoteHub;
use super::{Aggregator, routes};
use crate::clock::SystemClock;
use crate::config::AggregatorConfig;
use crate::operation::{self, docs};
use crate::outbound::Outbound;
use crate::running::{Running, StartError, own_url};
use crate::telemetry::Traces;
use crate::{http, telemetry};

/// Binds the address that the configuration gives, for [`start`].
///
/// # Errors
/// When the port is taken or the address is not this machine's.
pub async fn bind(config: &AggregatorConfig) -> Result<TcpListener, StartError> {
    http::bind("AGGREGATOR_PORT", config.listen()).await
}

/// Serves the aggregator on `listener` until `shutdown`. It answers requests when this returns.
///
/// # Errors
/// When a setting cannot be used.
pub async fn start(
    config: AggregatorConfig,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    let address = listener
        .local_addr()
        .map_err(|error| StartError::setting("AGGREGATOR_PORT", error.to_string()))?;
    telemetry::record_metrics();
    let clock = Arc::new(SystemClock);
    let traces = Traces::start(&config.telemetry, "syfthub-aggregator", clock)?;
    let inner = served(&config, traces.clone())?;
    let settings = config.http;
    let routes = http::edge(inner, "aggregator", &settings, None);
    let task = tokio::spawn(async move {
        http::serve(listener, routes, settings, shutdown).await;
        traces.close().await;
    });
    Ok(Running::new(address, own_url(address), task))
}

/// Everything an aggregator of this configuration answers.
fn served(config: &AggregatorConfig, traces: Traces) -> Result<Router, StartError> {
    let outbound = Outbound::new(config.outbound.outbound_allow.clone())?;
    let mut aggregator = Aggregator::new(&config.aggregator, outbound).with_traces(traces);
    if let Some(url) = &config.hub.url {
        aggregator.hub = HubSide::Elsewhere(RemoteHub::new(url.clone(), &config.hub)?);
    } else if aggregator.needs_hub() {
        let reason =
            "is required with AGGREGATOR_ANONYMOUS=false or AGGREGATOR_STRICT_OWNER_URL=true";
        return Err(StartError::setting("AGGREGATOR_SYFTHUB_URL", reason));
    }
    let (own, _) = api().split_for_parts();
    let (as_in_a_hub, _) = routes::routes::<Aggregator>().split_for_parts();
    Ok(own.nest("/aggregator", as_in_a_hub).with_state(aggregator))
}

/// The OpenAPI description of an aggregator by itself.
pub(crate) fn description() -> OpenApi {
    api().into_openapi()
}

fn api() -> OpenApiRouter<Aggregator> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(routes::routes())
        .routes(routes!(operation::metrics))
        .routes(routes!(openapi))
        .routes(routes!(docs::docs))
        .routes(routes!(docs::docs_file))
}

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "SyftHub aggregator",
    description = "Questions to many spaces at once. Every path of the group `aggregator` is below `/aggregator` as well."
))]
struct Description;

/// Describes every route, for programs.
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = String)))]
async fn openapi() -> ([(HeaderName, HeaderValue); 1], &'static str) {
    static DOCUMENT: LazyLock<String> =
        LazyLock::new(|| description().to_pretty_json().expect("the description is plain data"));
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], &DOCUMENT)
}
