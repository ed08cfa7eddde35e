//! Endpoints: as stored, as shown, as created and changed (contract hub 2.2, 2.4, 3.3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::ids::{EndpointId, OrganizationId, Slug, Tag, UserId, Version};
use crate::input::{Fields, Input, Patch, Place};
use crate::invalid::Invalid;
use crate::model::{EndpointType, HealthStatus, Visibility};

/// A rule that the space keeps for callers. The hub stores it and never interprets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Policy {
    /// Such as `access` or `rate_limit`, 1 to 100 characters.
    #[serde(rename = "type")]
    pub kind: String,
    /// Two numbers, `1.0` unless said otherwise.
    #[serde(default = "first_version")]
    pub version: String,
    /// Whether it is in force.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// For people, at most 500 characters.
    #[serde(default)]
    pub description: String,
    /// The rule's own settings.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: Map<String, Value>,
}

/// A way to reach the endpoint. The hub reads `type`, `enabled`, `config.url` and `config.path`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connection {
    /// Such as `https`, 1 to 50 characters.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it may be used.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// For people, at most 500 characters.
    #[serde(default)]
    pub description: String,
    /// Where and how.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: Map<String, Value>,
}

fn first_version() -> String {
    "1.0".to_owned()
}

fn yes() -> bool {
    true
}

impl Input for Policy {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let kind = fields.text("type", 1, 100).map(trimmed);
        let version = fields.text_or("version", 1, 20, "1.0").map(trimmed);
        if version.as_deref().is_some_and(|text| !is_two_numbers(text)) {
            fields.refuse::<()>("version", Invalid::pattern(r"^\d+\.\d+$"));
        }
        let enabled = fields.or("enabled", true);
        let description = fields.text_or("description", 0, 500, "").map(trimmed);
        let config = fields.or("config", Map::new());
        fields.only(&["type", "version", "enabled", "description", "config"]);
        Some(Self {
            kind: kind?,
            version: version?,
            enabled: enabled?,
            description: description?,
            config: config?,
        })
    }
}

impl Input for Connection {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let kind = fields.text("type", 1, 50).map(trimmed);
        let enabled = fields.or("enabled", true);
        let description = fields.text_or("description", 0, 500, "").map(trimmed);
        let config = fields.or("config", Map::new());
        fields.only(&["type", "enabled", "description", "config"]);
        Some(Self { kind: kind?, enabled: enabled?, description: description?, config: config? })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used with Option::map on owned text")]
fn trimmed(text: String) -> String {
    text.trim().to_owned()
}

fn is_two_numbers(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// An endpoint as its owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Endpoint {
    /// Its number.
    pub id: EndpointId,
    /// The user who owns it; null when an organization does.
    pub user_id: Option<UserId>,
    /// The organization that owns it; null when a user does.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The first half of its address.
    #[serde(default)]
    pub owner_username: String,
    /// For people, 1 to 100 characters.
    pub name: String,
    /// The second half of its address.
    pub slug: String,
    /// At most 500 characters.
    #[serde(default)]
    pub description: String,
    /// What it offers.
    #[serde(rename = "type")]
    pub kind: EndpointType,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether it is switched on.
    pub is_active: bool,
    /// The numbers of the users who work on it.
    #[serde(default)]
    pub contributors: Vec<i64>,
    /// Three numbers.
    pub version: String,
    /// Markdown, at most 50,000 characters.
    #[serde(default)]
    pub readme: String,
    /// At most 10.
    #[serde(default)]
    pub tags: Vec<String>,
    /// How many users starred it.
    #[serde(default)]
    pub stars_count: i64,
    /// The rules its space keeps.
    #[serde(default)]
    pub policies: Vec<Policy>,
    /// Ways to reach it, with `config.url` rewritten to the owner's domain (contract hub 6.2).
    #[serde(default)]
    pub connect: Vec<Connection>,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Moved by edits of its content only. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    /// Whether it answered when it was last heard of; absent while nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_status: Option<HealthStatus>,
    /// When that was. RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub health_checked_at: Option<Timestamp>,
}

/// An endpoint as everybody who may see it sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointPublic {
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<EndpointId>,
    /// For people, 1 to 100 characters.
    pub name: String,
    /// The second half of its address.
    pub slug: String,
    /// At most 500 characters.
    #[serde(default)]
    pub description: String,
    /// What it offers.
    #[serde(rename = "type")]
    pub kind: EndpointType,
    /// The first half of its address.
    pub owner_username: String,
    /// How many users work on it.
    #[serde(default)]
    pub contributors_count: i64,
    /// Three numbers.
    #[serde(default)]
    pub version: String,
    /// Markdown, at most 50,000 characters.
    #[serde(default)]
    pub readme: String,
    /// At most 10.
    #[serde(default)]
    pub tags: Vec<String>,
    /// How many users starred it.
    #[serde(default)]
    pub stars_count: i64,
    /// The rules its space keeps.
    #[serde(default)]
    pub policies: Vec<Policy>,
    /// Ways to reach it, with `config.url` rewritten to the owner's domain.
    #[serde(default)]
    pub connect: Vec<Connection>,
    /// RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// Moved by edits of its content only. RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    /// Whether it answered when it was last heard of; absent while nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_status: Option<HealthStatus>,
    /// When that was. RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub health_checked_at: Option<Timestamp>,
}

