//! The space's end of tunnels: callers reach it through its hub when they cannot reach it directly.
//!
//! For each hub one outbound connection is kept (`keep`), opened as the account at that hub (`dial`) and served with the same
//! answers as the listener's (`serve`), as far as they are questions or signs of life. `ngrok` is another way out, by an
//! agent of that name.

mod dial;
mod keep;
mod ngrok;
mod serve;
#[cfg(test)]
mod tests;
mod waits;

pub(crate) use keep::keep;
pub(crate) use ngrok::{Agent, AgentSettings};

use serde::Serialize;
use url::Url;

/// How a tunnel is, for its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TunnelStatus {
    /// Whether callers get through now.
    pub connected: bool,
    /// Where they do, as the hub says.
    pub public_url: Option<Url>,
    /// What went wrong last, while it is not connected.
    pub error: Option<String>,
}

impl TunnelStatus {
    fn open(url: Url) -> Self {
        Self { connected: true, public_url: Some(url), error: None }
    }

    fn away(error: &impl ToString) -> Self {
        Self { connected: false, public_url: None, error: Some(error.to_string()) }
    }
}
