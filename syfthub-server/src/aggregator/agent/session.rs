//! Who says what when.

use std::pin::pin;

use async_stream::stream;
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
use syfthub_core::rag::{Chunk, GenerateError, Generator as _, Prompt};
use syfthub_core::wire::chat::ChatRequest;
use syfthub_core::wire::space::Message;
use tokio::time::sleep;

use super::Caller;
use super::line::{Closing, Gone, Heard, Line};
use super::start::Start;
use crate::aggregator::Aggregator;
use crate::aggregator::ports::Ports;

/// A conversation. Dropping it ends the call of the space.
pub(super) struct Session {
    aggregator: Aggregator,
    caller: Caller,
    line: Line,
    request: ChatRequest,
    turns: Vec<Message>,
    prompt: String,
}

/// How a session ends.
enum Ending {
    /// The caller has all they wanted.
    Completed,
    /// The caller wants no answer any more.
    Cancelled,
    /// Nothing was said for too long.
    Idle,
    /// The endpoint, or what it was asked, is at fault.
    Failed { code: &'static str, message: String },
    /// There is nobody to tell.
    Gone,
}

impl From<Gone> for Ending {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl Session {
    pub(super) fn new(
        aggregator: Aggregator,
        caller: Caller,
        line: Line,
        mut start: Start,
    ) -> Self {
        let (request, turns) = (start.request(), start.history());
        Self { aggregator, caller, line, request, turns, prompt: start.prompt }
    }

    /// Holds the conversation until somebody ends it.
    pub(super) async fn run(mut self) {
        let Err(ending) = self.converse().await;
        self.end(ending).await;
    }

    async fn converse(&mut self) -> Result<std::convert::Infallible, Ending> {
        let id = self.line.session().to_owned();
        self.line.tell("session.created", json!({"session_id": id})).await?;
        loop {
            self.turns.push(Message::new("user", std::mem::take(&mut self.prompt)));
            let said = self.turn().await?;
            self.line.tell("agent.message", json!({"content": said, "is_complete": true})).await?;
            self.turns.push(Message::new("assistant", said));
            self.line.tell("agent.request_input", json!({"prompt": ""})).await?;
            self.prompt = self.answer().await?;
        }
    }

    /// The endpoint's answer to everything said so far.
    async fn turn(&mut self) -> Result<String, Ending> {
        self.within_limits()?;
        let status = json!({"status": "generating", "detail": "", "progress": null});
        self.line.tell("agent.status", status).await?;
        let mut due = pin!(sleep(self.aggregator.settings.generation_timeout));
        let mut pieces =
            pin!(pieces(&self.aggregator, &self.caller, &self.request, self.turns.clone()));
        let mut said = String::new();
        loop {
            tokio::select! {
                biased;
                heard = self.line.hear() => match heard {
                    Heard::Said(_) => {
                        self.line.complain("BUSY", "the endpoint is still answering", true).await?;
                    }
                    other => listen(&mut self.line, other).await?,
                },
                () = &mut due => return Err(failed(&GenerateError::Timeout)),
                piece = pieces.next() => match piece {
                    Some(Ok(Chunk::Text(text))) => {
                        said.push_str(&text);
                        self.line.tell("agent.token", json!({"token": text})).await?;
                    }
                    Some(Ok(Chunk::Usage(_) | Chunk::Entries(_))) => {}
                    Some(Err(error)) => return Err(failed(&error)),
                    None => return Ok(said),
                },
            }
        }
    }

    /// What the caller says next.
    async fn answer(&mut self) -> Result<String, Ending> {
        loop {
            match self.line.wait().await {
                Heard::Said(text) => return Ok(text),
                other => listen(&mut self.line, other).await?,
            }
        }
    }

    /// The conversation may not outgrow a question.
    fn within_limits(&self) -> Result<(), Ending> {
        let most = self.aggregator.settings.max_prompt_chars;
        let characters: usize = self.turns.iter().map(|turn| turn.content.chars().count()).sum();
        if characters <= most {
            return Ok(());
        }
        let message = format!("a conversation has at most {most} characters");
        Err(Ending::Failed { code: "CONVERSATION_TOO_LONG", message })
    }

    async fn end(mut self, ending: Ending) {
        let id = self.line.session().to_owned();
        let failed = |error: &str, reason: &str| json!({"error": error, "reason": reason});
        let (kind, payload, closing) = match ending {
            Ending::Gone => return,
            Ending::Completed => ("session.completed", json!({"session_id": id}), Closing::Done),
            Ending::Cancelled => {
                let payload = failed("the caller cancelled", "CANCELLED");
                ("session.failed", payload, Closing::Done)
            }
            Ending::Idle => {
                let payload = failed("nothing was said for too long", "IDLE_TIMEOUT");
                ("session.failed", payload, Closing::Idle)
            }
            Ending::Failed { code, message } => {
                if self.line.complain(code, &message, false).await.is_err() {
                    return;
                }
                ("session.failed", failed(&message, code), Closing::Failed)
            }
        };
        if self.line.tell(kind, payload).await.is_ok() {
            self.line.close(closing).await;
        }
    }
}

/// What the endpoint writes. Nothing is asked before the first piece is, and dropping it ends the call.
fn pieces(
    aggregator: &Aggregator,
    caller: &Caller,
    request: &ChatRequest,
    messages: Vec<Message>,
) -> impl Stream<Item = Result<Chunk, GenerateError>> + Send {
    stream! {
        let known = &caller.admitted.known;
        let ports = Ports::of(aggregator, request, known, &caller.correlation).await;
        let endpoint = ports.model(&caller.parent);
        let (max_tokens, temperature) = (request.max_tokens, request.temperature);
        let prompt = Prompt { messages, max_tokens, temperature, stream: true };
        match endpoint.generate(prompt).await {
            Ok(mut pieces) => while let Some(piece) = pieces.next().await {
                yield piece;
            },
            Err(error) => yield Err(error),
        }
    }
}

/// What the caller did besides saying something.
async fn listen(line: &mut Line, heard: Heard) -> Result<(), Ending> {
    match heard {
        Heard::Ping => Ok(line.pong().await?),
        Heard::Cancel => Err(Ending::Cancelled),
        Heard::Close => Err(Ending::Completed),
        Heard::Gone => Err(Ending::Gone),
        Heard::Idle => Err(Ending::Idle),
        Heard::Said(_) | Heard::Unknown => {
            let message = "this frame means nothing here";
            Ok(line.complain("INVALID_MESSAGE", message, true).await?)
        }
    }
}

fn failed(error: &GenerateError) -> Ending {
    let code = match error {
        GenerateError::Denied(_) => "ACCESS_DENIED",
        GenerateError::Timeout => "TIMEOUT",
        _ => "AGENT_ERROR",
    };
    Ending::Failed { code, message: error.to_string() }
}
