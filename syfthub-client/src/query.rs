//! A question to one endpoint, asked at its space.

use std::collections::BTreeSet;

use futures_util::future::try_join;
use futures_util::{Stream, StreamExt as _};
use syfthub_core::Secret;
use syfthub_core::rag::{
    Chunk, DataSource as _, Found, GenerateError, Generator as _, Prompt, Retrieval, Retrieved,
    SourceError,
};
use syfthub_core::wire::chat::EndpointRef;
use syfthub_core::wire::space::Message;

use crate::chat;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::idle;
use crate::node::Node;
use crate::reach::{Addresses, Reach, Unreachable};
use crate::resolve::{self, Place};

/// A question to one endpoint before it is asked; from [`Endpoints::query`](crate::endpoints::Endpoints::query).
///
/// ```no_run
/// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let notes = hub.endpoints().query("ada/field-notes".parse()?).limit(3);
/// for document in notes.documents("What grows near the river?").await? {
///     println!("{}", document.content);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before `documents` or `answer`"]
pub struct Query<'a> {
    client: &'a Client,
    place: Place,
    token: Option<Secret>,
    pays: bool,
    limit: usize,
    similarity_threshold: f64,
    max_tokens: u32,
    temperature: f64,
    addresses: Addresses,
}

impl<'a> Query<'a> {
    pub(crate) fn new(client: &'a Client, place: Place) -> Self {
        Self {
            client,
            place,
            token: None,
            pays: false,
            limit: 5,
            similarity_threshold: 0.5,
            max_tokens: 1024,
            temperature: 0.7,
            addresses: Addresses::default(),
        }
    }

    /// The most documents; 5 unless set.
    pub fn limit(mut self, documents: usize) -> Self {
        self.limit = documents;
        self
    }

    /// The least score of a document, 0 to 1; 0.5 unless set.
    pub fn similarity_threshold(mut self, score: f64) -> Self {
        self.similarity_threshold = score;
        self
    }

