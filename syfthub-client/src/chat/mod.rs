//! Questions to a model over any number of data sources (contract aggregator 1).
//!
//! Asking takes three steps: the hub is asked for the address of every endpoint, then for one satellite token and, of
//! whoever is signed in, one transaction token per owner, and then the aggregator gets everything it needs. Hub tokens
//! never go to the aggregator. [`Chat::direct`] leaves the aggregator out: the same answer is made in this process.

mod answer;
pub mod direct;
mod event;
mod payment;

pub use direct::Direct;
pub use event::{ChatDone, ChatEvent, SourceCompleted};
pub(crate) use payment::transaction_tokens;

use std::time::Duration;

use futures_util::Stream;
use futures_util::future::join;
use syfthub_core::ids::EndpointPath;
use syfthub_core::wire::chat::{ChatRequest, ChatResponse, EndpointRef, OnDenied};
use syfthub_core::wire::space::Message;

use crate::client::Client;
use crate::error::Error;
use crate::resolve::{self, Place};

/// A question before it is asked; from [`Client::chat`] or [`Client::retrieve`].
///
/// ```no_run
/// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let answer = hub
///     .chat("ada/extractive".parse()?, "What grows near the river?")
///     .source("ada/field-notes".parse()?)
///     .source("bob/herbarium".parse()?)
///     .top_k(3)
///     .send()
///     .await?;
/// println!("{}", answer.response);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before `send` or `stream`"]
pub struct Chat<'a> {
    client: &'a Client,
    /// None when documents alone are wanted.
    model: Option<Place>,
    sources: Vec<Source>,
    request: ChatRequest,
    pays: bool,
    deadline: Option<Duration>,
    idle: Option<Duration>,
}

/// A data source and, where it is not the prompt, what it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    place: Place,
    query: Option<String>,
}

impl<'a> Chat<'a> {
    pub(crate) fn new(client: &'a Client, model: Option<EndpointPath>, prompt: String) -> Self {
        let mut request = ChatRequest::new(prompt, EndpointRef::default());
        request.retrieval_only = model.is_none();
        // This client reads every event there is (contract aggregator 1.7.4).
        request.stream_events = vec!["all".to_owned()];
        let model = model.map(Place::Named);
        Self { client, model, sources: Vec::new(), request, pays: true, deadline: None, idle: None }
    }

    /// Asks this data source too. Asking one twice counts once.
    pub fn source(self, source: EndpointPath) -> Self {
        self.asking(Source { place: Place::Named(source), query: None })
    }

    /// Asks these data sources too.
    pub fn sources(self, sources: impl IntoIterator<Item = EndpointPath>) -> Self {
        sources.into_iter().fold(self, Self::source)
    }

    /// Asks this data source too, but something else than the model: `query` is what it searches for. A source can be
    /// asked several things.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let answer = hub
    ///     .chat("ada/extractive".parse()?, "Which of the two grows closer to the river?")
    ///     .source_asked("ada/field-notes".parse()?, "reeds")
    ///     .source_asked("ada/field-notes".parse()?, "sedge")
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn source_asked(self, source: EndpointPath, query: impl Into<String>) -> Self {
        self.asking(Source { place: Place::Named(source), query: Some(query.into()) })
    }

