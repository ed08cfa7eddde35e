//! Registering, signing in, and what comes back (contract hub 3.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::user::User;
use crate::email::Email;
use crate::ids::Username;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;
use crate::secret::Secret;

/// Body of `POST /api/v1/auth/register`. A hub without accounting ignores the accounting fields.
#[derive(Debug, Clone, Deserialize)]
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
    /// The accounting service to link, when it is not the hub's default one; at most 500 characters.
    pub accounting_service_url: Option<String>,
    /// The password of the account there, when it exists already; at most 255 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub accounting_password: Option<Secret>,
}

impl Registration {
    /// A registration that leaves accounting to the hub.
    pub fn new(
        username: Username,
        email: Email,
        full_name: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Self {
        Self {
            username,
            email,
            full_name: full_name.into(),
            password: password.into(),
            accounting_service_url: None,
            accounting_password: None,
        }
    }
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
        let accounting_service_url = fields.optional_text("accounting_service_url", 500);
        let accounting_password = fields.optional_text("accounting_password", 255).map(Secret::new);
        Some(Self {
            username: username?,
            email: email?,
            full_name: full_name?,
            password: password?,
            accounting_service_url,
            accounting_password,
        })
    }
}

/// Answer of `POST /api/v1/auth/register`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registered {
    /// The new user.
    pub user: User,
    /// The session's access token; null until the address is verified, where the hub requires that.
    pub access_token: Option<String>,
    /// The session's refresh token; null likewise.
    pub refresh_token: Option<String>,
    /// Always `bearer`.
    pub token_type: String,
    /// Whether a code was mailed that must be sent to `POST /api/v1/auth/register/verify-otp` before signing in.
    #[serde(default)]
    pub requires_email_verification: bool,
}

impl Registered {
    /// A user whose address must be verified first.
    pub fn unverified(user: User) -> Self {
        Self {
            user,
            access_token: None,
            refresh_token: None,
            token_type: "bearer".to_owned(),
            requires_email_verification: true,
        }
    }

    /// The session that the registration opened.
    pub fn tokens(&self) -> Option<Tokens> {
        Some(Tokens {
            access_token: self.access_token.clone()?,
            refresh_token: self.refresh_token.clone()?,
            token_type: self.token_type.clone(),
        })
    }
}

impl From<SignedIn> for Registered {
    fn from(SignedIn { user, tokens }: SignedIn) -> Self {
        Self {
            user,
            access_token: Some(tokens.access_token),
            refresh_token: Some(tokens.refresh_token),
            token_type: tokens.token_type,
            requires_email_verification: false,
        }
    }
}

impl std::fmt::Debug for Registered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registered")
            .field("user", &self.user)
            .field("requires_email_verification", &self.requires_email_verification)
            .finish_non_exhaustive()
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
#[derive(Debug, Clone, Deserialize)]
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
