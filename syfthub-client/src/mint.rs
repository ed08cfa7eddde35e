//! New satellite tokens, for who wants their whole life.

use syfthub_core::OwnerName;
use syfthub_core::wire::token::SatelliteToken;

use crate::error::Error;
use crate::tokens::Satellites;
use crate::transport::{Call, Caller};

impl Satellites<'_> {
    /// A new token that proves the signed-in user to the services of `audience`, whatever tokens there are already.
    ///
    /// # Errors
    /// As [`Satellites::satellite`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let minted = hub.tokens().mint(&"ada".parse()?).await?;
    /// println!("it counts for {} s", minted.expires_in);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn mint(&self, audience: &OwnerName) -> Result<SatelliteToken, Error> {
        let call = Call::get(self.client.api(&["token"]), Caller::User);
        self.client.transport().json(call.query("aud", audience.as_str())).await
    }
}
