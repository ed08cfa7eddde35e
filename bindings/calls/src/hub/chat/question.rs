//! A question, as the languages write it.

use serde::Deserialize;
use syfthub_client::wire::chat::{ChatResponse, EndpointRef, OnDenied};
use syfthub_client::wire::space::Message;
use syfthub_client::{Addresses, Chat, Client, Direct, EndpointPath, Error};

use crate::failure::{Argument, Failure};
use crate::seconds::Seconds;

/// Everything that can be said of a question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    prompt: String,
    model: Option<Asked>,
    #[serde(default)]
    sources: Vec<Asked>,
    /// The turns before the question, oldest first.
    messages: Option<Vec<Message>>,
    top_k: Option<u32>,
    max_tokens: Option<u32>,
    temperature: Option<f64>,
    similarity_threshold: Option<f64>,
    system_prompt: Option<String>,
    on_denied: Option<Denied>,
    aggregator_url: Option<String>,
    /// Asks as nobody in particular, whoever is signed in.
    #[serde(default)]
    guest: bool,
    /// Whether owners may charge the caller; they may unless this is false.
    pays: Option<bool>,
    /// Makes the answer in this process, without an aggregator.
    #[serde(default)]
    direct: bool,
    /// Which addresses this process calls, where it makes the answer.
    addresses: Option<Reachable>,
    timeout_s: Option<Seconds>,
    idle_timeout_s: Option<Seconds>,
}

/// An endpoint that is asked: by its name at the hub (`path`), or by its address (`url` and `slug`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    path: Option<EndpointPath>,
    /// What it is asked in place of the prompt.
    query: Option<String>,
    url: Option<String>,
    slug: Option<String>,
    name: Option<String>,
    tenant_name: Option<String>,
    owner_username: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Denied {
    Continue,
    Fail,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reachable {
    LikeHub,
    Public,
    Any,
}

/// An endpoint that was said in full.
enum Place {
    Named(EndpointPath),
    At(EndpointRef),
}

impl Asked {
    /// Where it is; `field` names it in a refusal.
    fn place(&self, field: &str) -> Result<Place, Failure> {
        match (&self.path, &self.url, &self.slug) {
            (Some(path), None, None) => Ok(Place::Named(path.clone())),
            (None, Some(url), Some(slug)) => Ok(Place::At(EndpointRef {
                url: url.clone(),
                slug: slug.clone(),
                name: self.name.clone().unwrap_or_default(),
                tenant_name: self.tenant_name.clone(),
                owner_username: self.owner_username.clone(),
                query_override: self.query.clone(),
            })),
            _ => Err(refused(field, "expected either a `path`, or a `url` and a `slug`")),
        }
    }
}

impl Question {
    /// The question, which must name a model.
    ///
    /// # Errors
    /// When it names none.
    pub(super) fn of_a_model(self) -> Result<Self, Failure> {
        if self.model.is_some() { Ok(self) } else { Err(refused("model", "missing field `model`")) }
    }

    /// The question to its sources alone.
    pub(super) fn of_sources(self) -> Self {
        Self { model: None, ..self }
    }

    /// The client that asks.
    pub(super) fn client(&self, hub: &Client) -> Result<Client, Error> {
        let hub = if self.guest { hub.as_guest() } else { hub.clone() };
        match &self.aggregator_url {
            Some(url) => hub.with_aggregator(url),
            None => Ok(hub),
        }
    }

    /// The complete answer.
    pub(super) async fn answer(&self, hub: &Client) -> Result<ChatResponse, Failure> {
        let hub = self.client(hub)?;
        let chat = self.chat(&hub)?;
        Ok(if self.direct { self.direct(chat).send().await? } else { chat.send().await? })
    }

    pub(super) fn is_direct(&self) -> bool {
        self.direct
    }

    /// The same question without an aggregator.
    pub(super) fn direct<'a>(&self, chat: Chat<'a>) -> Direct<'a> {
        match self.addresses {
            None => chat.direct(),
            Some(Reachable::LikeHub) => chat.direct().addresses(Addresses::LikeHub),
            Some(Reachable::Public) => chat.direct().addresses(Addresses::Public),
            Some(Reachable::Any) => chat.direct().addresses(Addresses::Any),
        }
    }

    /// The question as `hub` asks it.
    pub(super) fn chat<'a>(&self, hub: &'a Client) -> Result<Chat<'a>, Failure> {
        let mut chat = match self.model.as_ref().map(|model| model.place("model")).transpose()? {
            None => hub.retrieve(&self.prompt),
            Some(Place::Named(path)) => hub.chat(path, &self.prompt),
            Some(Place::At(model)) => hub.retrieve(&self.prompt).model_at(model),
        };
        for (number, source) in self.sources.iter().enumerate() {
            chat = match (source.place(&format!("sources[{number}]"))?, &source.query) {
                (Place::At(source), _) => chat.source_at(source),
                (Place::Named(path), None) => chat.source(path),
                (Place::Named(path), Some(query)) => chat.source_asked(path, query),
            };
        }
        Ok(self.bounded(self.worded(chat)))
    }

    /// `chat` with what the model is told, and how it is to write.
    fn worded<'a>(&self, mut chat: Chat<'a>) -> Chat<'a> {
        if let Some(turns) = &self.messages {
            chat = chat.history(turns.clone());
        }
        if let Some(text) = &self.system_prompt {
            chat = chat.system_prompt(text);
        }
        if let Some(tokens) = self.max_tokens {
            chat = chat.max_tokens(tokens);
        }
        if let Some(temperature) = self.temperature {
            chat = chat.temperature(temperature);
        }
        chat
    }

    /// `chat` with what limits its documents, its costs and its time.
    fn bounded<'a>(&self, mut chat: Chat<'a>) -> Chat<'a> {
        if let Some(documents) = self.top_k {
            chat = chat.top_k(documents);
        }
        if let Some(score) = self.similarity_threshold {
            chat = chat.similarity_threshold(score);
        }
        if let Some(then) = self.on_denied {
            chat = chat.on_denied(match then {
                Denied::Continue => OnDenied::Continue,
                Denied::Fail => OnDenied::Fail,
            });
        }
        if self.pays == Some(false) {
            chat = chat.without_payment();
        }
        if let Some(Seconds(span)) = self.timeout_s {
            chat = chat.deadline(span);
        }
        if let Some(Seconds(silence)) = self.idle_timeout_s {
            chat = chat.idle_timeout(silence);
        }
        chat
    }
}

fn refused(field: &str, message: &str) -> Failure {
    let (field, message) = (field.to_owned(), message.to_owned());
    Failure::Argument(Argument { field, message, of_type: true })
}
