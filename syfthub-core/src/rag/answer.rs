//! The whole path from question to answer, as one stream.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_stream::stream;
use futures_util::future::{Either, FutureExt, select};
use futures_util::stream::{Stream, StreamExt};

use super::event::{Answer, AnswerError, AnswerEvent, SourceReport};
use super::plan::Plan;
use super::port::{Chunk, DataSource, GenerateError, GenerationStream, Generator, Prompt};
use super::prompt;
use super::rank::{Ranked, rank};
use super::retrieve::{Outcome, retrieve};
use super::sources::sources;
use crate::clock::Timer;
use crate::wire::chat::{Timings, Usage};

/// Answers the question of `plan`. `ports[i]` is asked for `plan.sources[i]`.
///
/// Whatever sources and generator do, the stream ends with exactly one terminal event. A failing source costs its own
/// documents; a failing generator costs the answer. Dropping the stream, at any point, drops every call under way.
pub fn answer<S, G, T>(
    plan: Plan,
    ports: Vec<S>,
    generator: G,
    timer: T,
) -> impl Stream<Item = AnswerEvent> + Send
where
    S: DataSource,
    G: Generator,
    T: Timer,
{
    stream! {
        let started = timer.elapsed();
        let spent = || timer.elapsed().saturating_sub(started);
        yield AnswerEvent::RetrievalStart { sources: plan.sources.len() };

        let mut gathered = Gathered::of(&plan);
        {
            let deadline = plan.limits.retrieval.min(plan.limits.total);
            let mut outcomes = std::pin::pin!(retrieve(&plan.sources, &ports, &timer, deadline));
            while let Some(outcome) = outcomes.next().await {
                let report = gathered.take(&plan, outcome);
                yield AnswerEvent::SourceComplete {
                    path: report.path.clone(),
                    status: report.status,
                    documents: report.documents,
                };
            }
        }
        let retrieval = spent();
        let (ranked, reports) = gathered.finish(&plan);
        yield AnswerEvent::RetrievalComplete { total_documents: ranked.len(), time_ms: millis(retrieval) };

        let mut written = Written::default();
        if !plan.retrieval_only {
            yield AnswerEvent::GenerationStart;
            let left = plan.limits.generation.min(plan.limits.total.saturating_sub(spent()));
            let mut clock = timer.sleep(left);
            let started = begin(&generator, question(&plan, &ranked), &mut clock).await;
            let mut pieces = match started {
                Ok(pieces) => pieces,
                Err(cause) => {
                    yield AnswerEvent::Error(AnswerError::Generation(cause));
                    return;
                }
            };
            while let Some(piece) = next(&mut pieces, &mut clock).await {
                match piece {
                    Ok(Chunk::Text(text)) => {
                        written.text.push_str(&text);
                        for content in tokens(text) {
                            yield AnswerEvent::Token { content };
                        }
                    }
                    Ok(Chunk::Usage(usage)) => written.usage = Some(usage),
                    Err(cause) => {
                        yield AnswerEvent::Error(written.failure(cause));
                        return;
                    }
                }
            }
        }
        let total = spent();
        let generation = if plan.retrieval_only { Duration::ZERO } else { total.saturating_sub(retrieval) };
        yield AnswerEvent::Done(Box::new(Answer {
            response: written.text,
            sources: sources(&ranked),
            retrieval_info: reports,
            timings: timings(retrieval, generation, total),
            usage: written.usage,
        }));
    }
}

/// What the sources gave so far.
struct Gathered {
    found: Vec<Ranked>,
    reports: Vec<Option<SourceReport>>,
}

impl Gathered {
    fn of(plan: &Plan) -> Self {
        Self { found: Vec::new(), reports: vec![None; plan.sources.len()] }
    }

    /// Takes over what became of one source.
    fn take(&mut self, plan: &Plan, outcome: Outcome) -> &SourceReport {
        let source = outcome.source;
        let path = plan.sources[source].path.clone();
        let report = SourceReport {
            path: path.clone(),
            documents: outcome.documents(),
            status: outcome.status(),
            error_message: outcome.result.as_ref().err().map(ToString::to_string),
        };
        let documents = outcome.result.unwrap_or_default();
        self.found.extend(documents.into_iter().map(|document| Ranked {
            source,
            path: path.clone(),
            document,
        }));
        self.reports[source].insert(report)
    }

    /// The documents that count, and one report a source in the order of the request.
    fn finish(self, plan: &Plan) -> (Vec<Ranked>, Vec<SourceReport>) {
        let ranked = rank(self.found, plan.similarity_threshold, plan.cap());
        (ranked, self.reports.into_iter().flatten().collect())
    }
}

/// What the generator wrote so far.
#[derive(Default)]
struct Written {
    text: String,
    usage: Option<Usage>,
}

impl Written {
    fn failure(&self, cause: GenerateError) -> AnswerError {
        if self.text.is_empty() {
            AnswerError::Generation(cause)
        } else {
            AnswerError::Stream(cause)
        }
    }
}

fn question(plan: &Plan, ranked: &[Ranked]) -> Prompt {
    let question = prompt::Question {
        text: &plan.question,
        system: plan.system.as_deref(),
        history: &plan.history,
        sources_asked: !plan.sources.is_empty(),
        document_chars: plan.limits.document_chars,
    };
    Prompt {
        messages: prompt::render(&question, ranked),
        max_tokens: plan.max_tokens,
        temperature: plan.temperature,
        stream: plan.stream,
    }
}

/// A deadline that has begun to run.
type Deadline = futures_util::future::BoxFuture<'static, ()>;

async fn begin<G: Generator>(
    generator: &G,
    prompt: Prompt,
    deadline: &mut Deadline,
) -> Result<GenerationStream, GenerateError> {
    let call = AssertUnwindSafe(generator.generate(prompt)).catch_unwind();
    match select(deadline, std::pin::pin!(call)).await {
        Either::Left(((), _)) => Err(GenerateError::Timeout),
        Either::Right((result, _)) => result.unwrap_or_else(|_panic| Err(internal())),
    }
}

async fn next(
    pieces: &mut GenerationStream,
    deadline: &mut Deadline,
) -> Option<Result<Chunk, GenerateError>> {
    let piece = AssertUnwindSafe(pieces.next()).catch_unwind();
    // The deadline is asked first: a generator that always has something ready cannot outrun it.
    match select(deadline, piece).await {
        Either::Left(((), _)) => Some(Err(GenerateError::Timeout)),
        Either::Right((piece, _)) => piece.unwrap_or_else(|_panic| Some(Err(internal()))),
    }
}

/// The most bytes of one token event: some clients cannot read long lines.
const TOKEN_BYTES: usize = 16 * 1024;

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

fn internal() -> GenerateError {
    GenerateError::Unreadable("the model's endpoint failed internally".to_owned())
}

fn timings(retrieval: Duration, generation: Duration, total: Duration) -> Timings {
    Timings {
        retrieval_time_ms: millis(retrieval),
        generation_time_ms: millis(generation),
        total_time_ms: millis(total),
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
