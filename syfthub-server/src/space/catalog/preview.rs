//! What a dataset would share, before it is made.

use serde_json::{Map, Value};

use super::datasets::kind;
use crate::space::error::SpaceError;
use crate::space::ids::TenantId;
use crate::space::ingest::Preview;
use crate::space::node::Space;

impl Space {
    /// The files that a dataset of this type and configuration would read.
    ///
    /// # Errors
    /// When the type is unknown or reads no files, or the configuration cannot be used by this tenant.
    pub(crate) async fn preview_dataset(
        &self,
        tenant: TenantId,
        dtype: &str,
        configuration: Map<String, Value>,
    ) -> Result<Preview, SpaceError> {
        let kind = kind(dtype)?;
        let settled = self.settle(kind, tenant, configuration).await?;
        let selection = kind.selection(&settled)?.ok_or_else(|| {
            SpaceError::refused(format!("datasets of the type {dtype} read no files"))
        })?;
        Ok(tokio::task::spawn_blocking(move || selection.preview()).await?)
    }
}
