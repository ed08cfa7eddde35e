//! What hubs of other makers have and ours has not; programs for these run all the same.

use serde_json::json;
use syfthub_client::Client;

use crate::operation::operations;

operations! {
    /// What hubs of other makers have and ours has not.
    OPERATIONS on Client;

    /// The paths of the endpoints of a collective, where the hub has such.
    call "endpoints.of_collective" [], (collective: String, shared: Option<String>) |hub| {
        Ok(hub.endpoints().of_collective(&collective, shared.as_deref()).await?)
    }

    /// What opens a tunnel over NATS, where the hub has such.
    call "users.nats_credentials" ["GET /api/v1/nats/credentials"], () |hub| {
        let token = hub.users().nats_token().await?;
        Ok(json!({"nats_auth_token": token.expose()}))
    }
}
