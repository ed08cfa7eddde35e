//! Making, editing, listing and removing datasets.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::parts::{self, PartPatch};
use super::{Dataset, NewPart, secrets};
use crate::space::access::Actor;
use crate::space::datasets::{self, DatasetType, Wanted};
use crate::space::error::SpaceError;
use crate::space::ids::{DatasetId, TenantId};
use crate::space::node::Space;
use crate::space::store::parts::DatasetRow;

impl Space {
    /// Makes a dataset and starts to fill it.
    ///
    /// # Errors
    /// When the type is unknown, the configuration cannot be used, or the name is taken.
    pub async fn add_dataset(&self, actor: &Actor, new: NewPart) -> Result<Dataset, SpaceError> {
        let kind = kind(&new.dtype)?;
        secrets::refuse_masks(&kind.info(), &new.configuration)?;
        let settled = self.settle(kind, actor.tenant, new.configuration).await?;
        let id = DatasetId::new();
        let (configuration, secrets) = parts::sealed(self, id, &kind.info(), settled);
        let now = self.clock.now();
        let row = DatasetRow {
            id,
            tenant: actor.tenant,
            name: new.name,
            dtype: new.dtype,
            configuration,
            secrets,
            summary: new.summary,
            tags: new.tags,
            created_at: now,
            updated_at: now,
        };
        parts::insert(self, actor, &row).await?;
        self.open_dataset(&row).await?;
        Ok(parts::to_wire(row, Vec::new()))
    }

    /// The dataset called `name` over the files below `folder`; it is made unless it exists.
    ///
    /// # Errors
    /// When the folder cannot be read, or the name belongs to a dataset of something else.
    pub async fn add_folder_dataset(
        &self,
        actor: &Actor,
        name: &str,
        folder: &Path,
    ) -> Result<Dataset, SpaceError> {
        let configuration = json!({"filePaths": [{"path": folder}]});
        let configuration = configuration.as_object().cloned().unwrap_or_default();
        let Some(existing) = self.find_dataset(actor.tenant, name).await? else {
            return self.add_dataset(actor, NewPart::new(name, "local_file", configuration)).await;
        };
        let wanted = tokio::fs::canonicalize(folder).await;
        let wanted = wanted
            .map_err(|error| SpaceError::refused(format!("{}: {error}", folder.display())))?;
        if existing.dtype == "local_file"
            && existing.configuration["filePaths"][0]["path"] == json!(wanted)
        {
            return Ok(existing);
        }
        Err(SpaceError::Conflict(format!(
            "the dataset {name} exists and does not read {}",
            wanted.display()
        )))
    }

    /// Changes a dataset. With another configuration it is opened anew.
    pub(crate) async fn edit_dataset(
        &self,
        actor: &Actor,
        name: &str,
        patch: PartPatch,
    ) -> Result<Dataset, SpaceError> {
        let found = self.find_dataset(actor.tenant, name).await?;
        let found = found.ok_or(SpaceError::NotFound("dataset"))?;
        let row = parts::row(self, actor.tenant, found.id).await?;
        let row = row.ok_or(SpaceError::NotFound("dataset"))?;
        let (mut row, fields) = parts::edited(row, &patch, self.clock.now());
        let is_other = patch.configuration.is_some();
        if let Some(patch) = patch.configuration {
            let kind = kind(&row.dtype)?;
            let info = kind.info();
            let whole = secrets::merged(&info, &parts::opened(self, &row)?, patch)?;
            let settled = self.settle(kind, actor.tenant, whole).await?;
            (row.configuration, row.secrets) = parts::sealed(self, row.id, &info, settled);
        }
        parts::update(self, actor, &row, fields).await?;
        if let Some(ingestion) = self.dataset(row.id).as_deref().and_then(|open| open.ingestion()) {
            ingestion.rename(&row.name);
        }
        if is_other {
            self.close_dataset(row.id).await;
            self.open_dataset(&row).await?;
        }
        Ok(parts::to_wire(row, found.connected_endpoints))
    }

