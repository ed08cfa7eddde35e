//! How a space finds out whether its datasets and models are well.

use std::time::Duration;

use super::values;

/// Checks of datasets and models.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Health")]
pub struct SpaceHealthSettings {
    /// Seconds for which a check of a dataset or model counts; who asks meanwhile causes no further one
    #[arg(
        id = "space_health_max_age",
        long = "health-max-age",
        env = "SPACE_HEALTH_MAX_AGE",
        value_name = "SPACE_HEALTH_MAX_AGE",
        default_value = "30",
        value_parser = values::seconds
    )]
    pub max_age: Duration,

    /// Seconds after which a dataset or model that has not answered a check is unhealthy
    #[arg(
        id = "space_health_timeout",
        long = "health-timeout",
        env = "SPACE_HEALTH_TIMEOUT",
        value_name = "SPACE_HEALTH_TIMEOUT",
        default_value = "5",
        value_parser = values::seconds
    )]
    pub timeout: Duration,
}
