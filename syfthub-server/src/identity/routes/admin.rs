//! `/api/v1/admin`: what the people who run a hub look at.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::model::Role;
use syfthub_core::wire::admin::{Overview, UserPage};

use crate::http::{ApiError, Json, Page, Query};
use crate::hub::Hub;
use crate::identity::administration;
use crate::identity::caller::Administrator;
use crate::identity::origin::Origin;
use crate::identity::store::search::Filter;

/// The query of a list of users.
pub(super) struct UserQuery {
    pub(super) filter: Filter,
    pub(super) page: Page,
}

impl Input for UserQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let search = fields.optional_text("search", 200).filter(|text| !text.is_empty());
        let role = fields.optional("role");
        let is_active = fields.optional("is_active");
        Some(Self { filter: Filter { search, role, is_active }, page: page? })
    }
}

/// How much the hub holds.
#[utoipa::path(get, path = "/api/v1/admin/overview", tag = "administration", security(("bearer" = [])), responses(
    (status = 200, body = Overview),
    (status = 401, description = "Not signed in"),
    (status = 403, description = "Not an administrator"),
))]
pub(super) async fn overview(
    State(hub): State<Hub>,
    _: Administrator,
) -> Result<Json<Overview>, ApiError> {
    Ok(Json(administration::overview(&hub).await?))
}

/// A page of users, and how many there are on all pages.
#[utoipa::path(get, path = "/api/v1/admin/users", tag = "administration", security(("bearer" = [])),
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("search" = Option<String>, Query, description = "Part of the username, the address or the full name, in any case"),
        ("role" = Option<Role>, Query, description = "Only these"),
        ("is_active" = Option<bool>, Query, description = "Only accounts that are switched on, or off"),
    ),
    responses(
        (status = 200, body = UserPage),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn users(
    State(hub): State<Hub>,
    _: Administrator,
    Query(UserQuery { filter, page }): Query<UserQuery>,
) -> Result<Json<UserPage>, ApiError> {
    Ok(Json(administration::page(&hub, filter, page).await?))
}

/// All users that match, as a table in CSV.
#[utoipa::path(get, path = "/api/v1/admin/users/export", tag = "administration", security(("bearer" = [])),
    params(
        ("search" = Option<String>, Query, description = "Part of the username, the address or the full name, in any case"),
        ("role" = Option<Role>, Query, description = "Only these"),
        ("is_active" = Option<bool>, Query, description = "Only accounts that are switched on, or off"),
    ),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not an administrator"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn export(
    State(hub): State<Hub>,
    Administrator(caller): Administrator,
    origin: Origin,
    Query(UserQuery { filter, .. }): Query<UserQuery>,
) -> Result<Response, ApiError> {
    let table = administration::export(&hub, caller.id(), filter, origin).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (CONTENT_DISPOSITION, "attachment; filename=\"users.csv\""),
    ];
    Ok((headers, Body::from_stream(table)).into_response())
}
