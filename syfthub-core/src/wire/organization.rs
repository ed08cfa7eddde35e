//! Organizations and their members (contract hub 2.3, 2.4, 3.4).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::ids::{OrganizationId, Slug, UserId};
use crate::input::{Fields, Input, Patch, Place};
use crate::invalid::Invalid;
use crate::model::OrgRole;

/// A team that owns endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Organization {
    /// Its number.
    pub id: OrganizationId,
    /// For people, 1 to 100 characters.
    pub name: String,
    /// The first half of its endpoints' addresses; never changes.
    pub slug: String,
    /// At most 500 characters.
    #[serde(default)]
    pub description: String,
    /// Address of a picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// Whether it is there; one that was deleted is not.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// Where its space is reached, exactly as it was stored (contract hub 6.2).
    #[serde(default)]
    pub domain: Option<String>,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Moved by edits of the profile. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// A user's place in an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The membership's number.
    pub id: i64,
    /// The organization's number.
    pub organization_id: OrganizationId,
    /// The user's number.
    pub user_id: UserId,
    /// The user's name.
    #[serde(default)]
    pub username: String,
    /// What the user is to the organization.
    pub role: OrgRole,
    /// Whether the membership counts.
    #[serde(default = "yes")]
    pub is_active: bool,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub joined_at: Timestamp,
}

fn yes() -> bool {
    true
}

/// Body of `POST /api/v1/organizations/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganizationDraft {
    /// 1 to 100 characters.
    pub name: String,
    /// At most 500 characters.
    #[serde(default)]
    pub description: String,
    /// A picture's address, `http` or `https`, at most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Where its space is reached, at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The name to take among all owners; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
}

impl OrganizationDraft {
    /// An organization with defaults everywhere.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            avatar_url: None,
            domain: None,
            slug: None,
        }
    }
}

impl Input for OrganizationDraft {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.text("name", 1, 100);
        let description = fields.text_or("description", 0, 500, "");
        let avatar_url = fields.patch_web_address("avatar_url", 255).value();
        let domain = fields.optional_text("domain", 500).filter(|text| !text.trim().is_empty());
        let slug: Option<Slug> = fields.optional("slug");
        if slug.as_ref().is_some_and(Slug::is_reserved_for_owners) {
            fields.refuse::<()>("slug", Invalid::value("this slug is reserved"));
        }
        Some(Self { name: name?, description: description?, avatar_url, domain, slug })
    }
}

/// Body of `PUT /api/v1/organizations/{id}`: what is absent stays; null or empty text clears an address (contract hub
/// 1.5). The slug cannot be changed, and is ignored when sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganizationPatch {
    /// 1 to 100 characters.
    pub name: Option<String>,
    /// At most 500 characters.
    pub description: Option<String>,
    /// A picture's address, `http` or `https`, at most 255 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default)]
    pub avatar_url: Patch<String>,
    /// Where its space is reached, at most 500 characters.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default)]
    pub domain: Patch<String>,
}

impl Input for OrganizationPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.patch_text("name", 1, 100).value();
        let description = fields.patch_text("description", 0, 500).value();
        let avatar_url = fields.patch_web_address("avatar_url", 255);
        let domain = match fields.patch_text("domain", 0, 500) {
            Patch::Set(text) if text.trim().is_empty() => Patch::Clear,
            patch => patch,
        };
        Some(Self { name, description, avatar_url, domain })
    }
}

impl OrganizationPatch {
    /// The JSON object a client sends: only what changes.
    pub fn to_body(&self) -> Value {
        let text = |value: &Option<String>| value.clone().map_or(Patch::Keep, Patch::Set);
        let fields = [
            ("name", text(&self.name)),
            ("description", text(&self.description)),
            ("avatar_url", self.avatar_url.clone()),
            ("domain", self.domain.clone()),
        ];
        let changes = fields.into_iter().filter_map(|(name, patch)| {
            let value = match patch {
                Patch::Keep => return None,
                Patch::Clear => Value::Null,
                Patch::Set(text) => Value::from(text),
            };
            Some((name.to_owned(), value))
        });
        Value::Object(changes.collect::<Map<_, _>>())
    }
}

/// Body of `POST /api/v1/organizations/{id}/members`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMember {
    /// Who joins.
    pub user_id: UserId,
    /// As what; `member` when absent.
    pub role: OrgRole,
}

impl Input for NewMember {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let user_id = fields.required("user_id");
        let role = fields.or("role", OrgRole::Member);
        Some(Self { user_id: user_id?, role: role? })
    }
}

/// Body of `PUT /api/v1/organizations/{id}/members/{user_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberPatch {
    /// What the member becomes; absent or null leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<OrgRole>,
}

impl Input for MemberPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { role: Fields::of(value, place)?.optional("role") })
    }
}

/// Body of the routes with which a site admin switches an organization or a membership off and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Switch {
    /// Whether it shall count; absent or null leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
}

impl Input for Switch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self { is_active: Fields::of(value, place)?.optional("is_active") })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_draft_needs_a_name_only() {
        let draft: OrganizationDraft = parse(&json!({"name": "Acme", "x": 1}), "body").unwrap();
        assert_eq!(draft, OrganizationDraft::new("Acme"));
    }

    #[test]
    fn what_breaks_a_rule_is_refused_at_its_place() {
        for (body, place, kind) in [
            (json!({}), "name", "missing"),
            (json!({"name": ""}), "name", "string_too_short"),
            (
                json!({"name": "n", "description": "d".repeat(501)}),
                "description",
                "string_too_long",
            ),
            (json!({"name": "n", "avatar_url": "javascript:x"}), "avatar_url", "value_error"),
            (
                json!({"name": "n", "avatar_url": format!("https://a.org/{}", "a".repeat(250))}),
                "avatar_url",
                "string_too_long",
            ),
            (json!({"name": "n", "slug": "users"}), "slug", "value_error"),
            (json!({"name": "n", "slug": "guest"}), "slug", "value_error"),
            (json!({"name": "n", "slug": "A"}), "slug", "string_too_short"),
        ] {
            let issues = parse::<OrganizationDraft>(&body, "body").unwrap_err();
            assert_eq!(issues.len(), 1, "{body}");
            let loc = serde_json::to_value(&issues[0].loc).unwrap();
            assert_eq!((loc, issues[0].kind), (json!(["body", place]), kind), "{body}");
        }
    }

    #[test]
    fn null_and_empty_text_clear_an_address_and_leave_the_rest() {
        let body = json!({"name": null, "domain": null, "avatar_url": "", "slug": "other"});
        let patch: OrganizationPatch = parse(&body, "body").unwrap();
        let cleared = OrganizationPatch {
            domain: Patch::Clear,
            avatar_url: Patch::Clear,
            ..OrganizationPatch::default()
        };
        assert_eq!(patch, cleared);
        assert_eq!(patch.to_body(), json!({"domain": null, "avatar_url": null}));
    }

    #[test]
    fn a_new_member_is_a_member_unless_said_otherwise() {
        let read = |body| parse::<NewMember>(&body, "body");
        assert_eq!(read(json!({"user_id": "7"})).unwrap().role, OrgRole::Member);
        assert_eq!(read(json!({"user_id": 7, "role": "viewer"})).unwrap().role, OrgRole::Viewer);
        assert_eq!(read(json!({"user_id": 7, "role": "OWNER"})).unwrap_err()[0].kind, "enum");
    }
}
