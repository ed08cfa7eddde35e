//! The caller's account, and what opens it.

use axum::extract::State;
use serde_json::Value;
use syfthub_core::OrganizationId;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::accounting::{AccountingCredentials, AccountingUser};

use crate::accounting::{desk, organizations, proxy};
use crate::http::{ApiError, CorrelationId, Json, Path};
use crate::hub::Hub;
use crate::identity::{Caller, FullCaller};

/// What the caller's programs sign in with at the hub's own ledger, or at their accounting service. A personal access token
/// needs the scope `full`.
#[utoipa::path(get, path = "/api/v1/users/me/accounting", tag = "accounting", security(("bearer" = [])), responses(
    (status = 200, body = AccountingCredentials),
    (status = 401, description = "Not signed in"),
    (status = 403, description = "The personal access token has not the scope `full`"),
))]
pub(super) async fn credentials(
    State(hub): State<Hub>,
    correlation_id: CorrelationId,
    FullCaller(caller): FullCaller,
) -> Result<Json<AccountingCredentials>, ApiError> {
    Ok(Json(desk::credentials(&hub, caller.user, &correlation_id).await?))
}

/// The number in the path.
pub(super) struct OfOrganization(OrganizationId);

impl Input for OfOrganization {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("organization_id")?))
    }
}

/// What the organization's programs sign in with at the hub's own ledger, for its owners and admins. A personal access
/// token needs the scope `full`.
#[utoipa::path(get, path = "/api/v1/organizations/{organization_id}/accounting", tag = "accounting",
    security(("bearer" = [])),
    params(("organization_id" = i64, Path, description = "The organization's number")),
    responses(
        (status = 200, body = AccountingCredentials),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Neither owner nor admin, or the personal access token has not the scope `full`"),
        (status = 404, description = "There is no such organization, or the hub keeps no ledger"),
        (status = 422, description = "The number is none"),
))]
pub(super) async fn of_organization(
    State(hub): State<Hub>,
    correlation_id: CorrelationId,
    FullCaller(caller): FullCaller,
    Path(OfOrganization(id)): Path<OfOrganization>,
) -> Result<Json<AccountingCredentials>, ApiError> {
    Ok(Json(organizations::credentials(&hub, caller, id, &correlation_id).await?))
}

/// The caller's account.
#[utoipa::path(get, path = "/api/v1/accounting/user", tag = "accounting", security(("bearer" = [])), responses(
    (status = 200, body = AccountingUser),
    (status = 400, description = "Accounting is not configured, or its address must not be called"),
    (status = 401, description = "Not signed in"),
    (status = 409, description = "The address has an account that is not known to be the caller's"),
    (status = 424, description = "The service does not accept the stored credentials (`INVALID_ACCOUNTING_PASSWORD`)"),
    (status = 502, description = "The service answered with something unexpected"),
    (status = 503, description = "The service cannot be reached (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
    (status = "4XX", description = "The service's own refusal"),
))]
pub(super) async fn account(
    State(hub): State<Hub>,
    caller: Caller,
    correlation_id: CorrelationId,
) -> Result<Json<AccountingUser>, ApiError> {
    Ok(Json(proxy::account(&hub, &caller.user, &correlation_id).await?))
}
