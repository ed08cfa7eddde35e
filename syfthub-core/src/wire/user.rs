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
    /// What the user says of themselves, at most 500 characters.
    #[serde(default)]
    pub bio: Option<String>,
    /// Whether the public profile shows the e-mail address.
    #[serde(default)]
    pub is_email_public: bool,
    /// When the user last signed in; null when they never did.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_login_at: Option<Timestamp>,
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
#[derive(Debug, Clone, Default, Deserialize)]
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
    #[serde(default)]
    pub avatar_url: Patch<String>,
    /// Where the user's space is reached, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default)]
    pub domain: Patch<String>,
    /// The aggregator to prefer, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default)]
    pub aggregator_url: Patch<String>,
    /// The accounting service to link, `http` or `https`, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default)]
    pub accounting_service_url: Patch<String>,
    /// The password there, at most 255 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default)]
    pub accounting_password: Patch<Secret>,
    /// What the user says of themselves, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default)]
    pub bio: Patch<String>,
    /// Whether the public profile shows the e-mail address.
    pub is_email_public: Option<bool>,
    /// False switches the account off; only an administrator switches it on again.
    pub is_active: Option<bool>,
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
        let bio = fields.patch_text("bio", 0, 500);
        let is_email_public = fields.optional("is_email_public");
        let is_active = fields.optional("is_active");
        Some(Self {
            username,
            email,
            full_name,
            avatar_url,
            domain,
            aggregator_url,
            accounting_service_url,
            accounting_password,
            bio,
            is_email_public,
            is_active,
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
            ("bio", self.bio.clone()),
        ];
        let switches = [("is_email_public", self.is_email_public), ("is_active", self.is_active)];
        let switches = switches
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
        let changes = fields.into_iter().filter_map(|(name, patch)| {
            let value = match patch {
                Patch::Keep => return None,
                Patch::Clear => Value::Null,
                Patch::Set(text) => Value::from(text),
            };
            Some((name.to_owned(), value))
        });
        Value::Object(changes.chain(switches).collect())
    }
}

/// Body of `PUT /api/v1/users/{user_id}` from an administrator: a profile, and what the user is to the hub.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(from = "FlatAccount")]
pub struct AccountPatch {
    /// The profile's changes, in the same object.
    #[serde(flatten)]
    pub profile: ProfilePatch,
    /// What the user is to the hub from now on; from others than administrators it is ignored.
    pub role: Option<Role>,
}

impl Input for AccountPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let profile = ProfilePatch::read(value, place);
        let role = Fields::of(value, place)?.optional("role");
        Some(Self { profile: profile?, role })
    }
}

/// The same as it is written, so that a wrong field is told by its name.
#[derive(Deserialize)]
struct FlatAccount {
    username: Option<Username>,
    email: Option<Email>,
    full_name: Option<String>,
    #[serde(default)]
    avatar_url: Patch<String>,
    #[serde(default)]
    domain: Patch<String>,
    #[serde(default)]
    aggregator_url: Patch<String>,
    #[serde(default)]
    accounting_service_url: Patch<String>,
    #[serde(default)]
    accounting_password: Patch<Secret>,
    #[serde(default)]
    bio: Patch<String>,
    is_email_public: Option<bool>,
    is_active: Option<bool>,
    role: Option<Role>,
}

impl From<FlatAccount> for AccountPatch {
    fn from(flat: FlatAccount) -> Self {
        let profile = ProfilePatch {
            username: flat.username,
            email: flat.email,
            full_name: flat.full_name,
            avatar_url: flat.avatar_url,
            domain: flat.domain,
            aggregator_url: flat.aggregator_url,
            accounting_service_url: flat.accounting_service_url,
            accounting_password: flat.accounting_password,
            bio: flat.bio,
            is_email_public: flat.is_email_public,
            is_active: flat.is_active,
        };
        Self { profile, role: flat.role }
    }
}

impl AccountPatch {
    /// The JSON object a client sends: only what changes.
    pub fn to_body(&self) -> Value {
        let mut body = self.profile.to_body();
        if let Some(role) = self.role {
            body["role"] = Value::from(role.as_str());
        }
        body
    }
}

/// A user as everybody may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicProfile {
    /// Lower case.
    pub username: String,
    /// As the user wrote it.
    pub full_name: String,
    /// Address of a picture.
    pub avatar_url: Option<String>,
    /// What the user says of themselves.
    pub bio: Option<String>,
    /// The e-mail address, when the user shows it.
    pub email: Option<String>,
    /// Since when they have an account; RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

impl From<User> for PublicProfile {
    fn from(user: User) -> Self {
        let email = user.is_email_public.then_some(user.email);
        let User { username, full_name, avatar_url, bio, created_at, .. } = user;
        Self { username, full_name, avatar_url, bio, email, created_at }
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
