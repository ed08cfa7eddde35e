//! What datasets and models have in common: a name, a configuration with secrets, and endpoints that use them.

use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};

use super::{Connected, Part, secrets};
use crate::db::StoreError;
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::ids::TenantId;
use crate::space::kind::TypeInfo;
use crate::space::node::Space;
use crate::space::store::endpoints;
use crate::space::store::parts::{self as store, PartId, PartRow};

/// What to change of a dataset or model; what is not named stays (contract space 1.1).
#[derive(Debug, Clone, Default, utoipa::ToSchema)]
pub(crate) struct PartPatch {
    /// 1 to 100 characters.
    pub(super) name: Option<String>,
    /// At most 500 characters.
    pub(super) summary: Option<String>,
    /// Separated by commas.
    pub(super) tags: Option<String>,
    /// Laid over the configuration that is there, property by property: `null` takes one away, and the mask of a secret
    /// leaves it as it is.
    pub(super) configuration: Option<Map<String, Value>>,
}

impl Input for PartPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let patch = Self {
            name: fields.optional("name"),
            summary: fields.optional_text("summary", 500),
            tags: fields.optional_text("tags", 500),
            configuration: fields.optional("configuration"),
        };
        if patch
            .name
            .as_ref()
            .is_some_and(|name| name.trim().is_empty() || name.chars().count() > 100)
        {
            return fields
                .refuse("name", syfthub_core::Invalid::value("expected 1 to 100 characters"));
        }
        let names = [&patch.name, &patch.summary, &patch.tags];
        if names.iter().all(|text| text.is_none()) && patch.configuration.is_none() {
            let nothing = "name at least one of name, summary, tags and configuration";
            return fields.refuse("name", syfthub_core::Invalid::value(nothing));
        }
        Some(patch)
    }
}

/// A configuration with its secrets sealed apart, for the part `id`.
pub(super) fn sealed<I: PartId + std::fmt::Display>(
    space: &Space,
    id: I,
    kind: &TypeInfo,
    configuration: Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    secrets::seal(&space.vault, &owner(id), kind, configuration)
}

/// The configuration of a stored part with its secrets.
pub(super) fn opened<I: PartId + std::fmt::Display>(
    space: &Space,
    row: &PartRow<I>,
) -> Result<Map<String, Value>, SpaceError> {
    Ok(secrets::open(&space.vault, &owner(row.id), &row.configuration, &row.secrets)?)
}

fn owner<I: PartId + std::fmt::Display>(id: I) -> String {
    format!("{}:{id}", I::WORD)
}

/// Stores a new part and notes who made it.
pub(super) async fn insert<I: PartId + std::fmt::Display>(
    space: &Space,
    actor: &Actor,
    row: &PartRow<I>,
) -> Result<(), SpaceError> {
    let (stored, trace) = (row.clone(), actor.trace(row.created_at));
    let inserted = space.db.write(move |tx| {
        Box::pin(async move {
            store::insert(tx, &stored).await?;
            let action = format!("{}.create", I::WORD);
            let detail = json!({"name": stored.name, "dtype": stored.dtype});
            trace.note(tx, &action, owner(stored.id), detail).await
        })
    });
    inserted.await.map_err(|error: StoreError| taken(error, I::WORD, &row.name))
}

/// Stores what an edit made of a part, and notes which fields.
pub(super) async fn update<I: PartId + std::fmt::Display>(
    space: &Space,
    actor: &Actor,
    row: &PartRow<I>,
    fields: Vec<&'static str>,
) -> Result<(), SpaceError> {
    let (stored, trace) = (row.clone(), actor.trace(row.updated_at));
    let updated = space.db.write(move |tx| {
        Box::pin(async move {
            store::update(tx, &stored).await?;
            let action = format!("{}.update", I::WORD);
            trace.note(tx, &action, owner(stored.id), json!({ "fields": fields })).await
        })
    });
    updated.await.map_err(|error: StoreError| taken(error, I::WORD, &row.name))
}

