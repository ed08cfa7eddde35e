//! What the owner reaches, on a listener of its own that only this machine can connect to (contract space 1).
//!
//! Every route that is not for anybody asks for an [`Actor`](super::access::Actor): whoever knows the admin key, or is
//! signed in to an account.

mod access;
mod actions;
mod audit;
mod browse;
mod docs;
mod endpoints;
mod ingestion;
mod ingestion_events;
mod marketplaces;
mod parts;
mod policies;
mod provisioners;
mod settings;

use axum::Router;
use serde::Serialize;
use utoipa::openapi::OpenApi;
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::health::routes as health;
use super::node::Space;
use crate::http::Json;
use crate::router::Bearer;

/// Every route of the admin listener.
pub(crate) fn routes(space: Space) -> Router {
    let (router, _) = api().split_for_parts();
    router.with_state(space)
}

/// The OpenAPI description of those routes.
pub(crate) fn description() -> OpenApi {
    api().into_openapi()
}

fn api() -> OpenApiRouter<Space> {
    let below = OpenApiRouter::new()
        .merge(access::routes())
        .merge(actions::routes())
        .merge(provisioners::routes())
        .merge(parts::routes())
        .merge(health::routes())
        .merge(browse::routes())
        .merge(endpoints::routes())
        .merge(policies::routes())
        .merge(ingestion::routes())
        .merge(ingestion_events::routes())
        .merge(marketplaces::routes())
        .merge(settings::routes())
        .merge(audit::routes());
    OpenApiRouter::with_openapi(Description::openapi()).merge(docs::routes()).nest("/api/v1", below)
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "SyftHub space", description = "The administration of one space."),
    modifiers(&Bearer)
)]
struct Description;

/// Says in one sentence what was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    message: String,
}

/// The answer of a removal.
fn removed(what: &str) -> Json<Message> {
    Json(Message { message: format!("{what} deleted") })
}
