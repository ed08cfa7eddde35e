//! The hub's API on one page: every capability's routes, in the order of the reference.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Parameter;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa_axum::router::OpenApiRouter;

use crate::hub::Hub;
use crate::{
    accounting, aggregator, errors, health, identity, invocation, ledger, operation, organizations,
    registry, tunnel,
};

/// Every route of the hub, ready to be served.
pub(crate) fn routes(hub: Hub) -> Router {
    let (router, _) = api().split_for_parts();
    if !hub.shared.is_shared() {
        return router.with_state(hub);
    }
    let told = middleware::from_fn_with_state(hub.clone(), answer_once_told);
    router.layer(told).with_state(hub)
}

/// Holds an answer back until the other instances know what the request has changed.
async fn answer_once_told(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let is_safe = request.method().is_safe();
    let response = next.run(request).await;
    if !is_safe {
        hub.shared.news().told().await;
    }
    response
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
    let mut description = api().into_openapi();
    for item in description.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        let parameters = operations.into_iter().flatten().flat_map(|each| &mut each.parameters);
        parameters.flatten().for_each(bounded);
    }
    description
}

/// Says of `skip` and `limit` what holds for them everywhere (contract hub 1.5).
fn bounded(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(schema))), .. }) =
        parameter
    else {
        return;
    };
    match name.as_str() {
        "skip" => schema.minimum = Some(0.into()),
        "limit" => (schema.minimum, schema.maximum) = (Some(1.into()), Some(100.into())),
        _ => {}
    }
}

fn api() -> OpenApiRouter<Hub> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(operation::routes())
        .merge(identity::routes())
        .merge(registry::routes())
        .merge(organizations::routes())
        .merge(invocation::routes())
        .merge(accounting::routes())
        .merge(ledger::routes())
        .merge(errors::routes())
        .merge(health::routes())
        .nest("/aggregator", aggregator::routes())
        .merge(tunnel::routes())
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "SyftHub", description = "A federated hub for AI endpoints."),
    modifiers(&Bearer)
)]
struct Description;

/// The schemes that routes for signed-in users, and for holders of accounts at the ledger, name.
pub(crate) struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build(),
        );
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("bearer", scheme);
        let basic = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).build());
        components.add_security_scheme("basic", basic);
    }
}
