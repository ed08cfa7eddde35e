//! The lists of endpoints.

use std::time::Duration;

use clap::ValueEnum;

use super::values;

/// What public lists show, and how old they may be.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Registry")]
pub struct RegistrySettings {
    /// Types that public lists show: `modern` for all, `legacy` for clients that know `model` and `data_source` only
    #[arg(
        long,
        env = "SYFTHUB_PUBLIC_TYPES",
        value_name = "SYFTHUB_PUBLIC_TYPES",
        default_value = "modern"
    )]
    pub public_types: PublicTypes,

    /// Seconds that a public list may lag behind a change of another instance that this one has not heard of
    #[arg(
        long,
        env = "SYFTHUB_PUBLIC_LIST_MAX_AGE",
        value_name = "SYFTHUB_PUBLIC_LIST_MAX_AGE",
        default_value = "2",
        value_parser = values::seconds
    )]
    pub public_list_max_age: Duration,
}

/// Which types public lists show (contract hub 11, C3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PublicTypes {
    /// All, as they are.
    Modern,
    /// The two that the oldest clients know: `model_data_source` appears as `model`, `agent` does not appear.
    Legacy,
}
