//! Accounts and tenants (contract space 1.6, 6, 7.2).

use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use syfthub_core::Secret;
use syfthub_core::input::{Fields, Input, Place};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::parts::Named;
use crate::http::{ApiError, CorrelationId, Json, Path};
use crate::space::access::{
    Account, Actor, Known, NewAccount, NewTenant, Node, SignedIn, Tenant, TenantPatch,
};
use crate::space::error::SpaceError;
use crate::space::hub::bearer;
use crate::space::node::Space;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(change_password))
        .routes(routes!(tenants, add_tenant))
        .routes(routes!(tenant, edit_tenant))
}

/// Makes an account.
///
/// The first one needs the `setup_token` from the state directory; later ones need the admin key, or somebody who is
/// signed in to an account of the same tenant.
#[utoipa::path(post, path = "/auth/register", tag = "access", security((), ("bearer" = [])),
    request_body = NewAccount,
    responses(
        (status = 201, body = Account),
        (status = 401, description = "A token that does not count"),
        (status = 403, description = "Neither the admin key, nor a session, nor the setup token"),
        (status = 404, description = "No such tenant"),
        (status = 409, description = "The address has an account"),
        (status = 422, description = "A field does not fit"),
))]
async fn register(State(space): State<Space>, request: Request) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let actor = match bearer(&parts.headers) {
        Some(_) => Some(Known::from_request_parts(&mut parts, &space).await?.0),
        None => None,
    };
    let Ok(correlation_id) = CorrelationId::from_request_parts(&mut parts, &space).await;
    let request = Request::from_parts(parts, body);
    let Json(new) = Json::<NewAccount>::read_within(request, usize::MAX).await?;
    let account = space.register(actor, new, correlation_id).await?;
    Ok((StatusCode::CREATED, Json(account)).into_response())
}

/// What to sign in with.
#[derive(Debug, ToSchema)]
struct Credentials {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

impl Input for Credentials {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let email = fields.text("email", 1, 255);
        let password = fields.required("password");
        Some(Self { email: email?, password: password? })
    }
}

/// Signs in: a token for an hour, unless set otherwise.
#[utoipa::path(post, path = "/auth/login", tag = "access", request_body = Credentials,
    responses(
        (status = 200, body = SignedIn),
        (status = 401, description = "Wrong e-mail address or password"),
        (status = 422, description = "A field does not fit"),
        (status = 429, description = "Too many failed logins; `Retry-After` says how long to wait"),
        (status = 503, description = "Too many logins at once"),
))]
async fn login(
    State(space): State<Space>,
    Json(credentials): Json<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    space.sign_in(&credentials.email, &credentials.password).await.map(Json)
}

/// A password to be replaced.
#[derive(Debug, ToSchema)]
struct Replacement {
    #[schema(value_type = String, format = Password)]
    current_password: Secret,
    #[schema(value_type = String, format = Password)]
    new_password: Secret,
}

impl Input for Replacement {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let current_password = fields.required("current_password");
        let new_password = fields.required("new_password");
        Some(Self { current_password: current_password?, new_password: new_password? })
    }
}

/// Replaces one's own password. Every session ends; the answer begins a new one.
#[utoipa::path(put, path = "/auth/password", tag = "access", security(("bearer" = [])),
    request_body = Replacement,
    responses(
        (status = 200, body = SignedIn),
        (status = 400, description = "The admin key has no password"),
        (status = 401, description = "Not signed in, or the current password is wrong"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A field does not fit"),
        (status = 429, description = "Too many failed logins; `Retry-After` says how long to wait"),
        (status = 503, description = "Too many logins at once"),
))]
async fn change_password(
    State(space): State<Space>,
    actor: Actor,
    Json(Replacement { current_password, new_password }): Json<Replacement>,
) -> Result<Json<SignedIn>, ApiError> {
    space.change_password(&actor, &current_password, &new_password).await.map(Json)
}

/// Lists the tenants.
#[utoipa::path(get, path = "/tenants", tag = "access", security(("bearer" = [])), responses(
    (status = 200, body = Vec<Tenant>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant than root"),
))]
async fn tenants(State(space): State<Space>, _: Node) -> Json<Vec<Tenant>> {
    Json(space.list_tenants())
}

/// Makes a tenant.
#[utoipa::path(post, path = "/tenants", tag = "access", security(("bearer" = [])),
    request_body = NewTenant,
    responses(
        (status = 201, body = Tenant),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "Multi-tenancy is off, or an account of another tenant than root"),
        (status = 409, description = "The name or the domain is taken"),
        (status = 422, description = "A field does not fit"),
))]
async fn add_tenant(
    State(space): State<Space>,
    Node(actor): Node,
    Json(new): Json<NewTenant>,
) -> Result<Response, ApiError> {
    let made = space.add_tenant(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Shows a tenant.
#[utoipa::path(get, path = "/tenants/{name}", tag = "access", security(("bearer" = [])),
    params(("name" = String, Path, description = "The tenant's name")),
    responses(
        (status = 200, body = Tenant),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant than root"),
        (status = 404, description = "No such tenant"),
))]
async fn tenant(
    State(space): State<Space>,
    _: Node,
    Path(Named { name }): Path<Named>,
) -> Result<Json<Tenant>, ApiError> {
    let found = space.list_tenants().into_iter().find(|tenant| tenant.name == name);
    Ok(Json(found.ok_or(SpaceError::NotFound("tenant"))?))
}

/// Changes a tenant, or switches it off: nothing of it answers then.
#[utoipa::path(patch, path = "/tenants/{name}", tag = "access", security(("bearer" = [])),
    params(("name" = String, Path, description = "The tenant's name")),
    request_body = TenantPatch,
    responses(
        (status = 200, body = Tenant),
        (status = 400, description = "The root tenant cannot be switched off"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant than root"),
        (status = 404, description = "No such tenant"),
        (status = 409, description = "The domain is taken"),
        (status = 422, description = "A field does not fit"),
))]
async fn edit_tenant(
    State(space): State<Space>,
    Node(actor): Node,
    Path(Named { name }): Path<Named>,
    Json(patch): Json<TenantPatch>,
) -> Result<Json<Tenant>, ApiError> {
    Ok(Json(space.edit_tenant(&actor, &name, patch).await?))
}
