//! The generation as it is written: text, signs of life before the first of it, and its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, poll_fn};
use futures_util::stream::StreamExt;

use super::billing::within_bounds;
use super::event::{AnswerError, AnswerEvent, millis};
use super::port::{Chunk, GenerateError, GenerationStream, Generator, Prompt};
use crate::clock::Timer;
use crate::wire::chat::Usage;
use crate::wire::space::PolicyEntry;

/// How often a generation that has not said anything yet gives a sign of life (contract aggregator 1.7.2).
const HEARTBEAT: Duration = Duration::from_secs(3);

/// The most bytes of one token event: some clients cannot read lines of more than 64 KiB, and JSON may write a byte as six.
const TOKEN_BYTES: usize = 10 * 1024;

/// What the generator wrote so far.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The whole text.
    pub(super) text: String,
    /// What the model counted.
    pub(super) usage: Option<Usage>,
    /// What its endpoint's policies did.
    pub(super) entries: Vec<PolicyEntry>,
}

/// A generation under way. Dropping it drops the call.
pub(super) struct Generation<'a, T> {
    timer: &'a T,
    began: Duration,
    deadline: BoxFuture<'static, ()>,
    /// Runs until the first text.
    beat: Option<BoxFuture<'static, ()>>,
    stage: Stage<'a>,
    /// Text that is still to be told.
    tokens: std::vec::IntoIter<String>,
    written: Written,
}

enum Stage<'a> {
    Asked(BoxFuture<'a, Result<GenerationStream, GenerateError>>),
    Writing(GenerationStream),
}

enum Step {
    Beat,
    Began(GenerationStream),
    Piece(Chunk),
    End,
    Failed(GenerateError),
}

impl<'a, T: Timer> Generation<'a, T> {
    /// Asks `generator`, which may take as long as `limit`.
    pub(super) fn new<G: Generator>(
        generator: &'a G,
        prompt: Prompt,
        timer: &'a T,
        limit: Duration,
    ) -> Self {
        // The call begins inside the future, so that whatever it does is caught there.
        let call = async move { generator.generate(prompt).await };
        Self {
            timer,
            began: timer.elapsed(),
            deadline: timer.sleep(limit),
            beat: Some(timer.sleep(HEARTBEAT)),
            stage: Stage::Asked(Box::pin(call)),
            tokens: Vec::new().into_iter(),
            written: Written::default(),
        }
    }

    /// The next token or sign of life; nothing after the end.
    ///
    /// # Errors
    /// Why the generation failed, after which it must not be asked again.
    pub(super) async fn next(&mut self) -> Option<Result<AnswerEvent, GenerateError>> {
        loop {
            if let Some(content) = self.tokens.next() {
                return Some(Ok(AnswerEvent::Token { content }));
            }
            match poll_fn(|context| self.poll(context)).await {
                Step::Began(pieces) => self.stage = Stage::Writing(pieces),
                Step::Piece(chunk) => self.take(chunk),
                Step::End => return None,
                Step::Failed(cause) => return Some(Err(cause)),
                Step::Beat => {
                    self.beat = Some(self.timer.sleep(HEARTBEAT));
                    let elapsed_ms = millis(self.timer.elapsed().saturating_sub(self.began));
                    return Some(Ok(AnswerEvent::GenerationHeartbeat { elapsed_ms }));
                }
            }
        }
    }

    /// What was written, and what the endpoint's policies did, failure or not.
    pub(super) fn finish(self) -> Written {
        self.written
    }

    /// `cause` as the failure of the answer; and what the endpoint said of its policies with it.
    pub(super) fn fail(self, mut cause: GenerateError) -> (AnswerError, Written) {
        let mut written = self.written;
        written.entries.extend(cause.take_entries());
        written.entries = within_bounds(written.entries);
        let error = if written.text.is_empty() {
            AnswerError::Generation(cause)
        } else {
            AnswerError::Stream(cause)
        };
        (error, written)
    }

    fn take(&mut self, chunk: Chunk) {
        match chunk {
            Chunk::Text(text) => {
                if !text.is_empty() {
                    self.beat = None;
                }
                self.written.text.push_str(&text);
                self.tokens = tokens(text).into_iter();
            }
            Chunk::Usage(usage) => self.written.usage = Some(usage),
            Chunk::Entries(entries) => {
                self.written.entries.extend(entries);
                self.written.entries = within_bounds(std::mem::take(&mut self.written.entries));
            }
        }
    }

    /// The deadline is asked first: a generator that always has something ready cannot outrun it.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        if self.deadline.poll_unpin(context).is_ready() {
            return Poll::Ready(Step::Failed(GenerateError::Timeout));
        }
        let stage = &mut self.stage;
        let step = catch_unwind(AssertUnwindSafe(|| stage.poll(context)));
        if let Poll::Ready(step) = step.unwrap_or_else(|_panic| Poll::Ready(internal())) {
            return Poll::Ready(step);
        }
        match &mut self.beat {
            Some(beat) => beat.poll_unpin(context).map(|()| Step::Beat),
            None => Poll::Pending,
        }
    }
}

impl Stage<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        match self {
            Self::Asked(call) => call.poll_unpin(context).map(|began| match began {
                Ok(pieces) => Step::Began(pieces),
                Err(cause) => Step::Failed(cause),
            }),
            Self::Writing(pieces) => pieces.poll_next_unpin(context).map(|piece| match piece {
                Some(Ok(chunk)) => Step::Piece(chunk),
                Some(Err(cause)) => Step::Failed(cause),
                None => Step::End,
            }),
        }
    }
}

fn internal() -> Step {
    let what = "the model's endpoint failed internally".to_owned();
    Step::Failed(GenerateError::Unreadable(what))
}

/// `text` as token events carry it: nothing when it is empty, several pieces when it is long.
fn tokens(text: String) -> Vec<String> {
    if text.len() <= TOKEN_BYTES {
        return Some(text).filter(|text| !text.is_empty()).into_iter().collect();
    }
    let mut pieces = Vec::with_capacity(text.len() / TOKEN_BYTES + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(TOKEN_BYTES));
        pieces.push(piece.to_owned());
        rest = after;
    }
    pieces
}
