//! Calls that users make a server do.

use super::values;
use crate::outbound::Allowed;

/// Where those calls may go besides public addresses.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Outbound calls")]
pub struct OutboundSettings {
    /// Private networks and hosts that endpoints may live in, comma-separated, such as `127.0.0.0/8,space.lan`
    #[arg(
        long,
        env = "SYFTHUB_OUTBOUND_ALLOW",
        value_name = "SYFTHUB_OUTBOUND_ALLOW",
        value_delimiter = ','
    )]
    pub outbound_allow: Vec<Allowed>,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        values::defaults()
    }
}
