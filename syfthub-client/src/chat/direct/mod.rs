//! The same answer without an aggregator: this process asks the spaces, ranks what they give and prompts the model.
//!
//! The orchestration is the aggregator's own ([`syfthub_core::rag`]), so events, limits, citations and results are the
//! same. What differs is who connects: the spaces see this machine's address, and only addresses that [`Addresses`]
//! allows are called. Redirects are never followed.

mod port;
mod step;

use futures_util::future::try_join;
use futures_util::{Stream, StreamExt as _};
use syfthub_core::rag::{self, AnswerEvent, Limits, Plan};
use syfthub_core::wire::chat::ChatResponse;

use self::port::Ports;
use super::answer::{Ends, until};
use super::{Chat, ChatEvent};
use crate::clock::RuntimeTimer;
use crate::error::{Error, ErrorKind};
use crate::reach::{Addresses, Reach};

/// A question before this process answers it; from [`Chat::direct`].
///
/// Satellite tokens are made ahead, and once more for a space that is asked after its token has died, which happens to a
/// model behind slow sources (contract aggregator 7.2 R18).
///
/// ```no_run
/// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let answer = hub
///     .chat("ada/extractive".parse()?, "What grows near the river?")
///     .source("ada/field-notes".parse()?)
///     .direct()
///     .send()
///     .await?;
/// println!("{}", answer.response);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before `send` or `stream`"]
pub struct Direct<'a> {
    chat: Chat<'a>,
    limits: Limits,
    addresses: Addresses,
}

impl<'a> Direct<'a> {
    pub(super) fn new(chat: Chat<'a>) -> Self {
        Self { chat, limits: Limits::default(), addresses: Addresses::default() }
    }

    /// What the answer may cost: sources, documents, characters, and time for each phase; those of an aggregator unless
    /// set.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use syfthub_client::Limits;
    ///
    /// let patience = Limits { retrieval: Duration::from_secs(5), ..Limits::default() };
    /// let question = hub.chat("ada/extractive".parse()?, "What grows near the river?");
    /// let answer = question.source("ada/field-notes".parse()?).direct().limits(patience).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Which addresses may be called; public ones unless set, and private ones where the hub is at one.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::Addresses;
    ///
    /// // A hub on the internet lists a space that runs on the machine beside this one.
    /// let question = hub.chat("ada/extractive".parse()?, "What grows near the river?");
    /// let answer = question.direct().addresses(Addresses::Any).send().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn addresses(mut self, addresses: Addresses) -> Self {
        self.addresses = addresses;
        self
    }

    /// Asks, and waits for the complete answer.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let question = hub.chat("ada/extractive".parse()?, "What grows near the river?").source("ada/notes".parse()?);
    /// println!("{}", question.direct().send().await?.response);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Chat::send`], and [`ErrorKind::Refused`] for a question beyond a limit.
    pub async fn send(self) -> Result<ChatResponse, Error> {
        let ends = Ends::of(&self.chat);
        let (events, correlation_id) = self.answer(ends, false).await?;
        let mut events = std::pin::pin!(events);
        let end = ends.within(async {
            loop {
                match events.next().await {
                    Some(AnswerEvent::Done(answer)) => return Ok(step::response(*answer)),
                    Some(AnswerEvent::Error { error, billing }) => {
                        return Err(step::failure(&error, billing));
                    }
                    Some(_) => {}
                    None => return Err(step::no_end()),
                }
            }
        });
        end.await.map_err(|error| error.correlated(correlation_id))
    }

    /// Asks, and hands on the answer as it is written, in the events of [`Chat::stream`]. The stream ends after
    /// [`ChatEvent::Done`] or its first error. Dropping it drops every call that is still under way.
    ///
    /// # Errors
    /// As [`Direct::send`], before the first event.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt as _;
    /// use syfthub_client::ChatEvent;
    ///
    /// let question = hub.chat("ada/extractive".parse()?, "What grows near the river?").direct();
    /// let mut answer = std::pin::pin!(question.stream().await?);
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
        let ends = Ends::of(&self.chat);
        let (events, correlation_id) = self.answer(ends, true).await?;
        let steps = until(ends, events.map(step::read));
        Ok(steps.map(move |step| step.map_err(|error| error.correlated(&*correlation_id))))
    }

    /// The answer as the orchestrator makes it, and the id under which the spaces log their parts.
    async fn answer(
        self,
        ends: Ends,
        stream: bool,
    ) -> Result<(impl Stream<Item = AnswerEvent> + Send + use<>, String), Error> {
        let Self { chat, limits, addresses } = self;
        let client = chat.client;
        let idle = chat.idle.unwrap_or_else(|| client.stream_idle());
        let known = Box::pin(try_join(Reach::of(client, addresses), chat.resolved()));
        let (reach, mut request) = ends.within(known).await?;
        request.stream = stream;
        let plan = Plan::new(&request, limits)
            .map_err(|limit| Error::new(ErrorKind::Refused, limit.to_string()))?;
        let correlation_id = uuid::Uuid::new_v4().to_string();
        let ports = Ports {
            client: client.clone(),
            reach,
            passes: request.endpoint_tokens,
            payments: request.transaction_tokens,
            correlation_id: correlation_id.clone(),
            idle,
        };
        let sources = request.data_sources.into_iter().map(|source| ports.port(source)).collect();
        let model = ports.port(request.model);
        Ok((rag::answer(plan, sources, model, RuntimeTimer::default()), correlation_id))
    }
}
