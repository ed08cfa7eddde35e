//! Which datasets and models strangers may ask about.

use crate::db::{StoreError, Tx, params};
use crate::space::ids::{DatasetId, ModelId, TenantId};

const DATASET: &str = "SELECT id FROM datasets WHERE tenant_id = $1 AND name = $2 \
     AND EXISTS (SELECT 1 FROM endpoints WHERE dataset_id = datasets.id AND published AND NOT is_archived)";

const MODEL: &str = "SELECT id FROM models WHERE tenant_id = $1 AND name = $2 \
     AND EXISTS (SELECT 1 FROM endpoints WHERE model_id = models.id AND published AND NOT is_archived)";

/// The dataset called `name`, when callers may ask an endpoint that searches it.
pub(crate) async fn public_dataset(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Option<DatasetId>, StoreError> {
    tx.query_opt(DATASET, params![tenant, name]).await?.map(|row| row.get(0)).transpose()
}

/// The model called `name`, when callers may ask an endpoint that it answers.
pub(crate) async fn public_model(
    tx: &mut Tx,
    tenant: TenantId,
    name: &str,
) -> Result<Option<ModelId>, StoreError> {
    tx.query_opt(MODEL, params![tenant, name]).await?.map(|row| row.get(0)).transpose()
}
