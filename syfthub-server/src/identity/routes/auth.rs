//! `/api/v1/auth` (contract hub 3.1).

use axum::extract::State;
use http::StatusCode;
use serde_json::Value;
use syfthub_core::wire::auth::{
    Login, PasswordChange, RefreshRequest, Registered, Registration, SignedIn, Tokens,
};
use syfthub_core::wire::user::User;

use crate::http::{ApiError, ClientAddress, Form, Json};
use crate::hub::Hub;
use crate::identity::accounts;
use crate::identity::caller::Caller;
use crate::identity::origin::Origin;
use crate::identity::{FullCaller, Reading, registration};
use crate::shared::Rule;

/// Create an account and sign in.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", request_body = Registration, responses(
    (status = 201, body = Registered),
    (status = 401, description = "The account at the accounting service has another password (`INVALID_ACCOUNTING_PASSWORD`)"),
    (status = 409, description = "The username or the e-mail address is taken; `detail.field` says which"),
    (status = 422, description = "A field breaks its rule"),
    (status = 424, description = "The accounting service has an account of this address (`ACCOUNTING_ACCOUNT_EXISTS`)"),
    (status = 503, description = "The accounting service is away (`ACCOUNTING_SERVICE_UNAVAILABLE`)"),
    (status = 429, description = "Too many registrations from this address"),
    (status = 503, description = "Too many passwords are being checked; `Retry-After` says when to come back"),
))]
pub(super) async fn register(
    State(hub): State<Hub>,
    client: ClientAddress,
    origin: Origin,
    Json(body): Json<Value>,
) -> Result<(StatusCode, Json<Registered>), ApiError> {
    let shortest = hub.identity.shortest_password;
    let read = accounts::read_with_password(&body, "password", shortest);
    let (registration, password): (Registration, _) = read.map_err(ApiError::Invalid)?;
    hub.limits.check(Rule::Registration, client.network()).await?;
    let registered = registration::register(&hub, registration, &password, origin).await?;
    Ok((StatusCode::CREATED, Json(registered)))
}

/// Sign in with a username or an e-mail address.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth",
    request_body(content = Login, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = SignedIn),
        (status = 401, description = "No such user and password, or the account is deactivated"),
        (status = 403, description = "The address must be verified first (`EMAIL_NOT_VERIFIED`)"),
        (status = 422, description = "A field is missing"),
        (status = 429, description = "Too many failed logins; successful ones do not count"),
        (status = 503, description = "Too many passwords are being checked; `Retry-After` says when to come back"),
))]
pub(super) async fn login(
    State(hub): State<Hub>,
    client: ClientAddress,
    origin: Origin,
    Form(login): Form<Login>,
) -> Result<Json<SignedIn>, ApiError> {
    Ok(Json(accounts::sign_in(&hub, login, client, origin).await?))
}

/// Exchange a refresh token for the next pair of tokens.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", request_body = RefreshRequest, responses(
    (status = 200, body = Tokens),
    (status = 401, description = "The token does not count, or the session is over"),
    (status = 422, description = "The token is missing"),
    (status = 429, description = "Too many refreshed sessions from this address"),
))]
pub(super) async fn refresh(
    State(hub): State<Hub>,
    client: ClientAddress,
    origin: Origin,
    Json(request): Json<RefreshRequest>,
) -> Result<Json<Tokens>, ApiError> {
    hub.limits.check(Rule::Refresh, client.network()).await?;
    Ok(Json(accounts::refresh(&hub, &request.refresh_token, origin).await?))
}

/// End this session: its access and refresh tokens stop counting at once. A personal access token goes on.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", security(("bearer" = [])), responses(
    (status = 204),
    (status = 401, description = "Not signed in"),
))]
pub(super) async fn logout(
    State(hub): State<Hub>,
    Reading(caller): Reading<Caller>,
    origin: Origin,
) -> Result<StatusCode, ApiError> {
    accounts::sign_out(&hub, caller, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The signed-in user.
#[utoipa::path(get, path = "/api/v1/auth/me", tag = "auth", security(("bearer" = [])), responses(
    (status = 200, body = User),
    (status = 401, description = "Not signed in"),
))]
pub(super) async fn me(caller: Caller) -> Json<User> {
    Json(caller.user)
}

/// Change the password. This session goes on, all others end.
#[utoipa::path(put, path = "/api/v1/auth/me/password", tag = "auth", security(("bearer" = [])),
    request_body = PasswordChange,
    responses(
        (status = 204),
        (status = 400, description = "The current password is another one"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "The access token lacks the scope"),
        (status = 422, description = "The new password breaks a rule"),
        (status = 429, description = "Too many wrong current passwords"),
        (status = 503, description = "Too many passwords are being checked; `Retry-After` says when to come back"),
))]
pub(super) async fn change_password(
    State(hub): State<Hub>,
    FullCaller(caller): FullCaller,
    client: ClientAddress,
    origin: Origin,
    Json(body): Json<Value>,
) -> Result<StatusCode, ApiError> {
    let shortest = hub.identity.shortest_password;
    let read = accounts::read_with_password(&body, "new_password", shortest);
    let (change, new): (PasswordChange, _) = read.map_err(ApiError::Invalid)?;
    let change = (&change.current_password, &new);
    accounts::change_password(&hub, caller, change, client, origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