    /// The most tokens of an answer; 1024 unless set.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = tokens;
        self
    }

    /// From 0, always the likeliest word, to 2; 0.7 unless set.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = temperature;
        self
    }

    /// Proves the caller with this token, in place of one that the hub makes for the endpoint's owner.
    pub fn token(mut self, token: Secret) -> Self {
        self.token = Some(token);
        self
    }

    /// Sends the owner a token with which they may charge the caller, within the limits of the hub.
    pub fn paying(mut self) -> Self {
        self.pays = true;
        self
    }

    /// Which addresses may be called; public ones unless set, and private ones where the hub is at one.
    pub fn addresses(mut self, addresses: Addresses) -> Self {
        self.addresses = addresses;
        self
    }

    /// Asks a data source for documents, best first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let found = hub.endpoints().query("ada/notes".parse()?).documents("What grows near the river?").await?;
    /// for document in found {
    ///     println!("{}", document.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Unusable`] when the endpoint cannot be called, and what the space says.
    pub async fn documents(self, query: &str) -> Result<Vec<Retrieved>, Error> {
        Ok(self.found(query).await?.documents)
    }

    /// Asks a data source for documents, best first, and what its policies did, money included.
    ///
    /// # Errors
    /// As [`Query::documents`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let notes = hub.endpoints().query("ada/field-notes".parse()?).paying();
    /// let found = notes.found("What grows near the river?").await?;
    /// println!("{} documents, {} policies", found.documents.len(), found.entries.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn found(self, query: &str) -> Result<Found, Error> {
        let endpoint = match &self.place {
            Place::Named(path) => resolve::data_source(self.client, path).await?,
            Place::Known(endpoint) => endpoint.clone(),
        };
        let (node, correlation_id) = self.node(&endpoint).await?;
        let question = Retrieval {
            query: query.to_owned(),
            limit: self.limit,
            similarity_threshold: self.similarity_threshold,
        };
        let deadline = self.client.transport().sender.deadline;
        let asked = tokio::time::timeout(deadline, node.retrieve(&question)).await;
        let answer = asked.unwrap_or(Err(SourceError::Timeout));
        answer.map_err(|error| of_source(&error).correlated(correlation_id))
    }

    /// Asks a model, and hands on the answer as it is written. Dropping the stream cancels the question.
    ///
    /// # Errors
    /// As [`Query::documents`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt as _;
    /// use syfthub_client::{Chunk, wire::space::Message};
    ///
    /// let model = hub.endpoints().query("ada/extractive".parse()?);
    /// let turns = vec![Message::new("user", "What grows near the river?")];
    /// let mut answer = std::pin::pin!(model.answer(turns).await?);
    /// while let Some(chunk) = answer.try_next().await? {
    ///     if let Chunk::Text(text) = chunk {
    ///         print!("{text}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn answer(
        self,
        turns: Vec<Message>,
    ) -> Result<impl Stream<Item = Result<Chunk, Error>> + Send + use<>, Error> {
        let endpoint = match &self.place {
            Place::Named(path) => resolve::model(self.client, path).await?,
            Place::Known(endpoint) => endpoint.clone(),
        };
        let (node, correlation_id) = self.node(&endpoint).await?;
        let prompt = Prompt {
            messages: turns,
            max_tokens: i64::from(self.max_tokens),
            temperature: self.temperature,
            stream: true,
        };
        let deadline = self.client.answer_deadline();
        let asked = tokio::time::timeout(deadline, node.generate(prompt)).await;
        let answer = asked.unwrap_or(Err(GenerateError::Timeout));
        let chunks = answer.map_err(|error| of_model(&error).correlated(&*correlation_id))?;
        let chunks = idle::chunks(chunks, self.client.stream_idle());
        Ok(chunks
            .map(move |chunk| chunk.map_err(|error| of_model(&error).correlated(&*correlation_id))))
    }

    /// The endpoint as something that can be asked in the name of the caller.
    async fn node(&self, endpoint: &EndpointRef) -> Result<(Node, String), Error> {
        let owners = resolve::owners(std::iter::once(endpoint));
        // A token that is given stands for those that the hub would make.
        let asked = if self.token.is_some() { BTreeSet::new() } else { owners.clone() };
        let (reach, mut tokens) = try_join(
            Reach::of(self.client, self.addresses),
            resolve::satellite_tokens(self.client, &asked),
        )
        .await?;
        let payers = owners.iter().filter(|_| self.pays);
        let mut payments = chat::transaction_tokens(self.client, payers).await;
        let owner = endpoint.owner_username.as_deref().unwrap_or_default();
        let token = self.token.clone().or_else(|| tokens.remove(owner).map(Secret::new));
        let payment = payments.remove(owner).map(Secret::new);
        let correlation_id = uuid::Uuid::new_v4().to_string();
        let made = || {
            let http = reach.client_for(&endpoint.url)?;
            let mut node = Node::new(http, &endpoint.url, &endpoint.slug)?;
            if let Some(token) = token {
                node = node.with_token(&token)?;
            }
            if let Some(tenant) = &endpoint.tenant_name {
                node = node.with_tenant(tenant)?;
            }
            if let Some(payment) = payment {
                node = node.with_transaction_token(payment);
            }
            Ok(node.with_correlation_id(&correlation_id)?)
        };
        let node = made().map_err(|cause: Unreachable| {
            let message = format!("{} cannot be called: {cause}", endpoint.path());
            Error::new(ErrorKind::Unusable, message)
        })?;
        Ok((node, correlation_id))
    }
}

fn of_source(error: &SourceError) -> Error {
    let kind = match error {
        SourceError::Denied(_) | SourceError::PaymentRequired { .. } => ErrorKind::Forbidden,
        SourceError::RateLimited(_) => ErrorKind::RateLimited,
        SourceError::Http { status: 404, .. } => ErrorKind::NotFound,
        SourceError::Http { status: 400..500, .. } => ErrorKind::Refused,
        SourceError::Http { .. } => ErrorKind::Server,
        SourceError::Timeout => ErrorKind::Timeout,
        SourceError::Network(_) => ErrorKind::Unreachable,
        _ => ErrorKind::Protocol,
    };
    Error::new(kind, error.to_string())
}

fn of_model(error: &GenerateError) -> Error {
    let kind = match error {
        GenerateError::Denied(_) => ErrorKind::Forbidden,
        GenerateError::Timeout => ErrorKind::Timeout,
        GenerateError::Network(_) => ErrorKind::Unreachable,
        _ => ErrorKind::Generation,
    };
    Error::new(kind, error.to_string())
}
