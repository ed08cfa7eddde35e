//! Keeping the index: what of an endpoint is in it, in the transaction that changes the endpoint.
//!
//! Only public endpoints are in it. Whether one is switched on, and its owner active, is asked when it is found, so that
//! neither health nor an administrator has to touch the index. A removed endpoint leaves it by a trigger or a foreign
//! key, whoever removes it.

use std::collections::BTreeSet;

use syfthub_core::ids::EndpointId;
use syfthub_core::model::Visibility;
use syfthub_core::wire::endpoint::Endpoint;

use super::rank::with_joined;
use super::slips;
use super::store::{self, Document, Source};
use super::words::words;
use crate::db::{Db, StoreError, Tx};

/// Words of a description and a readme that are looked for; books are not.
const MOST_WORDS: usize = 5000;

/// Has the index show `endpoints` as they are now.
pub(crate) async fn update(tx: &mut Tx, endpoints: &[&Endpoint]) -> Result<(), StoreError> {
    for endpoint in endpoints {
        store::remove(tx, endpoint.id).await?;
    }
    let public = endpoints.iter().filter(|endpoint| endpoint.visibility == Visibility::Public);
    let sources: Vec<Source> = public.map(|endpoint| Source::from(*endpoint)).collect();
    add(tx, &sources).await
}

/// Adds what the index lacks of the public endpoints, as after a migration that emptied it.
pub(crate) async fn complete(db: &Db) -> Result<(), StoreError> {
    let mut last = EndpointId(0);
    loop {
        let lacking = db.read(move |tx| Box::pin(async move { store::lacking(tx, last).await }));
        let sources: Vec<Source> = lacking.await?;
        let Some(source) = sources.last() else { return Ok(()) };
        last = source.id;
        let added = db.write(move |tx| {
            Box::pin(async move {
                for source in &sources {
                    // Another instance that starts may have been here.
                    store::remove(tx, source.id).await?;
                }
                add(tx, &sources).await
            })
        });
        added.await.map_err(|error: StoreError| error)?;
    }
}

async fn add(tx: &mut Tx, sources: &[Source]) -> Result<(), StoreError> {
    // In order, so that two transactions never wait for each other's words.
    let mut vocabulary = BTreeSet::new();
    for source in sources {
        store::put(tx, &source.document()).await?;
        vocabulary.extend(source.names().into_iter().filter(|word| slips::is_corrected(word)));
    }
    for word in vocabulary {
        store::add_word(tx, &word, &slips::forms(&word)).await?;
    }
    Ok(())
}

impl From<&Endpoint> for Source {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            id: endpoint.id,
            name: endpoint.name.clone(),
            slug: endpoint.slug.clone(),
            kind: endpoint.kind,
            tags: endpoint.tags.clone(),
            description: endpoint.description.clone(),
            readme: endpoint.readme.clone(),
        }
    }
}

impl Source {
    /// The words by which people call it.
    fn names(&self) -> Vec<String> {
        let tags = self.tags.iter().flat_map(|tag| words(tag));
        words(&self.name).into_iter().chain(words(&self.slug)).chain(tags).collect()
    }

    fn document(&self) -> Document {
        let mut head: BTreeSet<String> = self.names().into_iter().collect();
        head.extend(with_joined(words(&self.slug)));
        let body = words(&self.description).into_iter().chain(words(&self.readme));
        let body = body.filter(|word| !head.contains(word)).take(MOST_WORDS).collect();
        Document { id: self.id, kind: self.kind, head, body }
    }
}