impl From<Endpoint> for EndpointPublic {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            id: Some(endpoint.id),
            name: endpoint.name,
            slug: endpoint.slug,
            description: endpoint.description,
            kind: endpoint.kind,
            owner_username: endpoint.owner_username,
            contributors_count: i64::try_from(endpoint.contributors.len()).unwrap_or(i64::MAX),
            version: endpoint.version,
            readme: endpoint.readme,
            tags: endpoint.tags,
            stars_count: endpoint.stars_count,
            policies: endpoint.policies,
            connect: endpoint.connect,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
            health_status: endpoint.health_status,
            health_checked_at: endpoint.health_checked_at,
        }
    }
}

/// Body of `POST /api/v1/endpoints`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointDraft {
    /// 1 to 100 characters.
    pub name: String,
    /// What it offers; cannot be changed later.
    #[serde(rename = "type")]
    pub kind: EndpointType,
    /// The address to take; made from the name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<Slug>,
    /// At most 500 characters.
    #[serde(default)]
    pub description: String,
    /// Who sees it.
    #[serde(default = "everybody")]
    pub visibility: Visibility,
    /// Three numbers.
    #[serde(default)]
    pub version: Version,
    /// Markdown, at most 50,000 characters.
    #[serde(default)]
    pub readme: String,
    /// At most 10.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// The rules its space keeps.
    #[serde(default)]
    pub policies: Vec<Policy>,
    /// Ways to reach it.
    #[serde(default)]
    pub connect: Vec<Connection>,
    /// The numbers of the users who work on it; unknown ones are dropped.
    #[serde(default)]
    pub contributors: Vec<i64>,
    /// The organization to publish for; the query parameter of the same name wins (contract hub C2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
}

fn everybody() -> Visibility {
    Visibility::Public
}

impl EndpointDraft {
    /// A public endpoint with defaults everywhere.
    pub fn new(name: impl Into<String>, kind: EndpointType) -> Self {
        Self {
            name: name.into(),
            kind,
            slug: None,
            description: String::new(),
            visibility: Visibility::Public,
            version: Version::default(),
            readme: String::new(),
            tags: Vec::new(),
            policies: Vec::new(),
            connect: Vec::new(),
            contributors: Vec::new(),
            organization_id: None,
        }
    }
}

impl Input for EndpointDraft {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.text("name", 1, 100);
        let kind = fields.required("type");
        let description = fields.text_or("description", 0, 500, "");
        let visibility = fields.or("visibility", Visibility::Public);
        let version = fields.or("version", Version::default());
        let readme = fields.text_or("readme", 0, 50_000, "");
        let tags = read_tags(&mut fields);
        let policies = fields.list("policies", MAX_ITEMS);
        let connect = fields.list("connect", MAX_ITEMS);
        let slug = read_slug(&mut fields);
        let contributors = fields.list("contributors", MAX_ITEMS);
        let organization_id =
            fields.optional("organization_id").filter(|id| *id != OrganizationId(0));
        Some(Self {
            name: name?,
            kind: kind?,
            slug,
            description: description?,
            visibility: visibility?,
            version: version?,
            readme: readme?,
            tags: tags?,
            policies: policies?,
            connect: connect?,
            contributors: contributors?,
            organization_id,
        })
    }
}

/// The most policies, connections or contributors of one endpoint.
const MAX_ITEMS: usize = 100;

