//! From arguments to a question, and from a question to its events, with or without an aggregator.

use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryFutureExt as _};
use syfthub_client::chat::{Chat, Direct};
use syfthub_client::{Addresses, ChatEvent, Client, Error};
use syfthub_core::wire::chat::ChatResponse;
use syfthub_core::wire::space::Message;

use crate::args::AskArgs;
use crate::failure::Misuse;

/// The question that the arguments describe.
pub(crate) async fn question<'a>(
    client: &'a Client,
    args: &AskArgs,
) -> anyhow::Result<Question<'a>> {
    let prompt = prompt(args.prompt.clone()).await?;
    let mut turns = match &args.history {
        Some(file) => history(file).await?,
        None => Vec::new(),
    };
    turns.extend(args.turns.iter().cloned());
    let mut chat = client
        .chat(args.model.clone(), prompt)
        .top_k(args.top_k)
        .max_tokens(args.max_tokens)
        .temperature(args.temperature)
        .similarity_threshold(args.threshold)
        .history(turns)
        .on_denied(args.on_denied.into());
    for source in &args.sources {
        let path = source.path.clone();
        chat = match &source.question {
            Some(question) => chat.source_asked(path, question),
            None => chat.source(path),
        };
    }
    if let Some(system) = &args.system {
        chat = chat.system_prompt(system);
    }
    if args.retrieve_only {
        chat = chat.retrieval_only();
    }
    if args.no_pay {
        chat = chat.without_payment();
    }
    if let Some(seconds) = args.timeout {
        chat = chat.deadline(Duration::from_secs(seconds));
    }
    Ok(match (args.direct, args.allow_private) {
        (false, _) => Question::Aggregated(chat),
        (true, false) => Question::Direct(chat.direct()),
        (true, true) => Question::Direct(chat.direct().addresses(Addresses::Any)),
    })
}

/// A question, and who makes the answer.
pub(crate) enum Question<'a> {
    Aggregated(Chat<'a>),
    Direct(Direct<'a>),
}

impl<'a> Question<'a> {
    /// The complete answer.
    pub(crate) async fn send(self) -> Result<ChatResponse, Error> {
        match self {
            Self::Aggregated(chat) => chat.send().await,
            Self::Direct(direct) => direct.send().await,
        }
    }

    /// The answer as it is made; what keeps it from being made at all comes as the first item.
    pub(crate) fn events(self) -> BoxStream<'a, Result<ChatEvent, Error>> {
        match self {
            Self::Aggregated(chat) => chat.stream().try_flatten_stream().boxed(),
            Self::Direct(direct) => direct.stream().try_flatten_stream().boxed(),
        }
    }
}

/// The question that an argument gives; `-` is read from standard input.
pub(crate) async fn prompt(given: String) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given);
    }
    let read = || {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    };
    let text = tokio::task::spawn_blocking(read).await?.context("standard input cannot be read")?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Misuse("standard input holds no question".to_owned()).into());
    }
    Ok(text.to_owned())
}

async fn history(file: &Path) -> anyhow::Result<Vec<Message>> {
    let text = tokio::fs::read_to_string(file).await;
    let turns = text.map_err(|cause| cause.to_string()).and_then(|text| {
        serde_json::from_str::<Vec<Message>>(&text).map_err(|cause| cause.to_string())
    });
    turns.map_err(|cause| {
        let message = format!("{} holds no list of turns: {cause}", file.display());
        Misuse(message).into()
    })
}
