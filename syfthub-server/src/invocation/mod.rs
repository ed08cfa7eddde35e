//! Calling an endpoint through the hub: `POST /{owner}/{slug}` (contract hub 6.3).
//!
//! The hub finds the endpoint, asks whether the caller may see it, finds where its owner serves it (`target`), and sends
//! the body there (`call`) through the guard of [`crate::outbound`]. The endpoint learns who asks from a satellite token
//! for its owner (`tokens`): the caller's, or a guest's when the caller is nobody, since a space that wants a token would
//! refuse otherwise. The hub's own tokens never leave it. Answers are passed on as they are; event streams while they
//! come (`answer`).

mod answer;
mod call;
mod metrics;
mod refusal;
mod routes;
mod target;
#[cfg(test)]
mod tests;
mod tokens;

use crate::config::InvocationSettings;
use metrics::Calls;
pub(crate) use routes::routes;
use tokens::Tokens;

/// The part of the hub that calls endpoints.
pub(crate) struct Invocation {
    settings: InvocationSettings,
    tokens: Tokens,
    calls: Calls,
}

impl Invocation {
    /// An invocation within the given limits.
    pub(crate) fn new(settings: InvocationSettings) -> Self {
        Self { settings, tokens: Tokens::new(), calls: Calls::new() }
    }
}
