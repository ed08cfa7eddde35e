//! What an answer cost, and who says so (contract aggregator 1.14).

use serde::{Deserialize, Serialize};

use super::space::PolicyEntry;

/// What the policies of the endpoints behind an answer did, and what was charged in all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Billing {
    /// The sum over the charged entries, when they share one currency; absent when nothing was charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_cost: Option<f64>,
    /// The currency of the sum, where the entries say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What each policy did: the sources in the order of the request, then the model.
    #[serde(default)]
    pub entries: Vec<BillingEntry>,
}

/// What one policy of one endpoint did.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BillingEntry {
    /// Path of the endpoint that says so: `owner/slug`.
    #[serde(default)]
    pub source: String,
    /// What it says.
    #[serde(flatten)]
    pub entry: PolicyEntry,
}
