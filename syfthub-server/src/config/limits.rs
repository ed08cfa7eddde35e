//! How often somebody may ask for what costs the hub or others something.

use super::values;
use crate::shared::Limit;

/// How often, for each kind of request. `10/min` allows ten at once and one more every six seconds; `off` does not count.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Rate limits")]
pub struct LimitSettings {
    /// Failed logins as one user from one address; successful ones never count
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_LOGIN",
        value_name = "SYFTHUB_LIMIT_LOGIN",
        default_value = "10/5min"
    )]
    pub limit_login: Limit,

    /// Failed logins from one address, whoever was named
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_LOGIN_ADDRESS",
        value_name = "SYFTHUB_LIMIT_LOGIN_ADDRESS",
        default_value = "100/5min"
    )]
    pub limit_login_address: Limit,

    /// Registrations from one address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_REGISTRATION",
        value_name = "SYFTHUB_LIMIT_REGISTRATION",
        default_value = "20/min"
    )]
    pub limit_registration: Limit,

    /// Refreshed sessions from one address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_REFRESH",
        value_name = "SYFTHUB_LIMIT_REFRESH",
        default_value = "120/min"
    )]
    pub limit_refresh: Limit,

    /// Satellite tokens for one user
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_TOKEN",
        value_name = "SYFTHUB_LIMIT_TOKEN",
        default_value = "1200/min"
    )]
    pub limit_token: Limit,

    /// Guest tokens for one address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_GUEST_TOKEN",
        value_name = "SYFTHUB_LIMIT_GUEST_TOKEN",
        default_value = "240/min"
    )]
    pub limit_guest_token: Limit,

    /// Codes mailed to one e-mail address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_MAIL",
        value_name = "SYFTHUB_LIMIT_MAIL",
        default_value = "3/10min"
    )]
    pub limit_mail: Limit,

    /// Codes mailed, and tried, on behalf of one address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_MAIL_ADDRESS",
        value_name = "SYFTHUB_LIMIT_MAIL_ADDRESS",
        default_value = "10/10min"
    )]
    pub limit_mail_address: Limit,

    /// Error reports from one address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_REPORT",
        value_name = "SYFTHUB_LIMIT_REPORT",
        default_value = "60/min"
    )]
    pub limit_report: Limit,

    /// Invocations of endpoints through the hub by one user
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_INVOCATION",
        value_name = "SYFTHUB_LIMIT_INVOCATION",
        default_value = "300/min"
    )]
    pub limit_invocation: Limit,

    /// Invocations of endpoints through the hub from one address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_INVOCATION_ADDRESS",
        value_name = "SYFTHUB_LIMIT_INVOCATION_ADDRESS",
        default_value = "600/min"
    )]
    pub limit_invocation_address: Limit,

    /// Searches from one address
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_SEARCH",
        value_name = "SYFTHUB_LIMIT_SEARCH",
        default_value = "300/min"
    )]
    pub limit_search: Limit,

    /// Wrong passwords of one account of the ledger from one address; right ones never count
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_LEDGER_PASSWORD",
        value_name = "SYFTHUB_LIMIT_LEDGER_PASSWORD",
        default_value = "10/5min"
    )]
    pub limit_ledger_password: Limit,

    /// Wrong passwords of the ledger from one address, whichever account was named
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_LEDGER_ADDRESS",
        value_name = "SYFTHUB_LIMIT_LEDGER_ADDRESS",
        default_value = "100/5min"
    )]
    pub limit_ledger_address: Limit,

    /// Accounts of the ledger opened from one address, where everybody may open one
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_LEDGER_ACCOUNT",
        value_name = "SYFTHUB_LIMIT_LEDGER_ACCOUNT",
        default_value = "20/hour"
    )]
    pub limit_ledger_account: Limit,

    /// Requests through one tunnel
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_TUNNEL",
        value_name = "SYFTHUB_LIMIT_TUNNEL",
        default_value = "6000/min"
    )]
    pub limit_tunnel: Limit,

    /// Tunnels opened for one owner
    #[arg(
        long,
        env = "SYFTHUB_LIMIT_TUNNEL_OPEN",
        value_name = "SYFTHUB_LIMIT_TUNNEL_OPEN",
        default_value = "30/min"
    )]
    pub limit_tunnel_open: Limit,

    /// Users and addresses that one instance counts for at a time; the one longest at rest is forgotten first
    #[arg(long, env = "SYFTHUB_LIMIT_KEYS", value_name = "SYFTHUB_LIMIT_KEYS", default_value = "100000", value_parser = values::count)]
    pub limit_keys: usize,
}

impl LimitSettings {
    /// Counts nothing: for a hub that nobody but its owner reaches.
    pub fn off() -> Self {
        Self {
            limit_login: Limit::Off,
            limit_login_address: Limit::Off,
            limit_registration: Limit::Off,
            limit_refresh: Limit::Off,
            limit_token: Limit::Off,
            limit_guest_token: Limit::Off,
            limit_mail: Limit::Off,
            limit_mail_address: Limit::Off,
            limit_report: Limit::Off,
            limit_invocation: Limit::Off,
            limit_invocation_address: Limit::Off,
            limit_search: Limit::Off,
            limit_ledger_password: Limit::Off,
            limit_ledger_address: Limit::Off,
            limit_ledger_account: Limit::Off,
            limit_tunnel: Limit::Off,
            limit_tunnel_open: Limit::Off,
            limit_keys: 1,
        }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        values::defaults()
    }
}
