//! All sources at once, each with its own deadline.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::future::{Either, FutureExt, select};
use futures_util::stream::{FuturesUnordered, Stream};

use super::plan::PlannedSource;
use super::port::{DataSource, Found, Retrieved, SourceError, SourceStatus};
use super::rank::by_score;
use crate::clock::Timer;

/// What became of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The source's place in the request, from 0.
    pub source: usize,
    /// What it gave, or why it gave nothing.
    pub result: Result<Found, SourceError>,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// How the source did.
    pub fn status(&self) -> SourceStatus {
        self.result.as_ref().err().map_or(SourceStatus::Success, SourceError::status)
    }
}

/// Asks every source at once and gives what became of each, in the order of completion. No source may take longer than
/// `deadline`; none can stop or delay another. A planned source without a port counts as failed.
///
/// Dropping the stream drops every call that is still under way.
pub fn retrieve<'a, S: DataSource, T: Timer>(
    planned: &'a [PlannedSource],
    ports: &'a [S],
    timer: &'a T,
    deadline: Duration,
) -> impl Stream<Item = Outcome> + Send + 'a {
    let started = timer.elapsed();
    let ask = move |(source, planned): (usize, &'a PlannedSource)| async move {
        let result = match ports.get(source) {
            Some(port) => within(port, planned, timer, deadline).await,
            None => Err(SourceError::Unexpected("the source has no connection".to_owned())),
        };
        Outcome { source, result, took: timer.elapsed().saturating_sub(started) }
    };
    planned.iter().enumerate().map(ask).collect::<FuturesUnordered<_>>()
}

async fn within<S: DataSource, T: Timer>(
    port: &S,
    planned: &PlannedSource,
    timer: &T,
    deadline: Duration,
) -> Result<Found, SourceError> {
    let call = AssertUnwindSafe(port.retrieve(&planned.retrieval)).catch_unwind();
    match select(std::pin::pin!(call), timer.sleep(deadline)).await {
        Either::Left((Ok(result), _)) => result.map(|found| Found {
            documents: at_most(planned.retrieval.limit, found.documents),
            ..found
        }),
        Either::Left((Err(_panic), _)) => {
            Err(SourceError::Unexpected("the source failed internally".to_owned()))
        }
        Either::Right(((), _)) => Err(SourceError::Timeout),
    }
}

/// The best `limit` documents, in the order the source gave them: a source that gives more than it was asked for does
/// not crowd out the others. One that a model of the source wrote is extra.
fn at_most(limit: usize, mut documents: Vec<Retrieved>) -> Vec<Retrieved> {
    let extra = documents.iter().position(Retrieved::is_generated).map(|n| documents.remove(n));
    if documents.len() > limit {
        let mut numbered: Vec<(usize, Retrieved)> = documents.into_iter().enumerate().collect();
        numbered.sort_by(|(_, a), (_, b)| by_score(a, b));
        numbered.truncate(limit);
        numbered.sort_by_key(|(n, _)| *n);
        documents = numbered.into_iter().map(|(_, document)| document).collect();
    }
    if let Some(extra) = extra {
        documents.insert(0, extra);
    }
    documents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_gives_too_much_keeps_its_best_in_its_own_order() {
        let document = |score: f64| Retrieved {
            content: score.to_string(),
            score: Some(score),
            ..Retrieved::default()
        };
        let kept = at_most(2, vec![document(0.6), document(0.2), document(0.9)]);
        assert_eq!(kept.iter().map(|d| d.content.as_str()).collect::<Vec<_>>(), ["0.6", "0.9"]);
    }

    #[test]
    fn what_a_model_of_the_source_wrote_is_one_document_more() {
        let kind = |kind: &str| Retrieved {
            metadata: [(Retrieved::SOURCE_TYPE.to_owned(), kind.into())].into_iter().collect(),
            ..Retrieved::default()
        };
        let kept = at_most(1, vec![kind("file"), kind("generated"), kind("generated")]);
        assert_eq!(kept, [kind("generated"), kind("file")]);
    }
}