fn read_slug(fields: &mut Fields<'_, '_, '_>) -> Option<Slug> {
    let slug: Option<Slug> = fields.optional("slug");
    if slug.as_ref().is_some_and(Slug::is_reserved) {
        return fields.refuse("slug", Invalid::value("this slug is reserved"));
    }
    slug
}

fn read_tags(fields: &mut Fields<'_, '_, '_>) -> Option<Vec<Tag>> {
    let raw: Vec<String> = fields.list("tags", 10)?;
    let mut tags: Vec<Tag> = Vec::with_capacity(raw.len());
    for text in raw.iter().filter(|text| !text.trim().is_empty()) {
        match Tag::parse(text) {
            Ok(tag) if !tags.contains(&tag) => tags.push(tag),
            Ok(_) => {}
            Err(refusal) => return fields.refuse("tags", refusal),
        }
    }
    Some(tags)
}

/// Body of `PATCH /api/v1/endpoints/{id}`: what is absent or null stays; lists are replaced whole. The type and the
/// slug cannot be changed, and are ignored when sent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointPatch {
    /// 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// At most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Three numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Markdown, at most 50,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readme: Option<String>,
    /// At most 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// The rules its space keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<Policy>>,
    /// Ways to reach it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect: Option<Vec<Connection>>,
    /// The numbers of the users who work on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contributors: Option<Vec<i64>>,
}

impl Input for EndpointPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let tags = match fields.raw("tags") {
            None | Some(Value::Null) => None,
            Some(_) => read_tags(&mut fields),
        };
        Some(Self {
            name: fields.patch_text("name", 1, 100).value(),
            description: fields.patch_text("description", 0, 500).value(),
            visibility: fields.optional("visibility"),
            version: fields.optional("version"),
            readme: fields.patch_text("readme", 0, 50_000).value(),
            tags,
            policies: Patch::value(fields.patch_list("policies", MAX_ITEMS)),
            connect: Patch::value(fields.patch_list("connect", MAX_ITEMS)),
            contributors: Patch::value(fields.patch_list("contributors", MAX_ITEMS)),
        })
    }
}

impl From<EndpointDraft> for EndpointPatch {
    /// The change that makes an existing endpoint what `draft` describes.
    fn from(draft: EndpointDraft) -> Self {
        Self {
            name: Some(draft.name),
            description: Some(draft.description),
            visibility: Some(draft.visibility),
            version: Some(draft.version),
            readme: Some(draft.readme),
            tags: Some(draft.tags),
            policies: Some(draft.policies),
            connect: Some(draft.connect),
            contributors: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::input::parse;

    #[test]
    fn a_draft_needs_a_name_and_a_type_only() {
        let draft: EndpointDraft =
            parse(&json!({"name": "Notes", "type": "data_source"}), "body").unwrap();
        assert_eq!(draft, EndpointDraft::new("Notes", EndpointType::DataSource));
    }

    #[test]
    fn tags_are_trimmed_lowered_and_kept_once() {
        let body = json!({"name": "n", "type": "model", "tags": [" NLP ", "nlp", "", "rag"]});
        let draft: EndpointDraft = parse(&body, "body").unwrap();
        assert_eq!(draft.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["nlp", "rag"]);
    }

    #[test]
    fn an_unknown_key_in_a_connection_is_refused_and_one_beside_it_is_not() {
        let body =
            json!({"name": "n", "type": "model", "x": 1, "connect": [{"type": "https", "y": 1}]});
        let issues = parse::<EndpointDraft>(&body, "body").unwrap_err();
        assert_eq!(issues.len(), 1);
        assert_eq!(
            serde_json::to_value(&issues[0].loc).unwrap(),
            json!(["body", "connect", 0, "y"])
        );
        assert_eq!(issues[0].kind, "extra_forbidden");
    }

    #[test]
    fn a_patch_ignores_null_and_what_cannot_change() {
        let body = json!({"name": null, "type": "model", "slug": "x", "version": "1.2.3"});
        let patch: EndpointPatch = parse(&body, "body").unwrap();
        assert_eq!(
            patch,
            EndpointPatch { version: Some(Version::parse("1.2.3").unwrap()), ..Default::default() }
        );
    }

    #[test]
    fn a_reserved_slug_is_refused() {
        let body = json!({"name": "n", "type": "model", "slug": "docs"});
        assert_eq!(parse::<EndpointDraft>(&body, "body").unwrap_err()[0].kind, "value_error");
    }
}
