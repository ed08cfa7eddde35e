//! Making, listing and removing datasets.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::{Connected, Dataset, NewPart};
use crate::db::StoreError;
use crate::space::datasets::{self, Wanted};
use crate::space::error::SpaceError;
use crate::space::ids::DatasetId;
use crate::space::node::Space;
use crate::space::store::datasets::{self as store, DatasetRow};
use crate::space::store::endpoints;

impl Space {
    /// Makes a dataset and starts to fill it.
    ///
    /// # Errors
    /// When the type is unknown, the configuration cannot be used, or the name is taken.
    pub async fn add_dataset(&self, new: NewPart) -> Result<Dataset, SpaceError> {
        let kind = datasets::find(&new.dtype).ok_or_else(|| {
            SpaceError::refused(format!("there is no dataset type {}", new.dtype))
        })?;
        let configuration = new.configuration.clone();
        let settled = tokio::task::spawn_blocking(move || kind.settle(&configuration)).await??;
        let now = self.clock.now();
        let row = DatasetRow {
            id: DatasetId::new(),
            name: new.name,
            dtype: new.dtype,
            configuration: settled,
            summary: new.summary,
            tags: new.tags,
            created_at: now,
            updated_at: now,
        };
        let stored = row.clone();
        let inserted = self
            .db
            .write(move |tx| Box::pin(async move { store::insert(tx, &stored).await }))
            .await;
        inserted.map_err(|error: StoreError| taken(error, "dataset", &row.name))?;
        self.open_dataset(&row).await?;
        Ok(to_wire(row, Vec::new()))
    }

    /// The dataset called `name` over the files below `folder`; it is made unless it exists.
    ///
    /// # Errors
    /// When the folder cannot be read, or the name belongs to a dataset of something else.
    pub async fn add_folder_dataset(
        &self,
        name: &str,
        folder: &Path,
    ) -> Result<Dataset, SpaceError> {
        let configuration = json!({"filePaths": [{"path": folder}]});
        let configuration = configuration.as_object().cloned().unwrap_or_default();
        let Some(existing) = self.find_dataset(name).await? else {
            return self.add_dataset(NewPart::new(name, "local_file", configuration)).await;
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

    /// All datasets, oldest first.
    pub(crate) async fn datasets(&self) -> Result<Vec<Dataset>, SpaceError> {
        let (rows, connected) = self
            .db
            .read(|tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((store::list(tx).await?, endpoints::connected(tx).await?))
                })
            })
            .await?;
        let of = |id| {
            connected
                .iter()
                .filter(move |(_, dataset, _)| *dataset == Some(id))
                .map(|(endpoint, ..)| endpoint.clone())
        };
        Ok(rows
            .into_iter()
            .map(|row| {
                let uses = of(row.id).collect();
                to_wire(row, uses)
            })
            .collect())
    }

    /// The dataset called `name`.
    pub(crate) async fn find_dataset(&self, name: &str) -> Result<Option<Dataset>, SpaceError> {
        Ok(self.datasets().await?.into_iter().find(|dataset| dataset.name == name))
    }

    /// Removes a dataset with its index. One that endpoints use stays.
    pub(crate) async fn remove_dataset(&self, name: &str) -> Result<(), SpaceError> {
        let dataset = self.find_dataset(name).await?.ok_or(SpaceError::NotFound("dataset"))?;
        refuse_used(&dataset.connected_endpoints)?;
        let id = dataset.id;
        let removed =
            self.db.write(move |tx| Box::pin(async move { store::delete(tx, id).await })).await;
        removed.map_err(|error: StoreError| in_use(error))?;
        self.open_datasets().remove(&id);
        let index = self.state.index(id);
        let swept = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(index)).await?;
        if let Err(error) = swept {
            tracing::warn!(dataset = %id, %error, "the index of a removed dataset stays on disk");
        }
        Ok(())
    }

    /// Opens what the row describes.
    pub(crate) async fn open_dataset(&self, row: &DatasetRow) -> Result<(), SpaceError> {
        let kind = datasets::find(&row.dtype).ok_or_else(|| {
            SpaceError::refused(format!("there is no dataset type {}", row.dtype))
        })?;
        let wanted = Wanted {
            id: row.id,
            name: &row.name,
            configuration: &row.configuration,
            state: &self.state,
            around: &self.around,
        };
        let dataset = kind.open(wanted).await?;
        self.open_datasets().insert(row.id, dataset);
        Ok(())
    }

    /// The dataset, when it is open.
    pub(crate) fn dataset(&self, id: DatasetId) -> Option<Arc<dyn datasets::Dataset>> {
        self.open_datasets().get(&id).cloned()
    }
}

pub(super) fn taken(error: StoreError, what: &str, name: &str) -> SpaceError {
    match error {
        StoreError::Conflict { .. } => {
            SpaceError::Conflict(format!("the {what} {name} exists already"))
        }
        error => error.into(),
    }
}

pub(super) fn in_use(error: StoreError) -> SpaceError {
    match error {
        StoreError::Reference => SpaceError::Conflict("an endpoint uses it".to_owned()),
        error => error.into(),
    }
}

/// Names the endpoints that keep a part from being removed.
pub(super) fn refuse_used(by: &[Connected]) -> Result<(), SpaceError> {
    if by.is_empty() {
        return Ok(());
    }
    let slugs: Vec<&str> = by.iter().map(|endpoint| endpoint.slug.as_str()).collect();
    Err(SpaceError::Conflict(format!("endpoints use it: {}", slugs.join(", "))))
}

fn to_wire(row: DatasetRow, connected_endpoints: Vec<Connected>) -> Dataset {
    Dataset {
        id: row.id,
        name: row.name,
        dtype: row.dtype,
        configuration: row.configuration,
        summary: row.summary,
        tags: row.tags,
        created_at: row.created_at,
        updated_at: row.updated_at,
        connected_endpoints,
    }
}
