//! Making, editing, listing and removing endpoints.

use serde_json::{Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};

use super::parts::taken;
use super::{Connected, Endpoint, NewEndpoint, ResponseType};
use crate::db::{StoreError, Tx};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::hub;
use crate::space::ids::{DatasetId, EndpointKey, ModelId, TenantId};
use crate::space::node::Space;
use crate::space::store::endpoints::{self as store, EndpointRow};
use crate::space::store::parts;

/// What to change of an endpoint; what is not named stays (contract space 1.3).
#[derive(Debug, Clone, Default, utoipa::ToSchema)]
pub(crate) struct EndpointPatch {
    /// 1 to 100 characters.
    name: Option<String>,
    /// At most 50,000 characters.
    description: Option<String>,
    /// At most 500 characters.
    summary: Option<String>,
    /// Separated by commas.
    tags: Option<String>,
    /// At most 20,000 characters.
    system_prompt: Option<String>,
    response_type: Option<ResponseType>,
    /// Whether callers may ask it.
    published: Option<bool>,
    dataset_id: Option<DatasetId>,
    model_id: Option<ModelId>,
}

impl Input for EndpointPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name: Option<String> = fields.optional_text("name", 100);
        if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            fields.refuse::<()>("name", Invalid::value("expected 1 to 100 characters"));
        }
        let patch = Self {
            name,
            description: fields.optional_text("description", 50_000),
            summary: fields.optional_text("summary", 500),
            tags: fields.optional_text("tags", 500),
            system_prompt: fields.optional_text("system_prompt", 20_000),
            response_type: fields.optional("response_type"),
            published: fields.optional("published"),
            dataset_id: fields.optional("dataset_id"),
            model_id: fields.optional("model_id"),
        };
        if patch.fields().is_empty() {
            let nothing = "name at least one field to change";
            return fields.refuse("name", Invalid::value(nothing));
        }
        Some(patch)
    }
}

impl EndpointPatch {
    fn fields(&self) -> Vec<&'static str> {
        let named = [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("summary", self.summary.is_some()),
            ("tags", self.tags.is_some()),
            ("system_prompt", self.system_prompt.is_some()),
            ("response_type", self.response_type.is_some()),
            ("published", self.published.is_some()),
            ("dataset_id", self.dataset_id.is_some()),
            ("model_id", self.model_id.is_some()),
        ];
        named.into_iter().filter(|(_, is_named)| *is_named).map(|(name, _)| name).collect()
    }

    fn onto(self, row: EndpointRow) -> EndpointRow {
        EndpointRow {
            name: self.name.unwrap_or(row.name),
            description: self.description.unwrap_or(row.description),
            summary: self.summary.unwrap_or(row.summary),
            tags: self.tags.unwrap_or(row.tags),
            system_prompt: self.system_prompt.unwrap_or(row.system_prompt),
            response_type: self.response_type.unwrap_or(row.response_type),
            published: self.published.unwrap_or(row.published),
            dataset_id: self.dataset_id.or(row.dataset_id),
            model_id: self.model_id.or(row.model_id),
            ..row
        }
    }
}

impl Space {
    /// Makes an endpoint.
    ///
    /// # Errors
    /// When it has neither a dataset nor a model, one of them does not exist, or the slug is taken.
    pub async fn new_endpoint(
        &self,
        actor: &Actor,
        new: NewEndpoint,
    ) -> Result<Endpoint, SpaceError> {
        if new.dataset_id.is_none() && new.model_id.is_none() {
            return Err(SpaceError::refused("an endpoint needs a dataset or a model"));
        }
        if new.slug.is_reserved() {
            return Err(SpaceError::refused(format!("the slug {} is reserved", new.slug)));
        }
        let now = self.clock.now();
        let row = EndpointRow {
            id: EndpointKey::new(),
            tenant: actor.tenant,
            slug: new.slug,
            name: new.name,
            description: new.description,
            summary: new.summary,
            dataset_id: new.dataset_id,
            model_id: new.model_id,
            response_type: new.response_type,
            published: new.published,
            published_to: Vec::new(),
            tags: new.tags,
            system_prompt: new.system_prompt,
            is_archived: false,
            created_at: now,
            updated_at: now,
        };
        let (stored, trace) = (row.clone(), actor.trace(now));
        let slug = row.slug.to_string();
        let inserted = self.db.write(move |tx| {
            Box::pin(async move {
                has_parts(tx, &stored).await?;
                let inserted = store::insert(tx, &stored).await;
                inserted.map_err(|error| taken(error, "endpoint", &slug))?;
                let detail = json!({"slug": stored.slug.as_str()});
                trace.note(tx, "endpoint.create", subject(&stored), detail).await?;
                Ok::<_, SpaceError>(())
            })
        });
        inserted.await?;
        Ok(to_wire(row))
    }

    /// The endpoint at this slug over the same parts; it is made unless it exists. Its texts become those given.
    ///
    /// # Errors
    /// As [`Space::new_endpoint`], or when the slug belongs to an endpoint over other parts.
    pub async fn add_endpoint(
        &self,
        actor: &Actor,
        new: NewEndpoint,
    ) -> Result<Endpoint, SpaceError> {
        let Some(existing) = self.endpoint_row(actor.tenant, new.slug.as_str()).await? else {
            return self.new_endpoint(actor, new).await;
        };
        if (existing.dataset_id, existing.model_id, existing.response_type)
            != (new.dataset_id, new.model_id, new.response_type)
        {
            return Err(SpaceError::Conflict(format!(
                "the endpoint {} exists over other parts",
                new.slug
            )));
        }
        let row = EndpointRow {
            name: new.name,
            description: new.description,
            summary: new.summary,
            tags: new.tags,
            system_prompt: new.system_prompt,
            ..existing
        };
        let fields = vec!["name", "description", "summary", "tags", "system_prompt"];
        self.store_edit(actor, row, fields).await
    }

