//! The tenants of a space, and which one a request is for (contract space 6).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::{HeaderMap, HeaderName};
use serde::Serialize;
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Slug, Timestamp};
use utoipa::ToSchema;

use super::Actor;
use crate::db::StoreError;
use crate::http::ApiError;
use crate::space::error::SpaceError;
use crate::space::ids::TenantId;
use crate::space::node::Space;
use crate::space::store::tenants::{self as store, TenantRow};

/// The header that names a tenant.
const HEADER: HeaderName = HeaderName::from_static("x-tenant-name");

/// A tenant as those who run the node see it (contract space 1.7).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tenant {
    /// The tenant.
    pub id: TenantId,
    /// What requests call it, like a slug.
    pub name: String,
    /// For people.
    pub display_name: String,
    /// A host name that stands for it; informative.
    pub domain: Option<String>,
    /// Whether it can be used.
    pub is_active: bool,
    /// Whatever those who run the node want to keep about it.
    pub meta: Map<String, Value>,
    /// When it was made. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was changed last. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A tenant to be made.
#[derive(Debug, Clone, ToSchema)]
pub(crate) struct NewTenant {
    /// Like a slug: 3 to 63 lower-case letters, digits and single hyphens.
    #[schema(value_type = String)]
    name: Slug,
    /// For people, 1 to 100 characters.
    display_name: String,
    /// A host name, at most 255 characters.
    domain: Option<String>,
    /// An object of your own.
    meta: Map<String, Value>,
}

impl Input for NewTenant {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name: Option<Slug> = fields.required("name");
        if name.as_ref().is_some_and(|name| matches!(name.as_str(), "root" | "default")) {
            fields.refuse::<()>("name", Invalid::value("this name is reserved"));
        }
        let display_name = fields.text("display_name", 1, 100);
        let domain = fields.optional("domain");
        let meta = fields.optional::<Map<String, Value>>("meta").unwrap_or_default();
        Some(Self { name: name?, display_name: display_name?, domain, meta })
    }
}

/// What to change of a tenant; what is not named stays.
#[derive(Debug, Clone, ToSchema)]
pub(crate) struct TenantPatch {
    display_name: Option<String>,
    domain: Option<String>,
    is_active: Option<bool>,
    meta: Option<Map<String, Value>>,
}

impl Input for TenantPatch {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        Some(Self {
            display_name: fields.optional("display_name"),
            domain: fields.optional("domain"),
            is_active: fields.optional("is_active"),
            meta: fields.optional("meta"),
        })
    }
}

/// The tenants by name. With multi-tenancy off there is one, and nobody has to name it.
pub(crate) struct Tenants {
    is_multi: bool,
    by_name: RwLock<Arc<HashMap<String, TenantRow>>>,
}

impl Tenants {
    /// No tenants yet; [`Space::open_tenants`] reads them.
    pub(crate) fn new(is_multi: bool) -> Self {
        Self { is_multi, by_name: RwLock::default() }
    }

    /// Whether there may be more than one.
    pub(crate) fn is_multi(&self) -> bool {
        self.is_multi
    }

