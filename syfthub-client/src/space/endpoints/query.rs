//! Questions to an endpoint (contract space 2).

use std::fmt;

use futures_util::{Stream, StreamExt as _};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use syfthub_core::wire::filter::Filter;
use syfthub_core::wire::space::{Messages, QueryResponse};

use super::Endpoints;
use super::answer::{self, AnswerEvent};
use crate::error::Error;

/// A question to an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Question {
    /// The text, or the turns of a conversation, oldest first.
    #[serde(deserialize_with = "text_or_turns")]
    pub messages: Messages,
    /// The most documents, at least 1; the space may give fewer.
    #[serde(default = "five")]
    pub limit: u32,
    /// The least score of a document, 0 to 1.
    #[serde(default)]
    pub similarity_threshold: f64,
    /// Whether documents carry their metadata.
    #[serde(default = "yes")]
    pub include_metadata: bool,
    /// The most tokens of the answer, at least 1; the space may allow fewer.
    #[serde(default = "max_tokens")]
    pub max_tokens: u32,
    /// 0 to 2.
    #[serde(default = "temperature")]
    pub temperature: f64,
    /// Where the model stops.
    #[serde(default)]
    pub stop_sequences: Vec<String>,
    /// -2 to 2.
    #[serde(default)]
    pub presence_penalty: f64,
    /// -2 to 2.
    #[serde(default)]
    pub frequency_penalty: f64,
    /// The caller's accounting token, for endpoints that charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_token: Option<String>,
    /// What the documents have to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters: Option<Filter>,
}

fn five() -> u32 {
    5
}

fn yes() -> bool {
    true
}

fn max_tokens() -> u32 {
    1024
}

fn temperature() -> f64 {
    0.7
}

/// Reads messages as their own type does, and says what is expected where they are something else.
fn text_or_turns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Messages, D::Error> {
    struct TextOrTurns;

    impl<'de> Visitor<'de> for TextOrTurns {
        type Value = Messages;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a list of messages")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Messages, E> {
            Ok(Messages::Text(text.to_owned()))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, turns: A) -> Result<Messages, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(turns)).map(Messages::Turns)
        }
    }

    deserializer.deserialize_any(TextOrTurns)
}

impl Question {
    /// Asks for five documents, with any score, and for at most 1024 tokens.
    pub fn new(text: impl Into<String>) -> Self {
        Self::of(Messages::Text(text.into()))
    }

    /// The same about a conversation, or a text.
    pub fn of(messages: Messages) -> Self {
        Self {
            messages,
            limit: five(),
            similarity_threshold: 0.0,
            include_metadata: true,
            max_tokens: max_tokens(),
            temperature: temperature(),
            stop_sequences: Vec::new(),
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            transaction_token: None,
            filters: None,
        }
    }
}

/// A question whose answer is to be streamed.
#[derive(Serialize)]
struct Streamed<'a> {
    #[serde(flatten)]
    question: &'a Question,
    stream: bool,
}

impl Endpoints<'_> {
    /// Asks an endpoint: with the admin key as its owner, whether or not it is published, and where the space answers callers
    /// with a satellite token for its owner.
    ///
    /// # Errors
    /// As [`Endpoints::get`], or what the policies, the dataset or the model say.
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::space::endpoints::Question;
    ///
    /// let answer = space.endpoints().query("field-notes", &Question::new("reeds")).await?;
    /// for document in answer.references.into_iter().flat_map(|found| found.documents) {
    ///     println!("{:.2} {}", document.similarity_score, document.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn query(&self, slug: &str, question: &Question) -> Result<QueryResponse, Error> {
        let call = self.space.post(&["endpoints", slug, "query"]).json(question);
        self.space.json(self.space.patient(call)).await
    }

    /// Asks an endpoint whose answer is read as the model writes it. Dropping the stream ends the answer.
    ///
    /// # Errors
    /// As [`Endpoints::query`], before anything was written. The stream's last item is an error when the model fails
    /// ([`ErrorKind::Generation`](crate::ErrorKind::Generation)) or the answer breaks off
    /// ([`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted)).
    ///
    /// ```no_run
    /// # async fn example(space: syfthub_client::space::Space) -> Result<(), syfthub_client::Error> {
    /// use futures_util::TryStreamExt as _;
    /// use syfthub_client::space::endpoints::{AnswerEvent, Question};
    ///
    /// let question = Question::new("What grows near the river?");
    /// let mut events = std::pin::pin!(space.endpoints().stream("field-notes", &question).await?);
    /// while let Some(event) = events.try_next().await? {
    ///     if let AnswerEvent::Token { content } = event {
    ///         print!("{content}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stream(
        &self,
        slug: &str,
        question: &Question,
    ) -> Result<impl Stream<Item = Result<AnswerEvent, Error>> + Send + use<>, Error> {
        let call = self.space.post(&["endpoints", slug, "query"]);
        let call = self.space.patient(call.json(&Streamed { question, stream: true }));
        let (frames, correlation_id) = self.space.events(call).await?;
        let events = answer::events(frames);
        Ok(events.map(move |event| event.map_err(|error| error.correlated(&*correlation_id))))
    }
}
