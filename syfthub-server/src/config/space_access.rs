//! Who may administer a space.

use std::path::PathBuf;
use std::time::Duration;

use super::values;
use crate::shared::Limit;

/// Accounts and tenants of a space.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Accounts and tenants")]
pub struct SpaceAccessSettings {
    /// Whether there may be tenants besides `root`; requests then name theirs in X-Tenant-Name
    #[arg(long, env = "SPACE_MULTI_TENANCY", value_name = "SPACE_MULTI_TENANCY", default_value = "false", value_parser = values::truth)]
    pub multi_tenancy: bool,

    /// Directory with a folder for each tenant but `root`, named like the tenant: the only files that its datasets may read
    #[arg(long, env = "SPACE_TENANT_FILES", value_name = "SPACE_TENANT_FILES")]
    pub tenant_files: Option<PathBuf>,

    /// Directory that owners may look through when they choose what to share
    #[arg(long, env = "SPACE_BROWSE_ROOT", value_name = "SPACE_BROWSE_ROOT", default_value = "~")]
    pub browse_root: PathBuf,

    /// Minutes for which an owner stays signed in
    #[arg(long, env = "SPACE_SESSION_MINUTES", value_name = "SPACE_SESSION_MINUTES", default_value = "60", value_parser = values::minutes)]
    pub session_minutes: Duration,

    /// Fewest characters of an owner's password
    #[arg(long, env = "SPACE_PASSWORD_MIN_LENGTH", value_name = "SPACE_PASSWORD_MIN_LENGTH", default_value = "12", value_parser = values::count)]
    pub password_min_length: usize,

    /// Failed logins with one e-mail address
    #[arg(
        long,
        env = "SPACE_LIMIT_LOGIN",
        value_name = "SPACE_LIMIT_LOGIN",
        default_value = "10/5min"
    )]
    pub limit_login: Limit,
}
