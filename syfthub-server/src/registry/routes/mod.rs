//! The routes of the registry.

mod content;
mod endpoints;
mod public;
mod stars;

pub(crate) use content::At;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::hub::Hub;

/// Everything under `/api/v1/endpoints`, and the addresses `/{owner}` and `/{owner}/{slug}`.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(endpoints::create, endpoints::list))
        .routes(routes!(endpoints::sync))
        .routes(routes!(public::list))
        .routes(routes!(public::trending))
        .routes(routes!(public::guest_accessible))
        .routes(routes!(public::search))
        .routes(routes!(public::owners))
        .routes(routes!(public::grouped))
        .routes(routes!(public::by_owner))
        .routes(routes!(public::show))
        .routes(routes!(endpoints::show, endpoints::update, endpoints::delete))
        .routes(routes!(endpoints::update_own, endpoints::delete_own))
        .routes(routes!(endpoints::exists))
        .routes(routes!(endpoints::moderate))
        .routes(routes!(stars::star, stars::unstar, stars::star_by_patch))
        .routes(routes!(stars::unstar_by_patch))
        .routes(routes!(stars::is_starred))
        .routes(routes!(stars::star_at, stars::unstar_at))
        .routes(routes!(stars::is_starred_at))
        .routes(routes!(content::owner))
        .routes(routes!(content::endpoint))
}
