//! Publishing a whole catalogue at once (contract hub 7.1).

use syfthub_core::wire::endpoint::EndpointDraft;
use syfthub_core::wire::sync::{SyncRequest, SyncResponse};

use crate::endpoints::Endpoints;
use crate::error::Error;
use crate::transport::{Call, Caller};

impl Endpoints<'_> {
    /// Makes the signed-in user's own endpoints those of `catalogue`, at most 300, all of them or none: an endpoint is
    /// created or, if there is one of its slug, changed, and what is not in the catalogue is removed. Endpoints of
    /// organizations stay as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when an item breaks its rule, or two have one slug.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::EndpointType;
    /// use syfthub_client::wire::endpoint::EndpointDraft;
    ///
    /// let catalogue = vec![
    ///     EndpointDraft::new("Field notes", EndpointType::DataSource),
    ///     EndpointDraft::new("River model", EndpointType::Model),
    /// ];
    /// let published = hub.endpoints().sync(catalogue).await?;
    /// println!("{} endpoints, {} before", published.synced, published.deleted);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sync(&self, catalogue: Vec<EndpointDraft>) -> Result<SyncResponse, Error> {
        let url = self.client.api(&["endpoints", "sync"]);
        let call = Call::post(url, Caller::User).json(&SyncRequest { endpoints: catalogue });
        self.client.transport().json(call).await
    }
}