/// Removes a part that no endpoint uses.
pub(super) async fn delete<I: PartId + std::fmt::Display>(
    space: &Space,
    actor: &Actor,
    part: &Part<I>,
) -> Result<(), SpaceError> {
    refuse_used(&part.connected_endpoints)?;
    let (id, name, trace) = (part.id, part.name.clone(), actor.trace(space.clock.now()));
    let removed = space.db.write(move |tx| {
        Box::pin(async move {
            store::delete(tx, id).await?;
            trace.note(tx, &format!("{}.delete", I::WORD), owner(id), json!({"name": name})).await
        })
    });
    removed.await.map_err(|error: StoreError| match error {
        StoreError::Reference => SpaceError::Conflict("an endpoint uses it".to_owned()),
        error => error.into(),
    })
}

/// Names the endpoints that keep a part from being removed.
fn refuse_used(by: &[Connected]) -> Result<(), SpaceError> {
    if by.is_empty() {
        return Ok(());
    }
    let slugs: Vec<&str> = by.iter().map(|endpoint| endpoint.slug.as_str()).collect();
    Err(SpaceError::Conflict(format!(
        "endpoints use it: {}; remove them first, or say force=true to remove them too",
        slugs.join(", ")
    )))
}

/// The tenant's parts, oldest first, as they may be shown. `of` tells which of the two an endpoint uses.
pub(super) async fn list<I: PartId>(
    space: &Space,
    tenant: TenantId,
    of: impl Fn(&endpoints::Use) -> Option<I>,
) -> Result<Vec<Part<I>>, SpaceError> {
    let read = space.db.read(move |tx| {
        Box::pin(async move {
            let rows = store::list::<I>(tx, tenant).await?;
            Ok::<_, StoreError>((rows, endpoints::uses(tx, tenant).await?))
        })
    });
    let (rows, uses) = read.await?;
    let connected = |id| {
        let those = uses.iter().filter(|one| of(one) == Some(id));
        those.map(|one| one.endpoint.clone()).collect()
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let uses = connected(row.id);
            to_wire(row, uses)
        })
        .collect())
}

/// The tenant's part as it is stored.
pub(super) async fn row<I: PartId>(
    space: &Space,
    tenant: TenantId,
    id: I,
) -> Result<Option<PartRow<I>>, SpaceError> {
    let found = space.db.read(move |tx| Box::pin(async move { store::find(tx, tenant, id).await }));
    Ok(found.await.map_err(|error: StoreError| error)?)
}

pub(super) fn taken(error: StoreError, what: &str, name: &str) -> SpaceError {
    match error {
        StoreError::Conflict { .. } => {
            SpaceError::Conflict(format!("the {what} {name} exists already"))
        }
        error => error.into(),
    }
}

/// The row of an edited part, and which fields the edit names. The configuration is the caller's to settle.
pub(super) fn edited<I: PartId>(
    row: PartRow<I>,
    patch: &PartPatch,
    now: syfthub_core::Timestamp,
) -> (PartRow<I>, Vec<&'static str>) {
    let named = [
        ("name", patch.name.is_some()),
        ("summary", patch.summary.is_some()),
        ("tags", patch.tags.is_some()),
        ("configuration", patch.configuration.is_some()),
    ];
    let fields = named.into_iter().filter(|(_, named)| *named).map(|(name, _)| name).collect();
    let edited = PartRow {
        name: patch.name.clone().unwrap_or(row.name),
        summary: patch.summary.clone().unwrap_or(row.summary),
        tags: patch.tags.clone().unwrap_or(row.tags),
        updated_at: now,
        ..row
    };
    (edited, fields)
}

pub(super) fn to_wire<I: PartId>(row: PartRow<I>, connected_endpoints: Vec<Connected>) -> Part<I> {
    Part {
        id: row.id,
        name: row.name,
        dtype: row.dtype,
        configuration: secrets::masked(&row.configuration, &row.secrets),
        summary: row.summary,
        tags: row.tags,
        created_at: row.created_at,
        updated_at: row.updated_at,
        connected_endpoints,
    }
}
