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

impl Written {
    fn charge(&mut self, entries: Vec<PolicyEntry>) {
        self.entries.extend(entries);
        self.entries = within_bounds(std::mem::take(&mut self.entries));
    }
}

/// A generation under way. Dropping it drops the call.
pub(super) struct Generation<'a, T> {
    timer: &'a T,
    began: Duration,
    deadline: BoxFuture<'static, ()>,
    /// Runs until the first text.
    beat: Option<BoxFuture<'static, ()>>,
    stage: Stage<'a>,
    /// The piece of text that is being told, and how much of it was.
    piece: String,
    told: usize,
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
            piece: String::new(),
            told: 0,
            written: Written::default(),
        }
    }

    /// The next token or sign of life; nothing after the end.
    ///
    /// # Errors
    /// Why the generation failed, after which it must not be asked again.
    pub(super) async fn next(&mut self) -> Option<Result<AnswerEvent, GenerateError>> {
        loop {
            if let Some(content) = self.token() {
                return Some(Ok(AnswerEvent::Token { content }));
            }
            match poll_fn(|context| self.poll(context)).await {
                Step::Began(pieces) => self.stage = Stage::Writing(pieces),
                Step::Piece(Chunk::Text(text)) => self.say(text),
                Step::Piece(Chunk::Usage(usage)) => self.written.usage = Some(usage),
                Step::Piece(Chunk::Entries(entries)) => self.written.charge(entries),
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

    fn say(&mut self, text: String) {
        if !text.is_empty() {
            self.beat = None;
            self.written.text.push_str(&text);
            (self.piece, self.told) = (text, 0);
        }
    }

    /// As much of the piece as one event tells; usually the whole of it.
    fn token(&mut self) -> Option<String> {
        let from = self.told;
        if from == 0 && self.piece.len() <= TOKEN_BYTES {
            return Some(std::mem::take(&mut self.piece)).filter(|text| !text.is_empty());
        }
        self.told = self.piece.floor_char_boundary(from + TOKEN_BYTES);
        if from < self.told {
            return Some(self.piece[from..self.told].to_owned());
        }
        (self.piece, self.told) = (String::new(), 0);
        None
    }

    /// What was written, and what the endpoint's policies did, failure or not.
    pub(super) fn finish(self) -> Written {
        self.written
    }

    /// `cause` as the failure of the answer; and what the endpoint said of its policies with it.
    pub(super) fn fail(self, mut cause: GenerateError) -> (AnswerError, Written) {
        let mut written = self.written;
        written.charge(cause.take_entries());
        let error = if written.text.is_empty() {
            AnswerError::Generation(cause)
        } else {
            AnswerError::Stream(cause)
        };
        (error, written)
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
