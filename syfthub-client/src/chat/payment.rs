//! Transaction tokens: with one, an owner may charge the caller (contract hub 3.6, aggregator 5.1 step 3).

use std::collections::HashMap;

use futures_util::future::join_all;
use serde_json::json;
use syfthub_core::wire::accounting::TransactionTokens;

use crate::client::Client;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// The most owners that a hub makes tokens for in one call.
const OWNERS: usize = 20;

/// One token for each of `owners` that the hub makes one for; none for guests, who have nothing to pay with. An owner
/// without a token may still answer for free, so no failure is more than a line in the log.
pub(super) async fn transaction_tokens<'a>(
    client: &Client,
    owners: impl Iterator<Item = &'a String>,
) -> HashMap<String, String> {
    if client.auth().tokens().is_none() {
        return HashMap::new();
    }
    let owners: Vec<&str> = owners.map(String::as_str).collect();
    let asked = owners.chunks(OWNERS).map(async |owners| match ask(client, owners).await {
        Ok(answer) => {
            for (owner, error) in &answer.errors {
                tracing::debug!(owner, error, "no transaction token for this owner");
            }
            answer.tokens
        }
        Err(error) => {
            tracing::debug!(?owners, %error, "no transaction tokens for these owners");
            Default::default()
        }
    });
    join_all(asked).await.into_iter().flatten().collect()
}

async fn ask(client: &Client, owners: &[&str]) -> Result<TransactionTokens, Error> {
    let url = client.api(&["accounting", "transaction-tokens"]);
    let call = Call::post(url, Caller::User).json(&json!({ "owner_usernames": owners }));
    client.transport().json(call).await
}
