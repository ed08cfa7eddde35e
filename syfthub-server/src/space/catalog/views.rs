//! Endpoints with what stands behind them, as the owner's pages show them (contract space 1.7).

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::endpoints::to_wire;
use super::{Dataset, Endpoint, Model};
use crate::space::error::SpaceError;
use crate::space::ids::{DatasetId, ModelId, PolicyId, TenantId};
use crate::space::node::Space;
use crate::space::store::endpoints::EndpointRow;

/// The dataset behind an endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DatasetBehind {
    id: DatasetId,
    name: String,
    summary: String,
    dtype: String,
    configuration: Map<String, Value>,
}

/// The model behind an endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ModelBehind {
    id: ModelId,
    name: String,
    dtype: String,
    configuration: Map<String, Value>,
}

/// An endpoint in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EndpointItem {
    #[serde(flatten)]
    endpoint: Endpoint,
    dataset: Option<DatasetBehind>,
    model: Option<ModelBehind>,
}

/// An endpoint by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EndpointDetail {
    #[serde(flatten)]
    item: EndpointItem,
    policies: Vec<PolicyBehind>,
}

/// A policy that guards an endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PolicyBehind {
    id: PolicyId,
    name: String,
    policy_type: String,
    configuration: Map<String, Value>,
}

impl Space {
    /// The tenant's endpoints with their parts, oldest first.
    pub(crate) async fn endpoint_items(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<EndpointItem>, SpaceError> {
        let (datasets, models) = (self.datasets(tenant).await?, self.models(tenant).await?);
        let rows = self.endpoint_rows(tenant).await?;
        Ok(rows.into_iter().map(|row| item(row, &datasets, &models)).collect())
    }

    /// The tenant's endpoint at `slug` with everything about it.
    pub(crate) async fn endpoint_detail(
        &self,
        tenant: TenantId,
        slug: &str,
    ) -> Result<EndpointDetail, SpaceError> {
        let row = self.own_endpoint(tenant, slug).await?;
        let (datasets, models) = (self.datasets(tenant).await?, self.models(tenant).await?);
        let policies = self.policies_of(row.id).await?.into_iter().map(|policy| PolicyBehind {
            id: policy.id,
            name: policy.name,
            policy_type: policy.policy_type,
            configuration: policy.configuration,
        });
        let policies = policies.collect();
        Ok(EndpointDetail { item: item(row, &datasets, &models), policies })
    }
}

fn item(row: EndpointRow, datasets: &[Dataset], models: &[Model]) -> EndpointItem {
    let dataset = datasets.iter().find(|dataset| row.dataset_id == Some(dataset.id));
    let model = models.iter().find(|model| row.model_id == Some(model.id));
    EndpointItem {
        dataset: dataset.map(|dataset| DatasetBehind {
            id: dataset.id,
            name: dataset.name.clone(),
            summary: dataset.summary.clone(),
            dtype: dataset.dtype.clone(),
            configuration: dataset.configuration.clone(),
        }),
        model: model.map(|model| ModelBehind {
            id: model.id,
            name: model.name.clone(),
            dtype: model.dtype.clone(),
            configuration: model.configuration.clone(),
        }),
        endpoint: to_wire(row),
    }
}
