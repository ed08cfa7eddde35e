//! Any server that speaks the OpenAI chat completions API: OpenAI itself, vLLM, LM Studio, a LiteLLM proxy, Ollama.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use reqwest::{RequestBuilder, Response};
use serde_json::{Map, Value, json};
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::chat::Usage;
use syfthub_core::wire::space::Message;

use super::remote::{self, Door, Server, Step};
use super::{Available, Chat, Model, ModelError, ModelType, Piece, Pieces, Reply};
use crate::space::kind::{BadConfiguration, TypeInfo, schema};

const DEFAULT_BASE: &str = "https://api.openai.com/v1";

/// The type `openai`.
pub(super) struct OpenAi;

impl ModelType for OpenAi {
    fn info(&self) -> TypeInfo {
        let properties = remote::properties(
            DEFAULT_BASE,
            "Where the API is, up to and including its version.",
            "As the server names it, such as gpt-4o-mini.",
        );
        TypeInfo {
            name: "openai",
            description: "A model behind any OpenAI-compatible server.",
            config_schema: schema(&["model"], properties),
            icon: "🤖",
            enabled: true,
        }
    }

    fn open(&self, configuration: &Map<String, Value>) -> Result<Arc<dyn Model>, BadConfiguration> {
        let Settings(settings) = self.info().read(configuration)?;
        let remote::Settings { door, model, system_prompt } = settings;
        Ok(Arc::new(Remote { server: door.open()?, model, system_prompt }))
    }

    fn available(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Option<Available>, BadConfiguration> {
        let Listing(door) = self.info().read(configuration)?;
        let server = door.open()?;
        Ok(Some(async move { listed(&server).await }.boxed()))
    }
}

struct Settings(remote::Settings);

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        remote::Settings::read(&mut Fields::of(value, place)?, DEFAULT_BASE).map(Self)
    }
}

/// What listing models needs of a configuration that may not name one yet.
struct Listing(Door);

impl Input for Listing {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Door::read(&mut Fields::of(value, place)?, DEFAULT_BASE).map(Self)
    }
}

async fn listed(server: &Server) -> Result<Vec<String>, ModelError> {
    remote::names(&remote::fetch(signed(server, server.get("models"))).await?["data"], "id")
}

fn signed(server: &Server, request: RequestBuilder) -> RequestBuilder {
    match server.key() {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}

struct Remote {
    server: Server,
    model: String,
    system_prompt: String,
}

impl Model for Remote {
    fn name(&self) -> &str {
        &self.model
    }

    fn stream(&self, chat: Chat) -> BoxFuture<'_, Result<Pieces, ModelError>> {
        async move {
            let mut body = self.body(chat);
            body["stream"] = true.into();
            body["stream_options"] = json!({"include_usage": true});
            Ok(pieces(remote::send(self.request(&body)).await?))
        }
        .boxed()
    }

    fn complete(&self, chat: Chat) -> BoxFuture<'_, Result<Reply, ModelError>> {
        async move { reply(&remote::fetch(self.request(&self.body(chat))).await?) }.boxed()
    }

    /// A compatible server may have no list of models; a refusal to list them is an answer of a living server.
    fn check(&self) -> BoxFuture<'_, Result<(), ModelError>> {
        async move {
            match listed(&self.server).await {
                Ok(_) | Err(ModelError::Refused(_)) => Ok(()),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }
}

impl Remote {
    fn request(&self, body: &Value) -> RequestBuilder {
        signed(&self.server, self.server.post("chat/completions", body))
    }

    fn body(&self, chat: Chat) -> Value {
        let system = &self.system_prompt;
        let own = (!system.is_empty()).then(|| Message::new("system", system.as_str()));
        let messages: Vec<Message> = own.into_iter().chain(chat.messages).collect();
        let mut body = json!({
            "model": self.model,
            "messages": messages,
            "max_tokens": chat.max_tokens,
            "temperature": chat.temperature,
        });
        // Some servers refuse what they do not know: what says nothing is left out.
        if !chat.stop.is_empty() {
            body["stop"] = chat.stop.into();
        }
        for (name, penalty) in [
            ("presence_penalty", chat.presence_penalty),
            ("frequency_penalty", chat.frequency_penalty),
        ] {
            if penalty != 0.0 {
                body[name] = penalty.into();
            }
        }
        body
    }
}

/// The pieces of a streamed answer. Some servers answer in one piece although asked to stream.
fn pieces(response: Response) -> Pieces {
    let kind = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return remote::pieces(remote::events(response), |data| match data {
            "[DONE]" => Ok(Step::End(Vec::new())),
            data => piece(data).map(Step::Pieces),
        });
    }
    let stream = async_stream::try_stream! {
        let Reply { text, finish_reason, usage } = reply(&remote::document(response).await?)?;
        yield Piece::Text(text);
        if let Some(usage) = usage {
            yield Piece::Usage(usage);
        }
        yield Piece::Finish(finish_reason);
    };
    stream.boxed()
}

fn reply(answer: &Value) -> Result<Reply, ModelError> {
    let choice = &answer["choices"][0];
    let text = choice["message"]["content"].as_str().ok_or(ModelError::Unreadable)?;
    let finish = choice["finish_reason"].as_str().unwrap_or("stop");
    Ok(Reply {
        text: text.to_owned(),
        finish_reason: finish.to_owned(),
        usage: usage(&answer["usage"]),
    })
}

fn piece(data: &str) -> Result<Vec<Piece>, ModelError> {
    let event: Value = serde_json::from_str(data).map_err(|_| ModelError::Unreadable)?;
    if !event["error"].is_null() {
        let message = event["error"]["message"].as_str().unwrap_or("it broke off");
        return Err(remote::refused(message));
    }
    let choice = &event["choices"][0];
    let text = choice["delta"]["content"]
        .as_str()
        .filter(|text| !text.is_empty())
        .map(|text| Piece::Text(text.to_owned()));
    let finish = choice["finish_reason"].as_str().map(|reason| Piece::Finish(reason.to_owned()));
    let usage = usage(&event["usage"]).map(Piece::Usage);
    Ok([text, finish, usage].into_iter().flatten().collect())
}

fn usage(value: &Value) -> Option<Usage> {
    value.is_object().then(|| serde_json::from_value(value.clone()).ok()).flatten()
}

#[cfg(test)]
#[path = "openai_tests.rs"]
mod tests;
