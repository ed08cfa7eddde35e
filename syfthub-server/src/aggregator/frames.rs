//! Events of an answer as server-sent events (contract aggregator 1.7).
//!
//! Unless the request asks for more, only the events and keys that every published client reads are sent, and nothing is
//! null: an unknown event is an error to them, and a null in `done` ends their reading.

use std::collections::BTreeMap;

use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use syfthub_core::rag::{Answer, AnswerEvent, Cost, SourceReport};
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::chat::{SourceEntry, Sources, Timings, Usage};
use syfthub_core::wire::citation::CitedSpan;

use super::profile::Profile;
use crate::http::sse::{self, Event};

#[derive(Serialize)]
struct Started {
    sources: usize,
}

#[derive(Serialize)]
struct Source {
    path: String,
    status: &'static str,
    documents: usize,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What is told of a source to those who ask for phases.
#[derive(Serialize)]
struct Details {
    source: usize,
    time_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

#[derive(Serialize)]
struct Reranking {
    documents: usize,
}

#[derive(Serialize)]
struct Reranked {
    documents: usize,
    time_ms: i64,
}

#[derive(Serialize)]
struct Retrieved {
    total_documents: usize,
    time_ms: i64,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Beat {
    elapsed_ms: i64,
}

#[derive(Serialize)]
struct Token {
    content: String,
}

#[derive(Serialize)]
struct Done {
    sources: Sources,
    retrieval_info: Vec<Report>,
    metadata: Timings,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citations: Vec<CitedSpan>,
    /// The annotated text, under the name that clients know.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profit_share: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing: Option<Billing>,
}

#[derive(Serialize)]
struct Report {
    path: String,
    documents_retrieved: usize,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

#[derive(Serialize)]
struct Failed {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing: Option<Billing>,
}

/// The most bytes of `sources` in a `done` frame: some clients read lines of at most 64 KiB.
const SOURCES_BYTES: usize = 56 * 1024;

/// Stands where a document was cut.
const CUT: &str = " […]";

/// The events that a client of `profile` reads.
pub(super) fn frames(
    events: impl Stream<Item = AnswerEvent> + Send,
    profile: Profile,
) -> impl Stream<Item = Event> + Send {
    events.filter_map(move |event| std::future::ready(frame(event, profile)))
}

/// `event` as a client of `profile` reads it; none when it does not read such events.
fn frame(event: AnswerEvent, profile: Profile) -> Option<Event> {
    Some(match event {
        AnswerEvent::RetrievalStart { sources } => {
            sse::event("retrieval_start", &Started { sources })
        }
        AnswerEvent::SourceComplete {
            source,
            path,
            status,
            documents,
            time_ms,
            error_message,
            cost,
        } => {
            let details = profile.phases.then(|| details(source, time_ms, error_message, cost));
            let status = profile.status(status).as_str();
            sse::event("source_complete", &Source { path, status, documents, details })
        }
        AnswerEvent::RerankingStart { documents } if profile.rerank => {
            sse::event("reranking_start", &Reranking { documents })
        }
        AnswerEvent::RerankingComplete { documents, time_ms } if profile.rerank => {
            sse::event("reranking_complete", &Reranked { documents, time_ms })
        }
        AnswerEvent::RetrievalComplete { total_documents, time_ms } => {
            sse::event("retrieval_complete", &Retrieved { total_documents, time_ms })
        }
        AnswerEvent::GenerationStart => sse::event("generation_start", &Nothing {}),
        AnswerEvent::GenerationHeartbeat { elapsed_ms } if profile.heartbeat => {
            sse::event("generation_heartbeat", &Beat { elapsed_ms })
        }
        AnswerEvent::Token { content } => sse::event("token", &Token { content }),
        AnswerEvent::Done(answer) => sse::event("done", &done(*answer, profile)),
        AnswerEvent::Error { error, billing } => {
            sse::event("error", &Failed { message: error.to_string(), billing })
        }
        AnswerEvent::RerankingStart { .. }
        | AnswerEvent::RerankingComplete { .. }
        | AnswerEvent::GenerationHeartbeat { .. } => return None,
    })
}

fn details(
    source: usize,
    time_ms: i64,
    error_message: Option<String>,
    cost: Option<Cost>,
) -> Details {
    let (cost, currency) = cost.map(|cost| (cost.amount.to_units(), cost.currency)).unzip();
    Details { source, time_ms, error_message, cost, currency: currency.flatten() }
}

fn done(answer: Answer, profile: Profile) -> Done {
    let report = |report: SourceReport| Report {
        status: profile.status(report.status).as_str(),
        path: report.path,
        documents_retrieved: report.documents,
        error_message: report.error_message,
    };
    Done {
        sources: bounded(answer.sources, SOURCES_BYTES),
        retrieval_info: answer.retrieval_info.into_iter().map(report).collect(),
        metadata: answer.timings,
        usage: answer.usage,
        citations: answer.citations,
        response: answer.annotated,
        profit_share: answer.profit_share,
        billing: answer.billing,
    }
}

/// `sources` in at most about `budget` bytes of JSON: the longest texts are cut first, and to the same length.
fn bounded(Sources(mut entries): Sources, budget: usize) -> Sources {
    let mut sizes: Vec<usize> =
        entries.iter().map(|(_, entry)| json_size(&entry.content)).collect();
    let around = entries.iter().map(|(title, entry)| overhead(title, entry)).sum();
    let budget = budget.saturating_sub(around);
    if sizes.iter().sum::<usize>() <= budget {
        return Sources(entries);
    }
    sizes.sort_unstable();
    let level = level(&sizes, budget);
    for (_, entry) in &mut entries {
        cut(&mut entry.content, level);
    }
    Sources(entries)
}

/// The length to which the longest of `sizes`, which ascend, are cut so that all of them fit into `budget`.
fn level(sizes: &[usize], budget: usize) -> usize {
    let mut left = budget;
    for (n, &size) in sizes.iter().enumerate() {
        let share = left / (sizes.len() - n);
        if size > share {
            return share;
        }
        left -= size;
    }
    usize::MAX
}

fn cut(text: &mut String, level: usize) {
    if json_size(text) <= level {
        return;
    }
    let mut left = level.saturating_sub(CUT.len());
    let fits = |&(_, c): &(usize, char)| {
        let size = char_size(c);
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    };
    let end = text.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
    text.truncate(end);
    text.push_str(CUT);
}

fn overhead(title: &str, entry: &SourceEntry) -> usize {
    let named =
        json_size(title) + json_size(&entry.slug) + entry.document.as_deref().map_or(0, json_size);
    named + r#""":{"slug":"","content":"","document":"","score":0.12345678901234567},"#.len()
}

fn json_size(text: &str) -> usize {
    text.chars().map(char_size).sum()
}

fn char_size(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => 6,
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sources(contents: &[String]) -> Sources {
        let entry = |content: &String| SourceEntry {
            slug: "ada/notes".into(),
            content: content.clone(),
            document: Some("a.md".into()),
            score: Some(0.5),
        };
        Sources(
            contents
                .iter()
                .enumerate()
                .map(|(n, content)| (format!("T{n}"), entry(content)))
                .collect(),
        )
    }

    #[test]
    fn the_longest_texts_are_cut_first() {
        let Sources(entries) =
            bounded(sources(&["a".repeat(50), "b".repeat(5000), "c".repeat(9000)]), 1000);
        let lengths: Vec<usize> = entries.iter().map(|(_, entry)| entry.content.len()).collect();
        assert_eq!(lengths[0], 50);
        assert_eq!(lengths[1], lengths[2]);
        assert!(entries[2].1.content.ends_with(CUT));
    }

    proptest! {
        #[test]
        fn what_is_bounded_fits(contents in prop::collection::vec(r#"([a-z"\\\n\x01é\u{2028}]){0,200}"#, 0..8), budget in 1000_usize..2000) {
            let given = sources(&contents);
            let size = |sources: &Sources| serde_json::to_string(sources).unwrap().len();
            let fitted = bounded(given.clone(), budget);
            prop_assert!(size(&fitted) <= budget, "{} > {budget}", size(&fitted));
            prop_assert_eq!(fitted.0.len(), contents.len());
            if size(&given) + 100 * contents.len() <= budget {
                prop_assert_eq!(fitted, given);
            }
        }
    }
}
