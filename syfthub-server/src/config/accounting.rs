//! The accounting services that users have accounts at.

use std::time::Duration;

use url::Url;

use super::values;

/// Accounting at services of somebody else's.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Accounting")]
pub struct AccountingSettings {
    /// Service at which a new user gets an account; when absent, they have one at the hub's own ledger. One at a private
    /// address must also be in `SYFTHUB_OUTBOUND_ALLOW`
    #[arg(long, env = "DEFAULT_ACCOUNTING_URL", value_name = "DEFAULT_ACCOUNTING_URL", value_parser = values::web_url)]
    pub default_accounting_url: Option<Url>,

    /// Address to tell users who have no account because the hub keeps no ledger, for older spaces that cannot do without one
    #[arg(long, env = "SYFTHUB_ACCOUNTING_STUB_URL", value_name = "SYFTHUB_ACCOUNTING_STUB_URL", value_parser = values::web_url)]
    pub accounting_stub_url: Option<Url>,

    /// Seconds that one request may spend on calls to an accounting service
    #[arg(long, env = "ACCOUNTING_TIMEOUT", value_name = "ACCOUNTING_TIMEOUT", default_value = "30", value_parser = values::seconds)]
    pub accounting_timeout: Duration,

    /// Largest answer of an accounting service in bytes
    #[arg(long, env = "SYFTHUB_ACCOUNTING_MAX_BYTES", value_name = "SYFTHUB_ACCOUNTING_MAX_BYTES", default_value = "1048576", value_parser = values::count)]
    pub accounting_max_bytes: usize,
}

impl Default for AccountingSettings {
    fn default() -> Self {
        values::defaults()
    }
}
