//! `/api/v1/organizations/{organization_id}/members` (contract hub 3.4).

use axum::extract::State;
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::model::OrgRole;
use syfthub_core::wire::organization::{Member, MemberPatch, NewMember, Switch};
use syfthub_core::{OrganizationId, UserId};

use super::{ById, ListQuery};
use crate::http::{ApiError, Json, Path, Query};
use crate::hub::Hub;
use crate::identity::{Caller, Origin, Signed};
use crate::organizations::members;

/// The organization and the user in the path.
pub(super) struct At {
    id: OrganizationId,
    user: UserId,
}

impl Input for At {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let (id, user) = (fields.required("organization_id"), fields.required("user_id"));
        Some(Self { id: id?, user: user? })
    }
}

/// The members, latest first.
#[utoipa::path(get, path = "/api/v1/organizations/{organization_id}/members", tag = "organizations", security(("bearer" = [])),
    params(
        ("organization_id" = i64, Path),
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("role" = Option<OrgRole>, Query, description = "Only those with this role"),
    ),
    responses(
        (status = 200, body = Vec<Member>),
        (status = 401, description = "Not signed in"),
        (status = 404, description = "There is no such organization, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn list(
    State(hub): State<Hub>,
    signed: Signed,
    Path(ById(id)): Path<ById>,
    Query(ListQuery { role, page }): Query<ListQuery>,
) -> Result<Json<Vec<Member>>, ApiError> {
    Ok(Json(members::list(&hub, signed, id, role, page).await?))
}

/// Take a user in, or back in.
#[utoipa::path(post, path = "/api/v1/organizations/{organization_id}/members", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path)),
    request_body = NewMember,
    responses(
        (status = 201, body = Member),
        (status = 400, description = "The user is a member already"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller's role does not allow it"),
        (status = 404, description = "There is no such user or organization, or the caller may not see it"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn add(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(ById(id)): Path<ById>,
    Json(new): Json<NewMember>,
) -> Result<(StatusCode, Json<Member>), ApiError> {
    Ok((StatusCode::CREATED, Json(members::add(&hub, caller, id, new, origin).await?)))
}

/// Give a member another role.
#[utoipa::path(put, path = "/api/v1/organizations/{organization_id}/members/{user_id}", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path), ("user_id" = i64, Path)),
    request_body = MemberPatch,
    responses(
        (status = 200, body = Member),
        (status = 400, description = "The organization would have no owner"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller's role does not allow it"),
        (status = 404, description = "There is no such member or organization, or the caller may not see it"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn change(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(At { id, user }): Path<At>,
    Json(patch): Json<MemberPatch>,
) -> Result<Json<Member>, ApiError> {
    Ok(Json(members::change(&hub, caller, id, user, patch.role, origin).await?))
}

/// Remove a member, or leave.
#[utoipa::path(delete, path = "/api/v1/organizations/{organization_id}/members/{user_id}", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path), ("user_id" = i64, Path)),
    responses(
        (status = 204),
        (status = 400, description = "The organization would have no owner"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller's role does not allow it"),
        (status = 404, description = "There is no such member or organization, or the caller may not see it"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn remove(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(At { id, user }): Path<At>,
) -> Result<StatusCode, ApiError> {
    members::remove(&hub, caller, id, user, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Switch a membership off or on again.
#[utoipa::path(patch, path = "/api/v1/organizations/{organization_id}/members/{user_id}/admin", tag = "organizations", security(("bearer" = [])),
    params(("organization_id" = i64, Path), ("user_id" = i64, Path)),
    request_body = Switch,
    responses(
        (status = 200, body = Member),
        (status = 400, description = "The organization would have no owner"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The caller is no site admin"),
        (status = 404, description = "There is no such membership"),
        (status = 422, description = "A field breaks its rule"),
))]
pub(super) async fn switch(
    State(hub): State<Hub>,
    caller: Caller,
    origin: Origin,
    Path(At { id, user }): Path<At>,
    Json(switch): Json<Switch>,
) -> Result<Json<Member>, ApiError> {
    Ok(Json(members::switch(&hub, caller, id, user, switch.is_active, origin).await?))
}
