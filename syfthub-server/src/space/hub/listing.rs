//! What a hub is told about an endpoint (contract space 8.2).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use syfthub_core::model::EndpointType;
use syfthub_core::wire::endpoint::{Connection, Endpoint as Entry, EndpointDraft, Policy};
use syfthub_core::{OrganizationId, Tag};
use url::Url;

use crate::space::store::endpoints::EndpointRow;

/// The most tags that a hub takes.
const MOST_TAGS: usize = 10;

/// The hub's entry for an endpoint, of `tenant` where there are several.
pub(super) fn draft(
    row: &EndpointRow,
    tenant: Option<String>,
    organization: Option<OrganizationId>,
) -> EndpointDraft {
    let kind = match (row.dataset_id, row.model_id) {
        (Some(_), Some(_)) => EndpointType::ModelDataSource,
        (None, Some(_)) => EndpointType::Model,
        _ => EndpointType::DataSource,
    };
    let path = format!("/api/v1/endpoints/{}/query", row.slug);
    let config = match tenant {
        Some(tenant) => {
            json!({"url": "", "path": format!("/t/{tenant}{path}"), "tenant_name": tenant})
        }
        None => json!({"url": "", "path": path}),
    };
    let connection = Connection {
        kind: "https".to_owned(),
        enabled: true,
        description: String::new(),
        config: config.as_object().cloned().unwrap_or_default(),
    };
    let tags = row.tags.split(',').filter_map(|tag| Tag::parse(tag.trim()).ok());
    EndpointDraft {
        slug: Some(row.slug.clone()),
        description: row.summary.clone(),
        readme: row.description.clone(),
        tags: tags.take(MOST_TAGS).collect(),
        connect: vec![connection],
        organization_id: organization,
        ..EndpointDraft::new(row.name.clone(), kind)
    }
}

/// What tells one state of an entry from another.
pub(super) fn digest(draft: &EndpointDraft, url: &Url) -> String {
    let text = json!([draft, url]).to_string();
    BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16])
}

/// Whether the hub's entry says what `draft` says. What a hub adds by itself does not count.
pub(super) fn agrees(entry: &Entry, draft: &EndpointDraft) -> bool {
    let mut tags: Vec<&str> = draft.tags.iter().map(Tag::as_str).collect();
    let mut listed: Vec<&str> = entry.tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    listed.sort_unstable();
    let path = |connect: &[Connection]| {
        let first = connect.first().map(|connection| &connection.config);
        first.map(|config| (config.get("path").cloned(), config.get("tenant_name").cloned()))
    };
    let rules = |policies: &[Policy]| json!(policies);
    entry.name == draft.name
        && entry.description == draft.description
        && entry.readme == draft.readme
        && entry.visibility == draft.visibility
        && tags == listed
        && path(&entry.connect) == path(&draft.connect)
        && rules(&entry.policies) == rules(&draft.policies)
}
