//! Registering, signing in, and what comes back (contract hub 3.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::user::User;
use crate::email::Email;
use crate::ids::Username;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;
use crate::secret::Secret;

/// Body of `POST /api/v1/auth/register`. The accounting fields of older clients are accepted and ignored.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registration {
    /// The name to take.
    pub username: Username,
    /// The address to sign in with.
    pub email: Email,
    /// 1 to 100 characters.
    pub full_name: String,
    /// The password as sent; the server checks it against its own minimum.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub password: Secret,
}

impl Input for Registration {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let username: Option<Username> = fields.required("username");
        let reserved = username.as_ref().is_some_and(Username::is_reserved);
        if reserved {
            fields.refuse::<()>("username", Invalid::value("this username is reserved"));
        }
        let email = fields.required("email");
        let full_name = fields.text("full_name", 1, 100);
        let password = fields.required("password");
        Some(Self {
            username: username?,
            email: email?,
            full_name: full_name?,
            password: password?,
        })
    }
}

/// Form of `POST /api/v1/auth/login`.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Login {
    /// A username or an e-mail address, in any case.
    pub username: String,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub password: Secret,
}

impl Input for Login {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        if let Some(grant) = fields.optional::<String>("grant_type")
            && grant != "password"
        {
            fields.refuse::<()>("grant_type", Invalid::pattern("^password$"));
        }
        let username = fields.text("username", 1, 320);
        let password = fields.required("password");
        Some(Self { username: username?, password: password? })
    }
}

/// The pair of tokens of a session.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// HS256 token for requests to the hub; clients treat it as opaque.
    pub access_token: String,
    /// Token for `POST /api/v1/auth/refresh`.
    pub refresh_token: String,
    /// Always `bearer`.
    pub token_type: String,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens([redacted])")
    }
}

/// Answer of register and login: the user beside the tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// The session's tokens, in the same object.
    #[serde(flatten)]
    pub tokens: Tokens,
}

/// Body of `POST /api/v1/auth/refresh`.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshRequest {
    /// The refresh token of the session.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub refresh_token: Secret,
}

impl Input for RefreshRequest {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let refresh_token = Fields::of(value, place)?.required("refresh_token")?;
        Some(Self { refresh_token })
    }
}

/// Body of `PUT /api/v1/auth/me/password`.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordChange {
    /// The password so far.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub current_password: Secret,
    /// The new one as sent; the server checks it against its own minimum.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub new_password: Secret,
}

impl Input for PasswordChange {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let current_password = fields.required("current_password");
        let new_password = fields.required("new_password");
        Some(Self { current_password: current_password?, new_password: new_password? })
    }
}
