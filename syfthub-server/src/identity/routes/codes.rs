//! Codes that are mailed, under `/api/v1/auth` (contract hub 9.4 and 12).

use axum::extract::State;
use serde_json::Value;
use syfthub_core::Email;
use syfthub_core::wire::auth::SignedIn;
use syfthub_core::wire::verification::{
    Acknowledgement, AuthConfig, CodeRequest, CodeVerification, PasswordReset,
};

use crate::http::{ApiError, ClientAddress, Json};
use crate::hub::Hub;
use crate::identity::codes::Purpose;
use crate::identity::origin::Origin;
use crate::identity::refusal::Refusal;
use crate::identity::{accounts, recovery};
use crate::shared::{Rule, TooMany};

/// What a client may offer its user.
#[utoipa::path(get, path = "/api/v1/auth/config", tag = "auth", responses((status = 200, body = AuthConfig)))]
pub(super) async fn config(State(hub): State<Hub>) -> Json<AuthConfig> {
    Json(AuthConfig {
        require_email_verification: recovery::is_verification_required(&hub),
        smtp_configured: hub.mail.is_set(),
        password_reset_enabled: hub.mail.is_set(),
    })
}

/// Verify an e-mail address with the code that was mailed to it, and sign in.
#[utoipa::path(post, path = "/api/v1/auth/register/verify-otp", tag = "auth", request_body = CodeVerification, responses(
    (status = 200, body = SignedIn),
    (status = 400, description = "Not the code, or no longer (`INVALID_OTP`)"),
    (status = 422, description = "A field breaks its rule"),
    (status = 429, description = "The code was tried too often (`OTP_MAX_ATTEMPTS`), or too many wrong ones came from this address"),
))]
pub(super) async fn verify(
    State(hub): State<Hub>,
    client: ClientAddress,
    origin: Origin,
    Json(request): Json<CodeVerification>,
) -> Result<Json<SignedIn>, ApiError> {
    hub.limits.peek(Rule::LoginAddress, client.network()).await?;
    let verified = recovery::verify(&hub, request.email, request.code, origin).await;
    note_failure(&hub, client, &verified).await;
    Ok(Json(verified?))
}

/// Mail another code to an address that is not verified yet. The answer is the same for every address.
#[utoipa::path(post, path = "/api/v1/auth/register/resend-otp", tag = "auth", request_body = CodeRequest, responses(
    (status = 200, body = Acknowledgement),
    (status = 422, description = "A field breaks its rule"),
    (status = 429, description = "Too many codes were asked for (`OTP_RATE_LIMITED`)"),
))]
pub(super) async fn resend(
    State(hub): State<Hub>,
    client: ClientAddress,
    origin: Origin,
    Json(request): Json<CodeRequest>,
) -> Result<Json<Acknowledgement>, ApiError> {
    let CodeRequest { email } = request;
    may_send(&hub, client, &email).await.map_err(too_many_codes)?;
    recovery::send_code(&hub, Purpose::Verification, email, origin).await?;
    Ok(acknowledged("If this address waits to be verified, a code is on its way"))
}

/// Mail a code that allows to set a new password. The answer is the same for every address.
#[utoipa::path(post, path = "/api/v1/auth/password-reset/request", tag = "auth", request_body = CodeRequest, responses(
    (status = 200, body = Acknowledgement),
    (status = 422, description = "A field breaks its rule"),
    (status = 429, description = "Too many codes were asked for (`OTP_RATE_LIMITED`)"),
))]
pub(super) async fn request_reset(
    State(hub): State<Hub>,
    client: ClientAddress,
    origin: Origin,
    Json(request): Json<CodeRequest>,
) -> Result<Json<Acknowledgement>, ApiError> {
    let CodeRequest { email } = request;
    may_send(&hub, client, &email).await.map_err(too_many_codes)?;
    recovery::send_code(&hub, Purpose::PasswordReset, email, origin).await?;
    Ok(acknowledged("If this address belongs to an account, a code is on its way"))
}

/// Set a new password with a mailed code. Every session of the user ends, and every personal access token is revoked.
#[utoipa::path(post, path = "/api/v1/auth/password-reset/confirm", tag = "auth", request_body = PasswordReset, responses(
    (status = 200, body = Acknowledgement),
    (status = 400, description = "Not the code, or no longer (`INVALID_OTP`)"),
    (status = 422, description = "The new password, or another field, breaks a rule"),
    (status = 429, description = "The code was tried too often (`OTP_MAX_ATTEMPTS`), or too many wrong ones came from this address"),
))]
pub(super) async fn confirm_reset(
    State(hub): State<Hub>,
    client: ClientAddress,
    origin: Origin,
    Json(body): Json<Value>,
) -> Result<Json<Acknowledgement>, ApiError> {
    let shortest = hub.identity.shortest_password;
    let read = accounts::read_with_password(&body, "new_password", shortest);
    let (request, new): (PasswordReset, _) = read.map_err(ApiError::Invalid)?;
    hub.limits.peek(Rule::LoginAddress, client.network()).await?;
    let reset = recovery::reset_password(&hub, request.email, request.code, &new, origin).await;
    note_failure(&hub, client, &reset).await;
    reset?;
    Ok(acknowledged("The password is set; sign in with it"))
}

/// Counts a code that is to be mailed, whether or not anybody has the address.
async fn may_send(hub: &Hub, client: ClientAddress, email: &Email) -> Result<(), TooMany> {
    hub.limits.check(Rule::MailAddress, client.network()).await?;
    hub.limits.check(Rule::Mail, email).await
}

fn too_many_codes(refused: TooMany) -> ApiError {
    ApiError::from(refused).known_as("OTP_RATE_LIMITED")
}

/// Counts a wrong code as what it is, a failed login.
async fn note_failure<T>(hub: &Hub, client: ClientAddress, outcome: &Result<T, Refusal>) {
    if matches!(outcome, Err(Refusal::WrongCode | Refusal::CodeExhausted)) {
        hub.limits.note(Rule::LoginAddress, client.network()).await;
    }
}

fn acknowledged(message: &str) -> Json<Acknowledgement> {
    Json(Acknowledgement { message: message.to_owned() })
}
