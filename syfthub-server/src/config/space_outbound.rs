//! Where the pages that a space copies may be.

use crate::outbound::Allowed;

/// Calls to addresses that datasets name.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Pages of the web")]
pub struct SpaceOutboundSettings {
    /// Private networks and hosts that pages may be copied from, comma-separated, such as `10.1.0.0/16,wiki.lan`
    #[arg(
        id = "space_outbound_allow",
        long = "outbound-allow",
        env = "SPACE_OUTBOUND_ALLOW",
        value_name = "SPACE_OUTBOUND_ALLOW",
        value_delimiter = ','
    )]
    pub allow: Vec<Allowed>,
}