    fn all(&self) -> Arc<HashMap<String, TenantRow>> {
        Arc::clone(&self.by_name.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, rows: Vec<TenantRow>) {
        let by_name = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
        *self.by_name.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(by_name);
    }

    /// The name of the tenant in published addresses; `None` while there is only one.
    pub(crate) fn published_name(&self, id: TenantId) -> Option<String> {
        let all = self.all();
        let row = all.values().find(|row| row.id == id)?;
        self.is_multi.then(|| row.name.clone())
    }

    /// Every tenant.
    pub(crate) fn ids(&self) -> Vec<TenantId> {
        self.all().values().map(|row| row.id).collect()
    }

    /// The name of the tenant, for people.
    pub(crate) fn name(&self, id: TenantId) -> Option<String> {
        self.all().values().find(|row| row.id == id).map(|row| row.name.clone())
    }

    /// The tenant that the header names: 400 without one, 404 when there is none of that name, 403 when it is switched
    /// off (contract space 2.3).
    pub(crate) fn named_in(&self, headers: &HeaderMap) -> Result<TenantId, ApiError> {
        if !self.is_multi {
            return Ok(TenantId::ROOT);
        }
        let name = header(headers)?.ok_or_else(|| {
            ApiError::bad_request("Name a tenant: the header X-Tenant-Name is required")
        })?;
        self.named(name)
    }

    /// The tenant called `name`, as [`Tenants::named_in`].
    pub(crate) fn named(&self, name: &str) -> Result<TenantId, ApiError> {
        let all = self.all();
        let row = all.get(name).ok_or_else(|| ApiError::not_found("Tenant not found"))?;
        if row.is_active {
            Ok(row.id)
        } else {
            Err(ApiError::forbidden("This tenant is switched off"))
        }
    }

    /// The tenant of a question: named in its path or in the header, and in both alike.
    pub(crate) fn asked(
        &self,
        in_path: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<TenantId, ApiError> {
        match in_path {
            None => self.named_in(headers),
            Some(_) if !self.is_multi => Err(ApiError::not_found("Not Found")),
            Some(name) if header(headers)?.is_none_or(|other| other == name) => self.named(name),
            Some(_) => Err(ApiError::bad_request("The path and X-Tenant-Name name two tenants")),
        }
    }

    /// Lets an account of `tenant` in, unless the header names another one. Whether that one exists is not told.
    pub(crate) fn admit(
        &self,
        headers: &HeaderMap,
        tenant: TenantId,
    ) -> Result<TenantId, ApiError> {
        let all = self.all();
        let own = all.values().find(|row| row.id == tenant).filter(|row| row.is_active);
        let own = own.ok_or_else(|| ApiError::forbidden("This tenant is switched off"))?;
        match header(headers)? {
            Some(name) if self.is_multi && name != own.name => {
                Err(ApiError::forbidden("This account belongs to another tenant"))
            }
            _ => Ok(tenant),
        }
    }
}

fn header(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let name = value.to_str().map_err(|_| ApiError::bad_request("X-Tenant-Name is no name"))?;
    Ok(Some(name.trim()).filter(|name| !name.is_empty()))
}

impl Space {
    /// Reads the tenants anew.
    pub(crate) async fn open_tenants(&self) -> Result<(), StoreError> {
        let rows = self.db.read(|tx| Box::pin(async move { store::list(tx).await })).await?;
        self.tenants.replace(rows);
        Ok(())
    }

    /// All tenants, oldest first.
    pub(crate) fn list_tenants(&self) -> Vec<Tenant> {
        let mut rows: Vec<TenantRow> = self.tenants.all().values().cloned().collect();
        rows.sort_by_key(|row| (row.created_at, row.id));
        rows.into_iter().map(to_wire).collect()
    }

    /// Makes a tenant.
    pub(crate) async fn add_tenant(
        &self,
        actor: &Actor,
        new: NewTenant,
    ) -> Result<Tenant, SpaceError> {
        if !self.tenants.is_multi() {
            return Err(SpaceError::Forbidden(
                "this space has one tenant; set SPACE_MULTI_TENANCY=true for more".to_owned(),
            ));
        }
        let now = self.clock.now();
        let row = TenantRow {
            id: TenantId::new(),
            name: new.name.to_string(),
            display_name: new.display_name,
            domain: new.domain,
            meta: new.meta,
            is_active: true,
            created_at: now,
            updated_at: now,
        };
        let (stored, trace) = (row.clone(), actor.trace(now));
        let inserted = self.db.write(move |tx| {
            Box::pin(async move {
                store::insert(tx, &stored).await?;
                let subject = format!("tenant:{}", stored.id);
                trace.note(tx, "tenant.create", subject, json!({"name": stored.name})).await
            })
        });
        inserted.await.map_err(taken)?;
        self.open_tenants().await?;
        Ok(to_wire(row))
    }

    /// Changes a tenant. The root tenant stays switched on.
    pub(crate) async fn edit_tenant(
        &self,
        actor: &Actor,
        name: &str,
        patch: TenantPatch,
    ) -> Result<Tenant, SpaceError> {
        let found = self.tenants.all().get(name).cloned();
        let mut row = found.ok_or(SpaceError::NotFound("tenant"))?;
        if row.id == TenantId::ROOT && patch.is_active == Some(false) {
            return Err(SpaceError::refused("the root tenant cannot be switched off"));
        }
        row.display_name = patch.display_name.unwrap_or(row.display_name);
        row.domain = patch.domain.or(row.domain);
        row.is_active = patch.is_active.unwrap_or(row.is_active);
        row.meta = patch.meta.unwrap_or(row.meta);
        row.updated_at = self.clock.now();
        let (stored, trace) = (row.clone(), actor.trace(row.updated_at));
        let updated = self.db.write(move |tx| {
            Box::pin(async move {
                store::update(tx, &stored).await?;
                let subject = format!("tenant:{}", stored.id);
                let detail = json!({"name": stored.name, "is_active": stored.is_active});
                trace.note(tx, "tenant.update", subject, detail).await
            })
        });
        updated.await.map_err(taken)?;
        self.open_tenants().await?;
        Ok(to_wire(row))
    }
}

fn taken(error: StoreError) -> SpaceError {
    match error {
        StoreError::Conflict { .. } => {
            SpaceError::Conflict("a tenant of this name or domain exists already".to_owned())
        }
        error => error.into(),
    }
}

fn to_wire(row: TenantRow) -> Tenant {
    Tenant {
        id: row.id,
        name: row.name,
        display_name: row.display_name,
        domain: row.domain,
        is_active: row.is_active,
        meta: row.meta,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
