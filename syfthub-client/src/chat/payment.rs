//! Transaction tokens: with one, an owner may charge the caller (contract hub 3.6, aggregator 5.1 step 3).

use std::collections::{BTreeMap, HashMap};

use futures_util::future::join_all;
use syfthub_core::OwnerName;

use crate::client::Client;

/// The most owners of one call: those of a call that fails are the only ones without a token.
const OWNERS: usize = 20;

/// One token for each of `owners` that the hub makes one for; none for guests, who have nothing to pay with. An owner
/// without a token may still answer for free, so no failure is more than a line in the log.
pub(crate) async fn transaction_tokens<'a>(
    client: &Client,
    owners: impl Iterator<Item = &'a String>,
) -> HashMap<String, String> {
    if !client.is_signed_in() {
        return HashMap::new();
    }
    let owners: Vec<OwnerName> = owners.filter_map(|owner| owner.parse().ok()).collect();
    let ledger = client.ledger();
    let asked =
        owners.chunks(OWNERS).map(async |owners| match ledger.transaction_tokens(owners).await {
            Ok(answer) => {
                for (owner, error) in &answer.errors {
                    tracing::debug!(owner, error, "no transaction token for this owner");
                }
                answer.tokens
            }
            Err(error) => {
                tracing::debug!(?owners, %error, "no transaction tokens for these owners");
                BTreeMap::new()
            }
        });
    join_all(asked).await.into_iter().flatten().collect()
}
