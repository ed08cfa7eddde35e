//! Which datasets and models strangers may ask about.

use crate::db::{StoreError, Tx, params};
use crate::space::ids::{DatasetId, ModelId};

const DATASET: &str = "SELECT id FROM datasets WHERE name = $1 \
     AND EXISTS (SELECT 1 FROM endpoints WHERE dataset_id = datasets.id AND published)";

const MODEL: &str = "SELECT id FROM models WHERE name = $1 \
     AND EXISTS (SELECT 1 FROM endpoints WHERE model_id = models.id AND published)";

/// The dataset called `name`, when callers may ask an endpoint that searches it.
pub(crate) async fn public_dataset(
    tx: &mut Tx,
    name: &str,
) -> Result<Option<DatasetId>, StoreError> {
    tx.query_opt(DATASET, params![name]).await?.map(|row| row.get(0)).transpose()
}

/// The model called `name`, when callers may ask an endpoint that it answers.
pub(crate) async fn public_model(tx: &mut Tx, name: &str) -> Result<Option<ModelId>, StoreError> {
    tx.query_opt(MODEL, params![name]).await?.map(|row| row.get(0)).transpose()
}
