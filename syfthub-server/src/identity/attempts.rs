//! Guessing passwords, and how often somebody may.

use crate::http::ClientAddress;
use crate::shared::{Limiter, Rule, TooMany};

/// Somebody's attempts to prove that they are the user called so.
pub(super) struct Attempts {
    /// Name and address: the pair is what a guesser cannot vary without becoming somebody else's neighbour.
    pair: String,
    client: ClientAddress,
}

impl Attempts {
    /// Attempts by `client` under a name or e-mail address, in any case.
    pub(super) fn of(name: &str, client: ClientAddress) -> Self {
        Self { pair: format!("{} {}", client.network(), name.trim().to_lowercase()), client }
    }

    /// Refuses whoever has failed too often.
    pub(super) async fn check(&self, limits: &Limiter) -> Result<(), TooMany> {
        limits.peek(Rule::LoginAddress, self.client.network()).await?;
        limits.peek(Rule::Login, &self.pair).await
    }

    /// Counts a failure.
    pub(super) async fn note_failure(&self, limits: &Limiter) {
        limits.note(Rule::LoginAddress, self.client.network()).await;
        limits.note(Rule::Login, &self.pair).await;
    }
}
