//! A question to one endpoint, asked at its space.

use futures_util::future::try_join;
use futures_util::{Stream, StreamExt as _};
use syfthub_core::Secret;
use syfthub_core::ids::EndpointPath;
use syfthub_core::rag::{
    Chunk, DataSource as _, GenerateError, Generator as _, Prompt, Retrieval, Retrieved,
    SourceError,
};
use syfthub_core::wire::chat::EndpointRef;
use syfthub_core::wire::space::Message;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::idle;
use crate::node::Node;
use crate::reach::{Addresses, Reach, Unreachable};
use crate::resolve;

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
    path: EndpointPath,
    limit: usize,
    similarity_threshold: f64,
    max_tokens: u32,
    temperature: f64,
    addresses: Addresses,
}

impl<'a> Query<'a> {
    pub(crate) fn new(client: &'a Client, path: EndpointPath) -> Self {
        Self {
            client,
            path,
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

    /// Which addresses may be called; public ones unless set, and private ones where the hub is at one.
    pub fn addresses(mut self, addresses: Addresses) -> Self {
        self.addresses = addresses;
        self
    }

    /// Asks a data source for documents, best first.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Unusable`] when the endpoint cannot be called, and what the space says.
    pub async fn documents(self, query: &str) -> Result<Vec<Retrieved>, Error> {
        let endpoint = resolve::data_source(self.client, &self.path).await?;
        let (node, correlation_id) = node(self.client, &endpoint, self.addresses).await?;
        let question = Retrieval {
            query: query.to_owned(),
            limit: self.limit,
            similarity_threshold: self.similarity_threshold,
        };
        let deadline = self.client.transport().sender.deadline;
        let asked = tokio::time::timeout(deadline, node.retrieve(&question)).await;
        let answer = asked.unwrap_or(Err(SourceError::Timeout));
        let found = answer.map_err(|error| of_source(&error).correlated(correlation_id))?;
        Ok(found.documents)
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
        let endpoint = resolve::model(self.client, &self.path).await?;
        let (node, correlation_id) = node(self.client, &endpoint, self.addresses).await?;
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
}

/// The endpoint as something that can be asked in the name of the signed-in user.
async fn node(
    client: &Client,
    endpoint: &EndpointRef,
    addresses: Addresses,
) -> Result<(Node, String), Error> {
    let owners = resolve::owners(std::iter::once(endpoint));
    let (reach, mut tokens) =
        try_join(Reach::of(client, addresses), resolve::satellite_tokens(client, &owners)).await?;
    let token = endpoint.owner_username.as_deref().and_then(|owner| tokens.remove(owner));
    let correlation_id = uuid::Uuid::new_v4().to_string();
    let made = || {
        let http = reach.client_for(&endpoint.url)?;
        let mut node = Node::new(http, &endpoint.url, &endpoint.slug)?;
        if let Some(token) = token {
            node = node.with_token(&Secret::new(token))?;
        }
        if let Some(tenant) = &endpoint.tenant_name {
            node = node.with_tenant(tenant)?;
        }
        Ok(node.with_correlation_id(&correlation_id)?)
    };
    let node = made().map_err(|cause: Unreachable| {
        let message = format!("{} cannot be called: {cause}", endpoint.path());
        Error::new(ErrorKind::Unusable, message)
    })?;
    Ok((node, correlation_id))
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