    /// Asks the data source at this address too, whether or not the hub knows it; its owner, where one is named, gets the
    /// tokens. The reference's own query is what it is asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::wire::chat::EndpointRef;
    ///
    /// let here = EndpointRef {
    ///     url: "http://127.0.0.1:8083".to_owned(),
    ///     slug: "field-notes".to_owned(),
    ///     owner_username: Some("ada".to_owned()),
    ///     ..EndpointRef::default()
    /// };
    /// let found = hub.retrieve("What grows near the river?").source_at(here).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn source_at(self, mut source: EndpointRef) -> Self {
        let query = source.query_override.take();
        self.asking(Source { place: Place::Known(source), query })
    }

    /// Lets the model at this address answer, whether or not the hub knows it, in place of the one that was named.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::wire::chat::EndpointRef;
    ///
    /// let here = EndpointRef {
    ///     url: "http://127.0.0.1:8083".to_owned(),
    ///     slug: "extractive".to_owned(),
    ///     owner_username: Some("ada".to_owned()),
    ///     ..EndpointRef::default()
    /// };
    /// let answer = hub.retrieve("What grows near the river?").model_at(here).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn model_at(mut self, model: EndpointRef) -> Self {
        self.model = Some(Place::Known(model));
        self.request.retrieval_only = false;
        self
    }

    fn asking(mut self, source: Source) -> Self {
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
        self
    }

    /// The most documents of one source, 1 to 20; 5 unless set.
    pub fn top_k(mut self, documents: u32) -> Self {
        self.request.top_k = i64::from(documents);
        self
    }

    /// The most tokens of the answer; 1024 unless set.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.request.max_tokens = i64::from(tokens);
        self
    }

    /// From 0, always the likeliest word, to 2; 0.7 unless set.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.request.temperature = temperature;
        self
    }

    /// The least score of a document, 0 to 1; 0.5 unless set.
    pub fn similarity_threshold(mut self, score: f64) -> Self {
        self.request.similarity_threshold = score;
        self
    }

    /// Replaces the aggregator's own instructions to the model.
    pub fn system_prompt(mut self, text: impl Into<String>) -> Self {
        self.request.custom_system_prompt = Some(text.into());
        self
    }

    /// One more turn before the question: `role` is `system`, `user` or `assistant`. Turns come oldest first.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let answer = hub
    ///     .chat("ada/extractive".parse()?, "And in winter?")
    ///     .turn("user", "What grows near the river?")
    ///     .turn("assistant", "Reeds and sedge.")
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn turn(mut self, role: &str, text: impl Into<String>) -> Self {
        self.request.messages.push(Message::new(role, text));
        self
    }

    /// The turns before the question, oldest first, in place of those that were given so far.
    pub fn history(mut self, turns: Vec<Message>) -> Self {
        self.request.messages = turns;
        self
    }

    /// Stops when the documents are found: the model is neither looked up nor asked, and the answer has no text.
    pub fn retrieval_only(mut self) -> Self {
        self.model = None;
        self.request.retrieval_only = true;
        self
    }

    /// What becomes of the answer when a source refuses the caller; it goes on without that source unless set.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::wire::chat::OnDenied;
    ///
    /// let answer = hub
    ///     .chat("ada/extractive".parse()?, "Is this plant edible?")
    ///     .source("bob/poisons".parse()?)
    ///     .on_denied(OnDenied::Fail)
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_denied(mut self, then: OnDenied) -> Self {
        self.request.on_denied = then;
        self
    }

    /// Sends no transaction tokens, so that no endpoint can charge the caller; those that want to refuse. Without this,
    /// whoever is signed in sends each owner a token with which that owner may charge them within the limits of their
    /// hub.
    pub fn without_payment(mut self) -> Self {
        self.pays = false;
        self
    }

    /// The most time that everything may take, from the first call to the last word. Unless set, a complete answer has
    /// [`ClientBuilder::answer_timeout`](crate::ClientBuilder::answer_timeout), and a stream only its limit on silence.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The longest silence within a stream, keep-alives included, in place of
    /// [`ClientBuilder::stream_idle_timeout`](crate::ClientBuilder::stream_idle_timeout).
    pub fn idle_timeout(mut self, silence: Duration) -> Self {
        self.idle = Some(silence);
        self
    }

    /// The same question without an aggregator: this process asks the spaces and makes the answer; see [`Direct`].
    pub fn direct(self) -> Direct<'a> {
        Direct::new(self)
    }

    /// Asks, and waits for the complete answer.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let question = hub.chat("ada/extractive".parse()?, "What grows near the river?").source("ada/notes".parse()?);
    /// let answer = question.send().await?;
    /// println!("{} (from {} documents)", answer.response, answer.sources.0.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) or [`ErrorKind::Unusable`](crate::ErrorKind::Unusable) for an
    /// endpoint that cannot be called, [`ErrorKind::Generation`](crate::ErrorKind::Generation) when there is no answer,
    /// whatever it cost: see [`Error::billing`]. A failing source is no error: see [`ChatResponse::retrieval_info`].
    pub async fn send(self) -> Result<ChatResponse, Error> {
        answer::send(self).await
    }

    /// Asks, and hands on the answer as it is written. The stream ends after [`ChatEvent::Done`] or its first error; an
    /// answer that breaks off before either is an error of kind [`ErrorKind::Interrupted`](crate::ErrorKind). Dropping
    /// the stream cancels the question everywhere.
    ///
    /// # Errors
    /// As [`Chat::send`], before the first event.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt as _;
    /// use syfthub_client::ChatEvent;
    ///
    /// let question = hub.chat("ada/extractive".parse()?, "What grows near the river?");
    /// let mut answer = std::pin::pin!(question.source("ada/field-notes".parse()?).stream().await?);
    /// while let Some(event) = answer.try_next().await? {
    ///     if let ChatEvent::Token { content } = event {
    ///         print!("{content}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stream(
        self,
    ) -> Result<impl Stream<Item = Result<ChatEvent, Error>> + Send + use<>, Error> {
        answer::stream(self).await
    }

    /// The request with every address and token in place. Both kinds of tokens are asked for at the same time.
    async fn resolved(self) -> Result<ChatRequest, Error> {
        let Self { client, model, sources, mut request, pays, .. } = self;
        let places = sources.iter().map(|source| &source.place);
        let (model, mut references) = resolve::addresses(client, model.as_ref(), places).await?;
        for (reference, source) in references.iter_mut().zip(sources) {
            reference.query_override = source.query;
        }
        let owners = resolve::owners(references.iter().chain(&model));
        let (passes, payments) = join(
            resolve::satellite_tokens(client, &owners),
            payment::transaction_tokens(client, owners.iter().filter(|_| pays)),
        )
        .await;
        request.endpoint_tokens = passes?;
        request.transaction_tokens = payments;
        request.model = model.unwrap_or_default();
        request.data_sources = references;
        Ok(request)
    }
}
