//! The routes of identity.

mod access_tokens;
mod admin;
mod aggregators;
mod auth;
mod codes;
mod elsewhere;
mod peers;
mod tokens;
mod users;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::hub::Hub;

/// Everything under `/api/v1/auth`, `/api/v1/users`, `/api/v1/token` and `/api/v1/verify`, and the published keys.
pub(crate) fn routes() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::me))
        .routes(routes!(auth::change_password))
        .routes(routes!(access_tokens::list, access_tokens::create))
        .routes(routes!(access_tokens::show, access_tokens::rename, access_tokens::revoke))
        .routes(routes!(codes::config))
        .routes(routes!(codes::verify))
        .routes(routes!(codes::resend))
        .routes(routes!(codes::request_reset))
        .routes(routes!(codes::confirm_reset))
        .routes(routes!(users::list))
        .routes(routes!(users::show, users::update, users::delete))
        .routes(routes!(users::activate))
        .routes(routes!(users::deactivate))
        .routes(routes!(users::public_profile))
        .routes(routes!(aggregators::list, aggregators::create))
        .routes(routes!(aggregators::show, aggregators::update, aggregators::delete))
        .routes(routes!(aggregators::set_default))
        .routes(routes!(admin::overview))
        .routes(routes!(admin::users))
        .routes(routes!(admin::export))
        .routes(routes!(users::me, users::update_me))
        .routes(routes!(users::check_username))
        .routes(routes!(users::check_email))
        .routes(routes!(tokens::jwks))
        .routes(routes!(tokens::mint))
        .routes(routes!(tokens::mint_for_guest))
        .routes(routes!(tokens::audiences))
        .routes(routes!(tokens::verify))
        .routes(routes!(elsewhere::nats_credentials))
        .routes(routes!(peers::peer_token))
        .routes(routes!(peers::guest_peer_token))
        .routes(routes!(elsewhere::tunnel_credentials))
}
