//! Users and their profile (contract hub 2.1, 3.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::email::Email;
use crate::ids::{UserId, Username};
use crate::input::{Fields, Input, Patch, Place};
use crate::invalid::Invalid;
use crate::model::Role;
use crate::secret::Secret;

/// A user as the hub shows it to that user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The user's number.
    pub id: UserId,
    /// Lower case.
    pub username: String,
    /// Lower case.
    pub email: String,
    /// As the user wrote it.
    pub full_name: String,
    /// Address of a picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// What the user is to the hub.
    pub role: Role,
    /// Whether the account is switched on.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// Whether a code that was mailed to the address came back.
    #[serde(default)]
    pub is_email_verified: bool,
    /// Where the user's space is reached, exactly as it was stored (contract hub 6.2).
    #[serde(default)]
    pub domain: Option<String>,
    /// The aggregator the user prefers.
    #[serde(default)]
    pub aggregator_url: Option<String>,
    /// The accounting service linked to the account.
    #[serde(default)]
    pub accounting_service_url: Option<String>,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Option<Timestamp>,
}

fn yes() -> bool {
    true
}

/// Body of `PUT /api/v1/users/me`: what is absent stays; null clears the addresses (contract hub 1.5).
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfilePatch {
    /// A new username.
    pub username: Option<Username>,
    /// A new e-mail address.
    pub email: Option<Email>,
    /// A new name, 1 to 100 characters.
    pub full_name: Option<String>,
    /// A picture's address, `http` or `https`, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub avatar_url: Patch<String>,
    /// Where the user's space is reached, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub domain: Patch<String>,
    /// The aggregator to prefer, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub aggregator_url: Patch<String>,
    /// The accounting service to link, `http` or `https`, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub accounting_service_url: Patch<String>,
    /// The password there, at most 255 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub accounting_password: Patch<Secret>,
}

impl Input for ProfilePatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let username: Option<Username> = fields.optional("username");
        if username.as_ref().is_some_and(Username::is_reserved) {
            fields.refuse::<()>("username", Invalid::value("this username is reserved"));
        }
        let email = fields.optional("email");
        let full_name = fields.patch_text("full_name", 1, 100).value();
        let avatar_url = fields.patch_web_address("avatar_url", 500);
        let domain = fields.patch_text("domain", 0, 500);
        let aggregator_url = fields.patch_web_address("aggregator_url", 500);
        let accounting_service_url = fields.patch_web_address("accounting_service_url", 500);
        let accounting_password = fields.patch_text("accounting_password", 0, 255).map(Secret::new);
        Some(Self {
            username,
            email,
            full_name,
            avatar_url,
            domain,
            aggregator_url,
            accounting_service_url,
            accounting_password,
        })
    }
}

impl ProfilePatch {
    /// The JSON object a client sends: only what changes.
    pub fn to_body(&self) -> Value {
        let text_of =
            |value: Option<&str>| value.map_or(Patch::Keep, |text| Patch::Set(text.to_owned()));
        let fields = [
            ("username", text_of(self.username.as_ref().map(Username::as_str))),
            ("email", text_of(self.email.as_ref().map(Email::as_str))),
            ("full_name", text_of(self.full_name.as_deref())),
            ("avatar_url", self.avatar_url.clone()),
            ("domain", self.domain.clone()),
            ("aggregator_url", self.aggregator_url.clone()),
            ("accounting_service_url", self.accounting_service_url.clone()),
            (
                "accounting_password",
                self.accounting_password.clone().map(|secret| secret.expose().to_owned()),
            ),
        ];
        let changes = fields.into_iter().filter_map(|(name, patch)| {
            let value = match patch {
                Patch::Keep => return None,
                Patch::Clear => Value::Null,
                Patch::Set(text) => Value::from(text),
            };
            Some((name.to_owned(), value))
        });
        Value::Object(changes.collect())
    }
}

/// Answer of `GET /api/v1/users/check-username/{username}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsernameAvailability {
    /// Whether nobody has it and nobody may not.
    pub available: bool,
    /// The name in lower case.
    pub username: String,
}

/// Answer of `GET /api/v1/users/check-email/{email}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailAvailability {
    /// Whether nobody registered with it.
    pub available: bool,
    /// The address in lower case.
    pub email: String,
}
