//! Models: what writes the answer. Adding a type is one file here and one line in [`TYPES`].

mod anthropic;
mod extractive;
#[cfg(test)]
mod fixture;
mod ollama;
mod openai;
mod remote;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde_json::{Map, Value};
use syfthub_core::wire::chat::Usage;
use syfthub_core::wire::space::Message;

use super::kind::{BadConfiguration, TypeInfo};
use std::sync::Arc;

/// Every type of model.
pub(crate) const TYPES: &[&dyn ModelType] =
    &[&anthropic::Anthropic, &extractive::Extractive, &ollama::Ollama, &openai::OpenAi];

/// A type of model.
pub(crate) trait ModelType: Sync {
    /// What it is, and how it is configured.
    fn info(&self) -> TypeInfo;

    /// Checks a configuration, secrets included, and makes the model.
    fn open(&self, configuration: &Map<String, Value>) -> Result<Arc<dyn Model>, BadConfiguration>;

    /// Asks its server which models there are; a configuration that names none yet is enough. `None` when the type has no
    /// server.
    fn available(
        &self,
        _configuration: &Map<String, Value>,
    ) -> Result<Option<Available>, BadConfiguration> {
        Ok(None)
    }
}

/// The names of the models that a server offers.
pub(crate) type Available = BoxFuture<'static, Result<Vec<String>, ModelError>>;

/// The type called `dtype`.
pub(crate) fn find(dtype: &str) -> Option<&'static dyn ModelType> {
    TYPES.iter().copied().find(|kind| kind.info().name == dtype)
}

/// A conversation to be continued.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chat {
    pub(crate) messages: Vec<Message>,
    pub(crate) max_tokens: i64,
    pub(crate) temperature: f64,
    pub(crate) stop: Vec<String>,
    pub(crate) presence_penalty: f64,
    pub(crate) frequency_penalty: f64,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The next text.
    Text(String),
    /// Why it ended, such as `stop` or `length`.
    Finish(String),
    /// What the model counted.
    Usage(Usage),
}

/// An answer as it is written; dropping it abandons it.
pub(crate) type Pieces = BoxStream<'static, Result<Piece, ModelError>>;

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) finish_reason: String,
    pub(crate) usage: Option<Usage>,
}

/// What answers.
pub(crate) trait Model: Send + Sync {
    /// What the answer names as its author.
    fn name(&self) -> &str;

    /// Begins an answer.
    fn stream(&self, chat: Chat) -> BoxFuture<'_, Result<Pieces, ModelError>>;

    /// Gives a whole answer.
    fn complete(&self, chat: Chat) -> BoxFuture<'_, Result<Reply, ModelError>> {
        Box::pin(async move { collect(self.stream(chat).await?).await })
    }

    /// Whether it would answer, found out without asking it anything that costs money.
    fn check(&self) -> BoxFuture<'_, Result<(), ModelError>>;
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ModelError {
    /// The model's server cannot be reached, or the connection broke.
    #[error("the model's server cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the model's server took too long")]
    TimedOut,
    /// The model's server does not accept this space's key.
    #[error("the model's server refused this space's credentials")]
    Denied,
    /// The model's server asks for patience.
    #[error("the model's server is busy; try again later")]
    Busy {
        /// Seconds, when it said how long.
        retry_after: Option<u64>,
    },
    /// The model's server refused the request.
    #[error("the model's server refused the request: {0}")]
    Refused(String),
    /// The model's server failed, or answered something that cannot be read.
    #[error("the model's server failed (HTTP {0})")]
    Failed(u16),
    /// The answer cannot be read.
    #[error("the model's server answered something that cannot be read")]
    Unreadable,
}

/// Reads a stream to its end.
pub(crate) async fn collect(mut pieces: Pieces) -> Result<Reply, ModelError> {
    let mut reply = Reply { finish_reason: "stop".to_owned(), ..Reply::default() };
    while let Some(piece) = pieces.next().await {
        match piece? {
            Piece::Text(text) => reply.text.push_str(&text),
            Piece::Finish(reason) => reply.finish_reason = reason,
            Piece::Usage(usage) => reply.usage = Some(usage),
        }
    }
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name_once() {
        for kind in TYPES {
            let same = TYPES.iter().filter(|other| other.info().name == kind.info().name);
            assert_eq!(same.count(), 1, "{}", kind.info().name);
        }
        assert!(find("extractive").is_some() && find("nonsense").is_none());
    }

    #[test]
    fn a_secret_is_never_part_of_what_is_shown() {
        let info = openai::OpenAi.info();
        let configuration = serde_json::json!({"model": "m", "api_key": "sk-1"});
        let (shown, secrets) = info.split(configuration.as_object().unwrap().clone());
        assert_eq!(serde_json::to_string(&shown).unwrap(), r#"{"model":"m"}"#);
        assert_eq!(secrets["api_key"], "sk-1");
    }
}
