//! Ranking by meaning: an exact scan over the vectors. At one byte a part that is a few dozen nanoseconds for each
//! passage, with nothing to build, to tune or to get wrong.

use syfthub_core::wire::filter::Filter;
use tantivy::{DocAddress, DocId, Searcher, SegmentReader, TantivyError};

use super::filter::{self, Test};
use super::schema::ROW;
use super::search::Meaning;
use super::vectors::{Quantised, Vectors};

/// Passages whose rows are looked up in one go.
const BLOCK: usize = 128;

/// The passages nearest to the question, best first, with their relevance: at most `limit`, none without any.
pub(super) fn rank(
    searcher: &Searcher,
    vectors: &Vectors,
    meaning: &Meaning,
    filter: Option<&Filter>,
    limit: usize,
) -> Result<Vec<(f32, DocAddress)>, TantivyError> {
    let question = Quantised::of(&meaning.vector);
    if question.dimensions() != vectors.described.dimensions {
        return Ok(Vec::new());
    }
    let mut best = Best::new(limit);
    for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
        let test = filter.map(|filter| filter::test(filter, segment)).transpose()?;
        scan(segment, vectors, &question, test.as_ref(), |cosine, doc| {
            best.offer(cosine, DocAddress::new(ordinal, doc));
        })?;
    }
    let relevant =
        best.take().into_iter().map(|(cosine, at)| (meaning.scale.relevance(cosine), at));
    Ok(relevant.take_while(|(relevance, _)| *relevance > 0.0).collect())
}

/// Shows `see` the cosine of every passage of the segment that has a vector and that the filter accepts.
fn scan(
    segment: &SegmentReader,
    vectors: &Vectors,
    question: &Quantised<'_>,
    test: Option<&Test>,
    mut see: impl FnMut(f32, DocId),
) -> Result<(), TantivyError> {
    let rows = segment.fast_fields().u64(ROW)?;
    let accepted = |doc: &DocId| test.is_none_or(|test| test(*doc));
    let mut docs = segment.doc_ids_alive().filter(accepted);
    let mut block = Vec::with_capacity(BLOCK);
    let mut names = [None; BLOCK];
    loop {
        block.clear();
        block.extend(docs.by_ref().take(BLOCK));
        if block.is_empty() {
            return Ok(());
        }
        let names = &mut names[..block.len()];
        names.fill(None);
        rows.first_vals(&block, names);
        for (doc, name) in block.iter().zip(names) {
            let row = name.and_then(|name| vectors.described.row(name));
            if let Some(vector) = row.and_then(|row| vectors.get(row)) {
                see(question.cosine(&vector), *doc);
            }
        }
    }
}

/// The best few of many.
struct Best {
    most: usize,
    found: Vec<(f32, DocAddress)>,
    /// What a newcomer has to beat.
    least: f32,
}

impl Best {
    fn new(most: usize) -> Self {
        Self { most, found: Vec::with_capacity(2 * most), least: f32::NEG_INFINITY }
    }

    fn offer(&mut self, cosine: f32, address: DocAddress) {
        if cosine <= self.least {
            return;
        }
        self.found.push((cosine, address));
        if self.found.len() == 2 * self.most {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        self.found
            .sort_unstable_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.cmp(right)));
        self.found.truncate(self.most);
        if let Some((cosine, _)) = self.found.get(self.most - 1) {
            self.least = *cosine;
        }
    }

    fn take(mut self) -> Vec<(f32, DocAddress)> {
        self.shrink();
        self.found
    }
}
