//! Codes that are mailed: to verify an address, and to reset a password (contract hub 9.4 and 12).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::email::Email;
use crate::input::{Fields, Input, Place};
use crate::secret::Secret;

/// Body of `POST /api/v1/auth/register/resend-otp` and of `POST /api/v1/auth/password-reset/request`.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeRequest {
    /// Where the code is to be mailed.
    pub email: Email,
}

impl Input for CodeRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { email: Fields::of(value, place)?.required("email")? })
    }
}

/// Body of `POST /api/v1/auth/register/verify-otp`.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CodeVerification {
    /// The address the code was mailed to.
    pub email: Email,
    /// The code, six digits.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 6, max_length = 6))]
    pub code: Secret,
}

impl Input for CodeVerification {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let email = fields.required("email");
        let code = code(&mut fields);
        Some(Self { email: email?, code: code? })
    }
}

/// Body of `POST /api/v1/auth/password-reset/confirm`.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordReset {
    /// The address the code was mailed to.
    pub email: Email,
    /// The code, six digits.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 6, max_length = 6))]
    pub code: Secret,
    /// The new password as sent; the server checks it against its own minimum.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub new_password: Secret,
}

impl Input for PasswordReset {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let email = fields.required("email");
        let code = code(&mut fields);
        let new_password = fields.required("new_password");
        Some(Self { email: email?, code: code?, new_password: new_password? })
    }
}

fn code(fields: &mut Fields<'_, '_, '_>) -> Option<Secret> {
    fields.text("code", 6, 6).map(Secret::new)
}

/// Answer of the routes that say the same to everybody.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Acknowledgement {
    /// Sentence for people.
    pub message: String,
}

/// Answer of `GET /api/v1/auth/config`: what a client may offer its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthConfig {
    /// Whether an address must be verified before its user can sign in.
    pub require_email_verification: bool,
    /// Whether the hub can send mail.
    pub smtp_configured: bool,
    /// Whether a forgotten password can be reset.
    pub password_reset_enabled: bool,
}
