//! What hubs of other makers have and ours has not: endpoints of several owners under one name, and tunnels over NATS.

use serde::Deserialize;
use syfthub_core::Secret;

use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::transport::{Call, Caller};
use crate::users::Users;

#[derive(Deserialize)]
struct NatsCredentials {
    nats_auth_token: String,
}

impl Endpoints<'_> {
    /// The paths of the endpoints of a collective, or of one shared part of it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is none of that name, or the hub has no collectives.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// for path in hub.endpoints().of_collective("botanists", None).await? {
    ///     println!("{path}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn of_collective(
        &self,
        collective: &str,
        shared: Option<&str>,
    ) -> Result<Vec<String>, Error> {
        let place = ["collectives", "by-slug", collective];
        let place = match shared {
            None => [&place[..], &["endpoint-paths"]].concat(),
            Some(part) => [&place[..], &["shared-endpoints", part, "endpoint-paths"]].concat(),
        };
        let call = Call::get(self.client.api(&place), Caller::Anybody);
        self.client.transport().json(call).await
    }
}

impl Users<'_> {
    /// What opens a tunnel over NATS.
    ///
    /// # Errors
    /// [`ErrorKind::Server`](crate::ErrorKind::Server) with status 503 when the hub has no such tunnels.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// let token = hub.users().nats_token().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn nats_token(&self) -> Result<Secret, Error> {
        let call = Call::get(self.client.api(&["nats", "credentials"]), Caller::User);
        let told: NatsCredentials = self.client.transport().json(call).await?;
        Ok(Secret::new(told.nats_auth_token))
    }
}
