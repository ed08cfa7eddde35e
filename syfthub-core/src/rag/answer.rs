//! The whole path from question to answer, as one stream.

use std::time::Duration;

use async_stream::stream;
use futures_util::stream::{Stream, StreamExt};

use super::billing::{Cost, billing, within_bounds};
use super::event::{Answer, AnswerError, AnswerEvent, SourceReport, millis};
use super::generate::{Generation, Written};
use super::grounds::{Grounds, grounds};
use super::plan::Plan;
use super::port::{DataSource, Generator, Prompt, SourceStatus};
use super::prompt;
use super::rank::{Ranked, rank};
use super::retrieve::{Outcome, retrieve};
use super::sources::sources;
use crate::clock::Timer;
use crate::wire::billing::Billing;
use crate::wire::chat::{OnDenied, Timings};
use crate::wire::space::PolicyEntry;

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
                yield gathered.take(&plan, outcome);
            }
        }
        // A model may write for long, and nothing more is asked of them.
        drop(ports);
        let retrieval = spent();
        if let Some(error) = gathered.denial(&plan) {
            yield AnswerEvent::Error { error, billing: gathered.bill(&plan, Vec::new()) };
            return;
        }
        let found = gathered.found.len();
        if found > 0 {
            yield AnswerEvent::RerankingStart { documents: found };
        }
        let ranked = gathered.rank(&plan);
        if found > 0 {
            let time_ms = millis(spent().saturating_sub(retrieval));
            yield AnswerEvent::RerankingComplete { documents: ranked.len(), time_ms };
        }
        yield AnswerEvent::RetrievalComplete { total_documents: ranked.len(), time_ms: millis(retrieval) };

        let before = spent();
        let mut written = Written::default();
        if !plan.retrieval_only {
            yield AnswerEvent::GenerationStart;
            let left = plan.limits.generation.min(plan.limits.total.saturating_sub(before));
            let mut generation = Generation::new(&generator, question(&plan, &ranked), &timer, left);
            while let Some(step) = generation.next().await {
                match step {
                    Ok(event) => yield event,
                    Err(cause) => {
                        let (error, written) = generation.fail(cause);
                        yield AnswerEvent::Error { error, billing: gathered.bill(&plan, written.entries) };
                        return;
                    }
                }
            }
            written = generation.finish();
        }
        let total = spent();
        let generation = if plan.retrieval_only { Duration::ZERO } else { total.saturating_sub(before) };
        let timings = timings(retrieval, generation, total);
        yield AnswerEvent::Done(Box::new(gathered.answer(&plan, ranked, written, timings)));
    }
}

/// What the sources gave so far.
struct Gathered {
    found: Vec<Ranked>,
    /// One a source, in the order of the request.
    reports: Vec<Option<SourceReport>>,
    /// What the policies of each source did.
    entries: Vec<Vec<PolicyEntry>>,
}

impl Gathered {
    fn of(plan: &Plan) -> Self {
        let sources = plan.sources.len();
        Self { found: Vec::new(), reports: vec![None; sources], entries: vec![Vec::new(); sources] }
    }

    /// Takes over what became of one source, and tells of it.
    fn take(&mut self, plan: &Plan, outcome: Outcome) -> AnswerEvent {
        let (source, status, time_ms) = (outcome.source, outcome.status(), millis(outcome.took));
        let path = &plan.sources[source].path;
        let (documents, entries, error_message) = match outcome.result {
            Ok(found) => (found.documents, found.entries, None),
            Err(mut error) => (Vec::new(), error.take_entries(), Some(brief(&error.to_string()))),
        };
        let report = SourceReport {
            path: path.clone(),
            documents: documents.len(),
            status,
            error_message: error_message.clone(),
        };
        self.found.extend(documents.into_iter().map(|document| Ranked {
            source,
            path: path.clone(),
            document,
        }));
        let documents = report.documents;
        self.reports[source] = Some(report);
        self.entries[source] = within_bounds(entries);
        let cost = Cost::of(&self.entries[source]);
        let path = path.clone();
        AnswerEvent::SourceComplete {
            source,
            path,
            status,
            documents,
            time_ms,
            error_message,
            cost,
        }
    }

    /// Why there must be no answer, when the caller wants none without the sources that refused.
    fn denial(&self, plan: &Plan) -> Option<AnswerError> {
        let is_denied = |report: &&SourceReport| report.status == SourceStatus::AccessDenied;
        let denied = self.reports.iter().flatten().filter(is_denied);
        let denied: Vec<String> = denied.map(|report| report.path.clone()).collect();
        (plan.on_denied == OnDenied::Fail && !denied.is_empty())
            .then_some(AnswerError::Denied(denied))
    }

    /// The documents that count, best first.
    fn rank(&mut self, plan: &Plan) -> Vec<Ranked> {
        rank(std::mem::take(&mut self.found), plan.similarity_threshold, plan.cap())
    }

    /// What all endpoints charged, the model with `model`.
    fn bill(&mut self, plan: &Plan, model: Vec<PolicyEntry>) -> Option<Billing> {
        let paths = plan.sources.iter().map(|source| source.path.as_str());
        let said = paths.zip(std::mem::take(&mut self.entries));
        billing(said.chain([(plan.model.as_str(), model)]))
    }

    fn answer(
        mut self,
        plan: &Plan,
        ranked: Vec<Ranked>,
        written: Written,
        timings: Timings,
    ) -> Answer {
        let billing = self.bill(plan, written.entries);
        let sources = sources(ranked);
        let Grounds { citations, annotated, profit_share } =
            grounds(&written.text, &sources, plan.limits.document_chars);
        Answer {
            response: written.text,
            sources,
            retrieval_info: self.reports.into_iter().flatten().collect(),
            timings,
            usage: written.usage,
            citations,
            annotated,
            profit_share,
            billing,
        }
    }
}

/// As much of a source's message as is told.
fn brief(message: &str) -> String {
    const MESSAGE_CHARS: usize = 300;
    message.chars().take(MESSAGE_CHARS).collect()
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

fn timings(retrieval: Duration, generation: Duration, total: Duration) -> Timings {
    Timings {
        retrieval_time_ms: millis(retrieval),
        generation_time_ms: millis(generation),
        total_time_ms: millis(total),
    }
}
