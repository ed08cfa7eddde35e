//! Conversations with one endpoint, through an aggregator and over a WebSocket (contract aggregator 1.17).
//!
//! [`Client::agent`](crate::Client::agent) begins one. [`Conversation`] is what the endpoint says and does, a stream of
//! [`AgentEvent`]s; [`Voice`] is what the caller says meanwhile, from wherever in the program.

mod event;
mod line;

pub use event::AgentEvent;
pub use line::{Conversation, Voice};

use serde_json::{Map, Value, json};
use syfthub_core::ids::EndpointPath;
use syfthub_core::wire::space::Message;

use crate::client::Client;
use crate::error::Error;
use crate::tokens::RESERVE;

/// A conversation before it begins; from [`Client::agent`](crate::Client::agent).
#[must_use = "nothing is said before `open`"]
pub struct Agent<'a> {
    client: &'a Client,
    endpoint: EndpointPath,
    prompt: String,
    turns: Vec<Message>,
    config: Map<String, Value>,
    pays: bool,
}

impl<'a> Agent<'a> {
    pub(crate) fn new(client: &'a Client, endpoint: EndpointPath, prompt: String) -> Self {
        Self { client, endpoint, prompt, turns: Vec::new(), config: Map::new(), pays: true }
    }

    /// The turns before the first words, oldest first.
    pub fn history(mut self, turns: Vec<Message>) -> Self {
        self.turns = turns;
        self
    }

    /// The most tokens of one answer.
    pub fn max_tokens(self, tokens: u32) -> Self {
        self.set("max_tokens", tokens.into())
    }

    /// From 0, always the likeliest word, to 2.
    pub fn temperature(self, temperature: f64) -> Self {
        self.set("temperature", temperature.into())
    }

    /// Tells the endpoint how to behave.
    pub fn system_prompt(self, text: impl Into<String>) -> Self {
        self.set("system_prompt", text.into().into())
    }

    /// Tells the endpoint what else it can make use of.
    pub fn metadata(self, facts: Map<String, Value>) -> Self {
        self.set("metadata", facts.into())
    }

    fn set(mut self, name: &str, value: Value) -> Self {
        self.config.insert(name.to_owned(), value);
        self
    }

    /// Sends no transaction token, so that the endpoint cannot charge the caller; one that wants to refuses.
    pub fn without_payment(mut self) -> Self {
        self.pays = false;
        self
    }

    /// Begins the conversation. Dropping it ends what the endpoint does.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the aggregator begins none, with its word for that in
    /// [`Error::code`]; [`ErrorKind::Unreachable`](crate::ErrorKind::Unreachable) and
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when it cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt as _;
    /// use syfthub_client::agent::AgentEvent;
    ///
    /// let mut talk = hub.agent("ada/oracle".parse()?, "What grows near the river?").open().await?;
    /// let voice = talk.voice();
    /// while let Some(event) = talk.try_next().await? {
    ///     match event {
    ///         AgentEvent::Token { token } => print!("{token}"),
    ///         AgentEvent::RequestInput { .. } => voice.close().await?,
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open(self) -> Result<Conversation, Error> {
        let deadline = self.client.transport().sender.deadline;
        let url = self.client.aggregator(&["agent", "session"]);
        Box::pin(line::open(&url, deadline, self.start())).await
    }

    /// The first frame.
    async fn start(self) -> Result<Value, Error> {
        let Self { client, endpoint, prompt, turns, config, pays } = self;
        let token = client.tokens().of_caller(&endpoint.owner, RESERVE).await?;
        let mut payload = json!({
            "prompt": prompt,
            "endpoint": {"owner": endpoint.owner, "slug": endpoint.slug},
            "satellite_token": token.expose(),
        });
        if pays && client.is_signed_in() {
            // An endpoint without one may still answer for free.
            let owner = endpoint.owner.clone();
            let minted = client.ledger().transaction_tokens(std::slice::from_ref(&owner)).await;
            if let Some(token) = minted.ok().and_then(|mut all| all.tokens.remove(owner.as_str())) {
                payload["transaction_token"] = token.into();
            }
        }
        if !turns.is_empty() {
            payload["messages"] = json!(turns);
        }
        if !config.is_empty() {
            payload["config"] = config.into();
        }
        Ok(json!({"type": "session.start", "payload": payload}))
    }
}
