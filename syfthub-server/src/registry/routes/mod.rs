//! The routes of the registry.

mod content;
mod endpoints;

pub(crate) use content::At;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::hub::Hub;

/// Everything under `/api/v1/endpoints`, and the addresses `/{owner}` and `/{owner}/{slug}`.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(endpoints::create, endpoints::list))
        .routes(routes!(endpoints::public))
        .routes(routes!(endpoints::show, endpoints::update, endpoints::delete))
        .routes(routes!(endpoints::update_own, endpoints::delete_own))
        .routes(routes!(endpoints::exists))
        .routes(routes!(content::owner))
        .routes(routes!(content::endpoint))
}
