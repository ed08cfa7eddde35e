//! From a question in words to a scored query, and the score it could reach at best.

use tantivy::query::{BooleanQuery, BoostQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, TantivyError, Term};

use crate::space::text;

/// A pasted page is not a question: only its rarest words count, which bounds the work.
const MOST_WORDS: usize = 32;

/// BM25 lets a word repeated without end contribute at most `k1 + 1` times its weight (`k1` = 1.2 in the index library).
const SATURATED: f32 = 2.2;

/// An identifier found whole lifts a passage above one that holds its parts apart.
const PHRASE_BOOST: f32 = 0.4;

/// A query and its best possible score.
pub(super) struct Question {
    pub(super) query: BooleanQuery,
    ideal: f32,
}

impl Question {
    /// The query for `question` on the field `words`, or `None` when it has no words.
    pub(super) fn build(
        question: &str,
        searcher: &Searcher,
        words: Field,
    ) -> Result<Option<Self>, TantivyError> {
        let mut analyzer = text::analyzer();
        let telling = rarest(text::question_words(&mut analyzer, question), searcher, words)?;
        if telling.is_empty() {
            return Ok(None);
        }
        let ideal = SATURATED * telling.iter().map(|(_, idf)| idf).sum::<f32>();
        // Plain words alone: with nothing else in the query the library skips what cannot be among the best.
        let mut clauses: Vec<(Occur, Box<dyn Query>)> =
            telling.iter().map(|(term, _)| (Occur::Should, holds(term.clone()))).collect();
        for parts in text::identifiers(&mut analyzer, question).into_iter().take(MOST_WORDS) {
            let terms = parts.iter().map(|part| Term::from_field_text(words, part)).collect();
            let whole = Box::new(PhraseQuery::new(terms));
            clauses.push((Occur::Should, Box::new(BoostQuery::new(whole, PHRASE_BOOST))));
        }
        Ok(Some(Self { query: BooleanQuery::new(clauses), ideal }))
    }

    /// `bm25` on the scale from 0 to 1.
    pub(super) fn relevance(&self, bm25: f32) -> f32 {
        (bm25 / self.ideal).max(0.0).sqrt().min(1.0)
    }
}

fn holds(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

/// The words with their weight (inverse document frequency), the rarest at most.
fn rarest(
    telling: Vec<String>,
    searcher: &Searcher,
    words: Field,
) -> Result<Vec<(Term, f32)>, TantivyError> {
    let passages: u64 =
        searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum();
    let mut weighed = Vec::with_capacity(telling.len());
    for word in telling {
        let term = Term::from_field_text(words, &word);
        let holding = searcher.doc_freq(&term)?;
        weighed.push((term, idf(holding.min(passages), passages)));
    }
    weighed.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    weighed.truncate(MOST_WORDS);
    Ok(weighed)
}

/// As the index library weighs a word. A word that no passage holds weighs most: an answer without it misses something.
#[expect(clippy::cast_precision_loss, reason = "a weight needs no more digits than a float has")]
fn idf(holding: u64, passages: u64) -> f32 {
    let (holding, passages) = (holding as f32, passages as f32);
    (1.0 + (passages - holding + 0.5) / (holding + 0.5)).ln()
}
