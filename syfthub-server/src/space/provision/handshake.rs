//! Asking a server on this machine whether it serves.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use reqwest::Client;

/// A server that takes longer to say that it is there is not well.
const PATIENCE: Duration = Duration::from_secs(3);

/// A client for servers of this machine.
pub(super) fn client() -> Client {
    let client = syfthub_client::node::http_client().no_proxy().timeout(PATIENCE);
    client.build().expect("a client without special wishes can be made")
}

/// Whether `url` answers 200.
pub(super) async fn answers(client: &Client, url: &str) -> bool {
    client.get(url).send().await.is_ok_and(|response| response.status().is_success())
}

/// `wanted` if nobody listens there, else a port where nobody does.
pub(super) fn free_port(wanted: Option<u16>) -> std::io::Result<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = wanted.and_then(|port| bind(port).ok()).map_or_else(|| bind(0), Ok)?;
    Ok(listener.local_addr()?.port())
}

/// The address of a port of this machine.
pub(super) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// The port that somebody asked for, or that was used before.
pub(super) fn wished_port(wish: &serde_json::Map<String, serde_json::Value>) -> Option<u16> {
    let port = wish.get("httpPort")?.as_u64()?;
    u16::try_from(port).ok().filter(|port| *port != 0)
}