    /// The tenant's datasets, oldest first.
    pub(crate) async fn datasets(&self, tenant: TenantId) -> Result<Vec<Dataset>, SpaceError> {
        parts::list(self, tenant, |used| used.dataset).await
    }

    /// The tenant's dataset called `name`.
    pub(crate) async fn find_dataset(
        &self,
        tenant: TenantId,
        name: &str,
    ) -> Result<Option<Dataset>, SpaceError> {
        Ok(self.datasets(tenant).await?.into_iter().find(|dataset| dataset.name == name))
    }

    /// Removes a dataset with its index. One that endpoints use stays.
    pub(crate) async fn remove_dataset(&self, actor: &Actor, name: &str) -> Result<(), SpaceError> {
        let dataset = self.find_dataset(actor.tenant, name).await?;
        let dataset = dataset.ok_or(SpaceError::NotFound("dataset"))?;
        parts::delete(self, actor, &dataset).await?;
        if let Some(open) = self.close_dataset(dataset.id).await
            && let Err(error) = open.discard().await
        {
            tracing::warn!(
                dataset = %dataset.id,
                error = &error as &dyn std::error::Error,
                "a removed dataset stays in its store"
            );
        }
        let index = self.state.index(dataset.id);
        let swept = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(index)).await?;
        match swept {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(dataset = %dataset.id, %error, "the index of a removed dataset stays on disk");
            }
            _ => {}
        }
        Ok(())
    }

    /// Opens what the row describes.
    pub(crate) async fn open_dataset(&self, row: &DatasetRow) -> Result<(), SpaceError> {
        let configuration = parts::opened(self, row)?;
        let wanted = Wanted {
            id: row.id,
            name: &row.name,
            configuration: &configuration,
            state: &self.state,
            around: &self.around,
            provisioners: &self.provisioners,
            outbound_allow: &self.config.outbound.allow,
        };
        let dataset = kind(&row.dtype)?.open(wanted).await?;
        self.open_datasets().insert(row.id, dataset);
        Ok(())
    }

    async fn close_dataset(&self, id: DatasetId) -> Option<Arc<dyn datasets::Dataset>> {
        let open = self.open_datasets().remove(&id)?;
        open.close().await;
        Some(open)
    }

    /// The dataset, when it is open.
    pub(crate) fn dataset(&self, id: DatasetId) -> Option<Arc<dyn datasets::Dataset>> {
        self.open_datasets().get(&id).cloned()
    }

    /// The dataset, when it is the tenant's and open.
    pub(crate) async fn own_dataset(
        &self,
        tenant: TenantId,
        id: DatasetId,
    ) -> Result<Arc<dyn datasets::Dataset>, SpaceError> {
        parts::row(self, tenant, id).await?.ok_or(SpaceError::NotFound("dataset"))?;
        self.dataset(id).ok_or(SpaceError::NotFound("dataset"))
    }

    /// The configuration in full, once it is sure that it can be used, and by this tenant.
    pub(super) async fn settle(
        &self,
        kind: &'static dyn DatasetType,
        tenant: TenantId,
        configuration: Map<String, Value>,
    ) -> Result<Map<String, Value>, SpaceError> {
        let files = self.files_of(tenant);
        let settled = tokio::task::spawn_blocking(move || {
            let settled = kind.settle(&configuration)?;
            files.admit(&settled)?;
            Ok::<_, crate::space::kind::BadConfiguration>(settled)
        });
        let settled = settled.await??;
        self.provision(kind, &settled).await?;
        Ok(settled)
    }
}

pub(super) fn kind(dtype: &str) -> Result<&'static dyn DatasetType, SpaceError> {
    datasets::find(dtype)
        .ok_or_else(|| SpaceError::refused(format!("there is no dataset type {dtype}")))
}
