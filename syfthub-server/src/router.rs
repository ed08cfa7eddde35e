//! The hub's API on one page: every capability's routes, in the order of the reference.

use axum::Router;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::hub::Hub;
use crate::{aggregator, identity, operation, registry};

/// Every route of the hub, ready to be served.
pub(crate) fn routes(hub: Hub) -> Router {
    let (router, _) = api().split_for_parts();
    router.with_state(hub)
}

/// The OpenAPI description of those routes, as JSON.
///
/// # Panics
/// When a schema cannot be written as JSON, which is a mistake in its declaration.
pub fn openapi() -> String {
    description().to_pretty_json().expect("the description is plain data")
}

/// The OpenAPI description of the hub.
pub(crate) fn description() -> OpenApi {
    api().into_openapi()
}

fn api() -> OpenApiRouter<Hub> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(operation::routes())
        .merge(identity::routes())
        .merge(registry::routes())
        .merge(aggregator::routes())
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "SyftHub", description = "A federated hub for AI endpoints."),
    modifiers(&Bearer)
)]
struct Description;

/// The scheme that routes for signed-in users name.
struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build(),
        );
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("bearer", scheme);
    }
}
