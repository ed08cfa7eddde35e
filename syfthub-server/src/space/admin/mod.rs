//! What the owner reaches, on a listener of its own that only this machine can connect to (contract space 1).
//!
//! Every route asks for the admin key, which stands in the state directory.

mod actions;
mod endpoints;
mod ingestion;
mod marketplaces;
mod parts;
mod settings;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use serde_json::{Value, json};

use super::health::routes as health;
use super::hub::bearer;
use super::node::Space;
use super::query;
use crate::http::{ApiError, Json};

/// Every route of the admin listener, in the order of the reference.
pub(crate) fn routes(space: Space) -> Router {
    let router = Router::new();
    let router = both(router, "datasets/types", get(parts::dataset_types));
    let router = both(router, "datasets/types/{name}", get(parts::dataset_type));
    let router = both(router, "datasets/types/{name}/schema", get(parts::dataset_schema));
    let router = both(router, "datasets", get(parts::datasets).post(parts::add_dataset));
    let router = both(router, "datasets/{name}", get(parts::dataset).delete(parts::remove_dataset));
    let router = both(router, "datasets/{name}/health", get(health::dataset));
    let router = both(router, "models/types", get(parts::model_types));
    let router = both(router, "models/types/{name}", get(parts::model_type));
    let router = both(router, "models/types/{name}/schema", get(parts::model_schema));
    let router = both(router, "models/types/{name}/actions/{action}", post(actions::act));
    let router = both(router, "models", get(parts::models).post(parts::add_model));
    let router = both(router, "models/{name}", get(parts::model).delete(parts::remove_model));
    let router = both(router, "models/{name}/health", get(health::model));
    let router = both(router, "endpoints", get(endpoints::list).post(endpoints::add));
    let router = both(router, "endpoints/{slug}", get(endpoints::show).delete(endpoints::remove));
    let router = both(router, "endpoints/{slug}/query", post(query::preview));
    let router = both(router, "endpoints/{slug}/publish", post(endpoints::publish));
    let router =
        both(router, "endpoints/{slug}/unpublish", axum::routing::delete(endpoints::unpublish));
    let router = both(router, "ingestion/datasets/{id}/status", get(ingestion::status));
    let router = both(router, "ingestion/datasets/{id}/jobs", get(ingestion::jobs));
    let router = both(router, "ingestion/datasets/{id}/start", post(ingestion::start));
    let router = both(router, "ingestion/datasets/{id}/stop", post(ingestion::stop));
    let router = both(router, "ingestion/datasets/{id}/retry", post(ingestion::retry));
    let router = both(router, "ingestion/datasets/{id}/jobs/{job}/cancel", post(ingestion::cancel));
    let router = both(router, "marketplaces", get(marketplaces::list));
    let router = both(router, "marketplaces/connect", post(marketplaces::connect));
    let router = both(router, "marketplaces/{id}", get(marketplaces::show));
    let router = both(router, "settings/public-url", get(settings::show).patch(settings::set));
    router.layer(middleware::from_fn_with_state(space.clone(), authorised)).with_state(space)
}

/// Serves a route with and without a slash at its end (contract space 1.0).
fn both(router: Router<Space>, path: &str, method: MethodRouter<Space>) -> Router<Space> {
    router
        .route(&format!("/api/v1/{path}"), method.clone())
        .route(&format!("/api/v1/{path}/"), method)
}

async fn authorised(
    State(space): State<Space>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match bearer(request.headers()) {
        Some(key) if space.admin_key.matches(key) => Ok(next.run(request).await),
        _ => {
            Err(ApiError::unauthorized("The admin key is required: `Authorization: Bearer <key>`"))
        }
    }
}

/// The answer of a removal.
fn removed(what: &str) -> Json<Value> {
    Json(json!({"message": format!("{what} deleted")}))
}
