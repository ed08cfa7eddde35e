//! The hub's own ledger.

use std::time::Duration;

use syfthub_core::{Money, Secret};

use super::values;

/// The ledger that the hub keeps for users without an accounting service of their own.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Ledger")]
pub struct LedgerSettings {
    /// Whether there is one; without it its paths answer 404
    #[arg(long, env = "LEDGER_ENABLED", value_name = "LEDGER_ENABLED", default_value = "true", action = clap::ArgAction::Set, value_parser = values::truth)]
    pub ledger_enabled: bool,

    /// Seconds after which a transaction that nobody confirmed is cancelled
    #[arg(long, env = "LEDGER_PENDING_TTL", value_name = "LEDGER_PENDING_TTL", default_value = "86400", value_parser = values::seconds)]
    pub ledger_pending_ttl: Duration,

    /// How much a delegation token lets its recipient charge altogether
    #[arg(long, env = "LEDGER_GRANT_CAP", value_name = "LEDGER_GRANT_CAP", default_value = "100", value_parser = amount)]
    pub ledger_grant_cap: Money,

    /// Seconds that a delegation token lives
    #[arg(long, env = "LEDGER_GRANT_TTL", value_name = "LEDGER_GRANT_TTL", default_value = "86400", value_parser = values::seconds)]
    pub ledger_grant_ttl: Duration,

    /// Whether a recipient may charge a sender who granted it without showing the token, as older clients do
    #[arg(long, env = "LEDGER_BASIC_DELEGATION", value_name = "LEDGER_BASIC_DELEGATION", default_value = "true", action = clap::ArgAction::Set, value_parser = values::truth)]
    pub ledger_basic_delegation: bool,

    /// Key with which deposits and accounts are made over HTTP, 32 characters at least; when absent, nobody may
    #[arg(long, env = "LEDGER_ADMIN_KEY", value_name = "LEDGER_ADMIN_KEY", hide_env_values = true, value_parser = admin_key)]
    pub ledger_admin_key: Option<Secret>,

    /// Whether everybody may open an account, which is then free of any user of the hub
    #[arg(long, env = "LEDGER_OPEN_ACCOUNTS", value_name = "LEDGER_OPEN_ACCOUNTS", default_value = "false", action = clap::ArgAction::Set, value_parser = values::truth)]
    pub ledger_open_accounts: bool,

    /// Days that idempotency keys are remembered
    #[arg(long, env = "LEDGER_KEY_TTL", value_name = "LEDGER_KEY_TTL", default_value = "7", value_parser = values::days)]
    pub ledger_key_ttl: Duration,

    /// Most accounts or transactions in an answer that has no pages
    #[arg(long, env = "LEDGER_LIST_MAX", value_name = "LEDGER_LIST_MAX", default_value = "1000", value_parser = values::few)]
    pub ledger_list_max: u32,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        values::defaults()
    }
}

fn amount(text: &str) -> Result<Money, String> {
    let amount: Option<Money> = text.parse().ok();
    amount
        .filter(|amount| !amount.is_zero())
        .ok_or_else(|| "expected an amount above 0 and at most 1000000, such as 2.5".to_owned())
}

fn admin_key(text: &str) -> Result<Secret, String> {
    if text.chars().count() < 32 {
        return Err("expected at least 32 characters".to_owned());
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_above_nothing_and_a_key_is_long() {
        assert_eq!(amount("2.5"), Ok(Money::from_micros(2_500_000)));
        assert!(amount("0").is_err() && amount("-1").is_err() && amount("much").is_err());
        assert!(admin_key("short").is_err());
        assert!(admin_key("0123456789abcdef0123456789abcdef").is_ok());
    }
}
