//! Collectives: endpoints of several owners under one name, at hubs that have them.

use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::transport::{Call, Caller};

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
