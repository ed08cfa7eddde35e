//! Questions to a model over any number of data sources (contract aggregator 1).
//!
//! Asking takes three steps: the hub is asked for the address of every endpoint, then for one satellite token per owner,
//! and then the aggregator gets everything it needs. Hub tokens never go to the aggregator.

mod event;

pub use event::{ChatDone, ChatEvent};

use futures_util::{Stream, StreamExt as _};
use syfthub_core::ids::EndpointPath;
use syfthub_core::wire::chat::{ChatRequest, ChatResponse, EndpointRef};
use syfthub_core::wire::space::Message;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::transport::{Call, Caller, Incoming, root_of};
use crate::{resolve, sse};

/// A question before it is asked; from [`Client::chat`].
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
    model: EndpointPath,
    sources: Vec<EndpointPath>,
    request: ChatRequest,
}

impl<'a> Chat<'a> {
    pub(crate) fn new(client: &'a Client, model: EndpointPath, prompt: String) -> Self {
        let request = ChatRequest::new(prompt, EndpointRef::default());
        Self { client, model, sources: Vec::new(), request }
    }

    /// Asks this data source too. Asking one twice counts once.
    pub fn source(mut self, source: EndpointPath) -> Self {
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
        self
    }

    /// Asks these data sources too.
    pub fn sources(self, sources: impl IntoIterator<Item = EndpointPath>) -> Self {
        sources.into_iter().fold(self, Self::source)
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

    /// The turns before the question, oldest first.
    pub fn history(mut self, turns: Vec<Message>) -> Self {
        self.request.messages = turns;
        self
    }

    /// Asks, and waits for the complete answer.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] or [`ErrorKind::Unusable`] for an endpoint that cannot be called,
    /// [`ErrorKind::Generation`] when the model could not answer. A failing source is no error: see
    /// [`ChatResponse::retrieval_info`].
    pub async fn send(self) -> Result<ChatResponse, Error> {
        let client = self.client;
        let request = self.resolved().await?;
        let call = Call::post(client.aggregator(&["chat"]), Caller::Anybody)
            .json(&request)
            .deadline(client.answer_deadline());
        client.transport().json(call).await.map_err(of_generation)
    }

    /// Asks, and hands on the answer as it is written. The stream ends after [`ChatEvent::Done`] or its first error; an
    /// answer that breaks off before either is an error of kind [`ErrorKind::Interrupted`]. Dropping the stream cancels
    /// the question everywhere.
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
        let client = self.client;
        let mut request = self.resolved().await?;
        request.stream = true;
        let call = Call::post(client.aggregator(&["chat", "stream"]), Caller::Anybody)
            .json(&request)
            .accept("text/event-stream")
            .deadline(client.answer_deadline());
        let incoming = client.transport().open(call).await.map_err(of_generation)?;
        Ok(events(incoming, client.stream_idle()))
    }

    /// The request with every address and token in place.
    async fn resolved(self) -> Result<ChatRequest, Error> {
        let Self { client, model, sources, mut request } = self;
        let (model, data_sources) = resolve::addresses(client, &model, &sources).await?;
        let called = data_sources.iter().chain([&model]);
        request.endpoint_tokens = resolve::satellite_tokens(client, called).await?;
        request.model = model;
        request.data_sources = data_sources;
        Ok(request)
    }
}

/// The aggregator answers 400 when the model failed (contract aggregator 1.6).
fn of_generation(error: Error) -> Error {
    if error.status() == Some(400) { error.with_kind(ErrorKind::Generation) } else { error }
}

fn events(
    incoming: Incoming,
    idle: std::time::Duration,
) -> impl Stream<Item = Result<ChatEvent, Error>> + Send + use<> {
    let Incoming { response, correlation_id } = incoming;
    async_stream::stream! {
        let interrupted = |message: String| {
            Error::new(ErrorKind::Interrupted, message).correlated(correlation_id.clone())
        };
        let bytes = crate::idle::with_limit(response.bytes_stream(), idle);
        let mut frames = std::pin::pin!(sse::events(bytes, sse::MAX_EVENT));
        while let Some(frame) = frames.next().await {
            let frame = match frame {
                Ok(frame) => frame,
                Err(cause) => {
                    yield Err(interrupted(format!("the answer broke off: {}", root_of(&cause))));
                    return;
                }
            };
            match event::read(&frame) {
                Ok(Some(event)) => {
                    let is_last = matches!(event, ChatEvent::Done(_));
                    yield Ok(event);
                    if is_last {
                        return;
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    yield Err(error.correlated(correlation_id.clone()));
                    return;
                }
            }
        }
        yield Err(interrupted("the answer ended before it was complete".to_owned()));
    }
}
