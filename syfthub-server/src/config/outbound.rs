//! Calls that users make a server do.

use std::net::IpAddr;

use ipnet::IpNet;

/// Where those calls may go besides public addresses.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Outbound calls")]
pub struct OutboundSettings {
    /// Private networks that endpoints may live in, comma-separated, such as `127.0.0.0/8,10.1.0.0/16`
    #[arg(
        long,
        env = "SYFTHUB_OUTBOUND_ALLOW",
        value_name = "SYFTHUB_OUTBOUND_ALLOW",
        value_delimiter = ',',
        value_parser = network
    )]
    pub outbound_allow: Vec<IpNet>,
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.trim().parse::<IpAddr>().map(IpNet::from);
    let network = text.trim().parse().or_else(|_| address());
    network.map_err(|_| {
        "expected networks such as 127.0.0.0/8 or fd00::/8, with commas between them".to_owned()
    })
}
