//! Personal access tokens: keys for scripts that do not sign in (contract hub 4.5).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::ids::AccessTokenId;
use crate::input::{Fields, Input, Place};
use crate::invalid::Invalid;
use crate::model::Scope;
use crate::secret::Secret;

/// What every personal access token begins with. A bearer token that begins with `syft_` is never read as anything else.
pub const PREFIX: &str = "syft_pat_";

/// Characters of a token that are kept and shown, so that its owner can tell it from others.
pub const SHOWN: usize = 16;

/// A personal access token as its owner sees it after it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessToken {
    /// Its number.
    pub id: AccessTokenId,
    /// What its owner calls it.
    pub name: String,
    /// The first 16 characters of the token.
    pub token_prefix: String,
    /// What it may do, in ascending order.
    pub scopes: Vec<Scope>,
    /// When it stops counting; null for never.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_used_at: Option<Timestamp>,
    /// The address it was last used from.
    #[serde(default)]
    pub last_used_ip: Option<String>,
    /// Whether it counts: neither revoked nor expired.
    pub is_active: bool,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// Answer of `POST /api/v1/auth/tokens`: the only time that the token itself is told.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAccessToken {
    /// The token, to be sent as a bearer token.
    pub token: String,
    /// What is known of it from now on, in the same object.
    #[serde(flatten)]
    pub details: AccessToken,
}

impl std::fmt::Debug for NewAccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewAccessToken({:?})", self.details)
    }
}

impl NewAccessToken {
    /// The token, wrapped so that it is not printed by accident.
    pub fn secret(&self) -> Secret {
        Secret::new(self.token.as_str())
    }
}

/// Answer of `GET /api/v1/auth/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessTokens {
    /// A page of them, newest first.
    pub tokens: Vec<AccessToken>,
    /// How many there are on all pages.
    pub total: i64,
}

/// Body of `POST /api/v1/auth/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessTokenDraft {
    /// What to call it, 1 to 100 characters.
    pub name: String,
    /// What it may do; everything unless given.
    #[cfg_attr(feature = "openapi", schema(required = false, min_items = 1))]
    #[serde(default = "everything")]
    pub scopes: Vec<Scope>,
    /// When it stops counting, in the future; never unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
}

fn everything() -> Vec<Scope> {
    vec![Scope::Full]
}

impl AccessTokenDraft {
    /// A token called `name` that may do what `scope` includes, and never expires.
    pub fn new(name: impl Into<String>, scope: Scope) -> Self {
        Self { name: name.into(), scopes: vec![scope], expires_at: None }
    }
}

impl Input for AccessTokenDraft {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.text("name", 1, 100);
        let scopes = read_scopes(&mut fields);
        let expires_at = fields.optional("expires_at");
        Some(Self { name: name?, scopes: scopes?, expires_at })
    }
}

/// The scopes in ascending order, each once; an empty list would be a token for nothing.
fn read_scopes(fields: &mut Fields<'_, '_, '_>) -> Option<Vec<Scope>> {
    if fields.raw("scopes").is_none_or(Value::is_null) {
        return Some(everything());
    }
    let mut scopes: Vec<Scope> = fields.list("scopes", 10)?;
    if scopes.is_empty() {
        let message = "List should have at least 1 item after validation, not 0";
        return fields.refuse("scopes", Invalid::new("too_short", message));
    }
    scopes.sort_unstable();
    scopes.dedup();
    Some(scopes)
}

/// Body of `PATCH /api/v1/auth/tokens/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessTokenPatch {
    /// What to call it from now on, 1 to 100 characters.
    pub name: String,
}

impl Input for AccessTokenPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { name: Fields::of(value, place)?.text("name", 1, 100)? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_token_may_do_everything_unless_told_otherwise() {
        let draft: AccessTokenDraft = parse(&json!({"name": "ci"}), "body").unwrap();
        assert_eq!(draft, AccessTokenDraft::new("ci", Scope::Full));
    }

    #[test]
    fn scopes_are_sorted_and_told_once() {
        let body = json!({"name": "ci", "scopes": ["write", "read", "write"]});
        let draft: AccessTokenDraft = parse(&body, "body").unwrap();
        assert_eq!(draft.scopes, [Scope::Read, Scope::Write]);
        assert!(Scope::Read < Scope::Write && Scope::Write < Scope::Full);
    }

    #[test]
    fn a_token_for_nothing_or_for_something_unknown_is_refused() {
        for (scopes, kind) in [(json!([]), "too_short"), (json!(["admin"]), "enum")] {
            let body = json!({"name": "ci", "scopes": scopes});
            let issues = parse::<AccessTokenDraft>(&body, "body").unwrap_err();
            assert_eq!(issues[0].kind, kind);
        }
    }
}
