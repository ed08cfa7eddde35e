//! Conversations with an endpoint: a stream of what it says, and calls that say something meanwhile.
//!
//! The caller gives every conversation a name of its own, under which its words find the connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use serde_json::{Map, Value};
use syfthub_client::agent::{Agent, AgentEvent, Voice};
use syfthub_client::wire::space::Message;
use syfthub_client::{Client, EndpointPath};

use crate::failure::{Argument, Failure};
use crate::operation::operations;

/// What a conversation begins with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    endpoint: EndpointPath,
    prompt: String,
    messages: Option<Vec<Message>>,
    max_tokens: Option<u32>,
    temperature: Option<f64>,
    system_prompt: Option<String>,
    metadata: Option<Map<String, Value>>,
    aggregator_url: Option<String>,
    /// Whether the owner may charge the caller; they may unless this is false.
    pays: Option<bool>,
}

impl Start {
    fn agent(self, hub: &Client) -> Agent<'_> {
        let mut agent = hub.agent(self.endpoint, self.prompt);
        if let Some(turns) = self.messages {
            agent = agent.history(turns);
        }
        if let Some(tokens) = self.max_tokens {
            agent = agent.max_tokens(tokens);
        }
        if let Some(temperature) = self.temperature {
            agent = agent.temperature(temperature);
        }
        if let Some(text) = self.system_prompt {
            agent = agent.system_prompt(text);
        }
        if let Some(facts) = self.metadata {
            agent = agent.metadata(facts);
        }
        if self.pays == Some(false) { agent.without_payment() } else { agent }
    }
}

/// The conversations that are going on in this process.
static GOING_ON: Mutex<Option<HashMap<String, Voice>>> = Mutex::new(None);

fn going_on() -> MutexGuard<'static, Option<HashMap<String, Voice>>> {
    GOING_ON.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A conversation's name, given back when it is over.
struct Name(String);

impl Name {
    fn take(name: String, voice: Voice) -> Result<Self, Failure> {
        match going_on().get_or_insert_default().entry(name.clone()) {
            Entry::Occupied(_) => Err(refused("another conversation goes by this name")),
            Entry::Vacant(place) => {
                place.insert(voice);
                Ok(Self(name))
            }
        }
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        going_on().as_mut().and_then(|all| all.remove(&self.0));
    }
}

fn voice(name: &str) -> Result<Voice, Failure> {
    let found = going_on().as_ref().and_then(|all| all.get(name).cloned());
    found.ok_or_else(|| refused("no conversation of this name is going on"))
}

fn refused(message: &str) -> Failure {
    let (field, message) = ("conversation".to_owned(), message.to_owned());
    Failure::Argument(Argument { field, message, of_type: false })
}

fn events(
    hub: Client,
    name: String,
    start: Start,
) -> impl Stream<Item = Result<AgentEvent, Failure>> + Send {
    async_stream::try_stream! {
        let hub = match &start.aggregator_url {
            Some(url) => hub.with_aggregator(url)?,
            None => hub,
        };
        let mut talk = start.agent(&hub).open().await?;
        let _name = Name::take(name, talk.voice())?;
        while let Some(event) = talk.next().await {
            yield event?;
        }
    }
}

operations! {
    /// Conversations with an endpoint.
    OPERATIONS on Client;

    /// Begins a conversation, and gives what the endpoint says and does, each with its `type` and `payload`.
    stream "agent.open" [], (conversation: String, body: Start) |hub| {
        events(hub, conversation, body)
    }

    /// Says something, when it is the caller's turn.
    call "agent.say" [], (conversation: String, text: String) |_hub| {
        Ok(voice(&conversation)?.say(&text).await?)
    }

    /// Lets the endpoint use the tool it asked for.
    call "agent.confirm" [], (conversation: String, tool_call_id: String) |_hub| {
        Ok(voice(&conversation)?.confirm(&tool_call_id).await?)
    }

    /// Does not let the endpoint use the tool it asked for.
    call "agent.deny" [], (conversation: String, tool_call_id: String, reason: Option<String>) |_hub| {
        Ok(voice(&conversation)?.deny(&tool_call_id, reason.as_deref()).await?)
    }

    /// Wants nothing more of what the endpoint is at.
    call "agent.cancel" [], (conversation: String) |_hub| {
        Ok(voice(&conversation)?.cancel().await?)
    }

    /// Ends the conversation; its last event says that it is over.
    call "agent.close" [], (conversation: String) |_hub| {
        Ok(voice(&conversation)?.close().await?)
    }
}
