//! The ledger over HTTP, in the two dialects that its clients speak (contract accounting 4.1 to 4.3), at the root of the
//! hub's origin: one of them builds its addresses of the origin alone.
//!
//! Reading order: `caller` (who asks), `bodies` (what they send and are told), `real` (dialect A: wrapped, upper case),
//! `plain` (dialect B: bare, lower case), `both` (what the dialects share), `administration`, and `shape` (every refusal).

mod administration;
mod bodies;
mod both;
mod caller;
mod plain;
mod real;
mod shape;
#[cfg(test)]
mod tests;

pub(crate) use caller::Key;

use axum::extract::FromRef;
use axum::middleware::from_fn;
use axum::routing::any;
use http::StatusCode;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::Ledger;
use crate::http::ApiError;

/// The routes of this folder.
pub(crate) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Ledger: FromRef<S>,
{
    let documented = [
        routes!(real::create_account),
        routes!(real::account),
        routes!(real::change_password),
        routes!(real::change_organization),
        routes!(real::create),
        routes!(real::confirm),
        routes!(real::cancel),
        routes!(administration::deposit),
        routes!(administration::accounts),
        routes!(administration::account),
        routes!(both::token),
        routes!(both::transactions, plain::create),
        routes!(plain::account),
        routes!(plain::change_password),
        routes!(plain::change_organization),
        routes!(plain::transaction),
        routes!(plain::confirm),
        routes!(plain::cancel),
    ];
    let router = documented
        .into_iter()
        .fold(OpenApiRouter::new(), |router, methods| router.routes(and_nothing_else(methods)));
    // Nothing below these names is somebody's page.
    [
        "/transaction",
        "/transaction/{other}",
        "/transaction/{other}/{*rest}",
        "/transactions/{id}/{other}",
        "/transactions/{id}/{other}/{*rest}",
        "/token",
        "/token/{other}",
        "/token/{other}/{*rest}",
        "/users/{other}",
        "/users/{other}/{*rest}",
        "/user/{email}/{*rest}",
    ]
    .into_iter()
    .fold(router, |router, path| router.route(path, any(nothing_here)))
    .layer(from_fn(shape::as_the_ledger_says_it))
}

/// The other methods of a path are refused as everything else is.
fn and_nothing_else<S>(methods: UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let (schemas, paths, router) = methods;
    (schemas, paths, router.fallback(no_such_method))
}

async fn no_such_method() -> ApiError {
    ApiError::plain(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

async fn nothing_here() -> ApiError {
    ApiError::not_found("Not Found")
}
