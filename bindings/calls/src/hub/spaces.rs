//! Questions to one endpoint, asked at its space.

use std::pin::pin;

use futures_util::{Stream, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use syfthub_client::wire::chat::EndpointRef;
use syfthub_client::wire::space::{Message, PolicyEntry};
use syfthub_client::{Addresses, Chunk, Client, Error, Query, Retrieved, Secret};

use crate::operation::operations;

/// Where an endpoint is, in the program's own words.
#[derive(Deserialize)]
struct Place {
    url: String,
    slug: String,
    #[serde(default)]
    name: String,
    tenant_name: Option<String>,
    owner_username: Option<String>,
    query_override: Option<String>,
}

impl Place {
    /// A question to it. Its address is the program's own choice, so that every address will do.
    fn query(self, client: &Client, owner: Option<String>) -> Query<'_> {
        let Self { url, slug, name, tenant_name, owner_username, query_override } = self;
        let owner_username = owner.or(owner_username);
        let there = EndpointRef { url, slug, name, tenant_name, owner_username, query_override };
        client.endpoints().query_at(there).addresses(Addresses::Any)
    }
}

/// How a model is to write.
struct Writing {
    max_tokens: Option<u32>,
    temperature: Option<f64>,
}

impl Writing {
    fn of<'a>(&self, query: Query<'a>) -> Query<'a> {
        let query = match self.max_tokens {
            Some(tokens) => query.max_tokens(tokens),
            None => query,
        };
        match self.temperature {
            Some(temperature) => query.temperature(temperature),
            None => query,
        }
    }
}

/// A model's answer as it is written.
fn pieces(
    hub: Client,
    endpoint: Place,
    writing: Writing,
    messages: Vec<Message>,
) -> impl Stream<Item = Result<String, Error>> + Send {
    async_stream::try_stream! {
        let query = writing.of(endpoint.query(&hub, None));
        let answer = query.answer(messages).await?;
        let mut pieces = pin!(answer);
        while let Some(piece) = pieces.try_next().await? {
            if let Chunk::Text(text) = piece {
                yield text;
            }
        }
    }
}

/// What a data source gave.
#[derive(Serialize)]
struct Documents {
    documents: Vec<FoundDocument>,
    entries: Vec<PolicyEntry>,
}

#[derive(Serialize)]
struct FoundDocument {
    document_id: String,
    content: String,
    metadata: Map<String, Value>,
    score: f64,
}

impl Documents {
    fn of(documents: Vec<Retrieved>, entries: Vec<PolicyEntry>) -> Self {
        let documents = documents.into_iter().map(|document| FoundDocument {
            document_id: document.document_id,
            content: document.content,
            metadata: document.metadata,
            score: document.score.unwrap_or_default(),
        });
        Self { documents: documents.collect(), entries }
    }
}

operations! {
    /// Questions to one endpoint, asked at its space.
    OPERATIONS on Client;

    /// Asks a data source: its documents, best first, and what its policies did.
    call "spaces.documents" [],
    (endpoint: Place, query: String, top_k: Option<usize>, similarity_threshold: Option<f64>, token: Option<Secret>,
     owner: Option<String>, pays: Option<bool>) |hub| {
        let asked = endpoint.query_override.clone().unwrap_or(query);
        let mut query = endpoint.query(&hub, owner);
        if let Some(documents) = top_k {
            query = query.limit(documents);
        }
        if let Some(score) = similarity_threshold {
            query = query.similarity_threshold(score);
        }
        if let Some(token) = token {
            query = query.token(token);
        }
        if pays == Some(true) {
            query = query.paying();
        }
        let found = query.found(&asked).await?;
        Ok(Documents::of(found.documents, found.entries))
    }

    /// Asks a model, and gives its whole answer.
    call "spaces.answer" [],
    (endpoint: Place, messages: Vec<Message>, max_tokens: Option<u32>, temperature: Option<f64>) |hub| {
        let query = Writing { max_tokens, temperature }.of(endpoint.query(&hub, None));
        let pieces = query.answer(messages).await?;
        let text = pieces.try_fold(String::new(), async |text, piece| Ok(match piece {
            Chunk::Text(more) => text + &more,
            Chunk::Usage(_) | Chunk::Entries(_) => text,
        }));
        Ok(text.await?)
    }

    /// Asks a model, and hands on its answer as it is written.
    stream "spaces.stream" [],
    (endpoint: Place, messages: Vec<Message>, max_tokens: Option<u32>, temperature: Option<f64>) |hub| {
        pieces(hub, endpoint, Writing { max_tokens, temperature }, messages)
    }
}