    /// Changes an endpoint. One that a hub lists stays open to callers: it has to be taken off there first.
    pub(crate) async fn edit_endpoint(
        &self,
        actor: &Actor,
        slug: &str,
        patch: EndpointPatch,
    ) -> Result<Endpoint, SpaceError> {
        let row = self.own_endpoint(actor.tenant, slug).await?;
        if patch.published == Some(false) {
            refuse_listed(&row)?;
        }
        let fields = patch.fields();
        self.store_edit(actor, patch.onto(row), fields).await
    }

    /// Puts an endpoint away, or takes it out again (contract space 1.9).
    pub(crate) async fn archive_endpoint(
        &self,
        actor: &Actor,
        slug: &str,
        away: bool,
    ) -> Result<Endpoint, SpaceError> {
        let row = self.own_endpoint(actor.tenant, slug).await?;
        if away {
            refuse_listed(&row)?;
        }
        self.store_edit(actor, EndpointRow { is_archived: away, ..row }, vec!["is_archived"]).await
    }

    async fn store_edit(
        &self,
        actor: &Actor,
        row: EndpointRow,
        fields: Vec<&'static str>,
    ) -> Result<Endpoint, SpaceError> {
        let row = EndpointRow { updated_at: self.clock.now(), ..row };
        let (stored, trace) = (row.clone(), actor.trace(row.updated_at));
        let updated = self.db.write(move |tx| {
            Box::pin(async move {
                has_parts(tx, &stored).await?;
                store::describe(tx, &stored).await?;
                let detail = json!({ "fields": fields });
                trace.note(tx, "endpoint.update", subject(&stored), detail).await?;
                Ok::<_, SpaceError>(())
            })
        });
        updated.await?;
        self.hubs.look_at_listings(row.tenant);
        Ok(to_wire(row))
    }

    /// The tenant's endpoints, oldest first.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub async fn endpoints(&self, actor: &Actor) -> Result<Vec<Endpoint>, SpaceError> {
        Ok(self.endpoint_rows(actor.tenant).await?.into_iter().map(to_wire).collect())
    }

    /// The tenant's endpoints as they are stored, oldest first.
    pub(crate) async fn endpoint_rows(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        self.db.read(move |tx| Box::pin(async move { store::list(tx, tenant).await })).await
    }

    /// Removes an endpoint: callers are answered no more, and hubs are told to take it off.
    pub(crate) async fn remove_endpoint(
        &self,
        actor: &Actor,
        slug: &str,
    ) -> Result<(), SpaceError> {
        let row = self.own_endpoint(actor.tenant, slug).await?;
        let (gone, trace) = (row.clone(), actor.trace(self.clock.now()));
        let removed = self.db.write(move |tx| {
            Box::pin(async move {
                hub::unwant(tx, &row, trace.at).await?;
                store::delete(tx, row.id).await?;
                let detail = json!({"slug": row.slug.as_str()});
                trace.note(tx, "endpoint.delete", subject(&row), detail).await
            })
        });
        removed.await.map_err(|error: StoreError| error)?;
        self.take_off(&gone).await
    }

    /// Removes these endpoints, one after the other.
    pub(crate) async fn remove_endpoints(
        &self,
        actor: &Actor,
        endpoints: &[Connected],
    ) -> Result<(), SpaceError> {
        for endpoint in endpoints {
            self.remove_endpoint(actor, &endpoint.slug).await?;
        }
        Ok(())
    }

    /// The tenant's endpoint at `slug` as it is stored.
    pub(crate) async fn endpoint_row(
        &self,
        tenant: TenantId,
        slug: &str,
    ) -> Result<Option<EndpointRow>, StoreError> {
        let slug = slug.to_owned();
        self.db.read(move |tx| Box::pin(async move { store::find(tx, tenant, &slug).await })).await
    }

    /// As [`Space::endpoint_row`]; a refusal when there is none.
    pub(crate) async fn own_endpoint(
        &self,
        tenant: TenantId,
        slug: &str,
    ) -> Result<EndpointRow, SpaceError> {
        self.endpoint_row(tenant, slug).await?.ok_or(SpaceError::NotFound("endpoint"))
    }
}

/// The parts that the row names exist, and are its tenant's own.
async fn has_parts(tx: &mut Tx, row: &EndpointRow) -> Result<(), SpaceError> {
    if let Some(id) = row.dataset_id {
        parts::find(tx, row.tenant, id).await?.ok_or(SpaceError::NotFound("dataset"))?;
    }
    if let Some(id) = row.model_id {
        parts::find(tx, row.tenant, id).await?.ok_or(SpaceError::NotFound("model"))?;
    }
    Ok(())
}

fn refuse_listed(row: &EndpointRow) -> Result<(), SpaceError> {
    if row.published_to.is_empty() {
        Ok(())
    } else {
        Err(SpaceError::Conflict("a hub lists it; unpublish it first".to_owned()))
    }
}

fn subject(row: &EndpointRow) -> String {
    format!("endpoint:{}", row.id)
}

pub(super) fn to_wire(row: EndpointRow) -> Endpoint {
    Endpoint {
        id: row.id,
        slug: row.slug.to_string(),
        name: row.name,
        description: row.description,
        summary: row.summary,
        dataset_id: row.dataset_id,
        model_id: row.model_id,
        response_type: row.response_type,
        published: row.published,
        listed: row.published_to.len(),
        tags: row.tags,
        system_prompt: row.system_prompt,
        is_archived: row.is_archived,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
