//! From a question in words to a scored query, and the score it could reach at best.

use tantivy::query::{
    Bm25StatisticsProvider, BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, PhraseQuery,
    Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, TantivyError, Term};

use super::schema::Fields;
use crate::space::text;

/// A pasted page is not a question: only its rarest words count, which bounds the work.
const MOST_WORDS: usize = 32;

/// BM25 lets a word repeated without end contribute at most `k1 + 1` times its weight (`k1` = 1.2 in the index library).
const SATURATED: f32 = 2.2;

/// A word in a title says more than the same word in the text.
const TITLE_BOOST: f32 = 1.6;
const HEADINGS_BOOST: f32 = 1.3;
const PATH_BOOST: f32 = 0.8;

/// A word found in several fields counts once, by the best of them, and a little by the others.
const TIE_BREAKER: f32 = 0.1;

/// An identifier found whole lifts a chunk above one that holds its parts apart.
const PHRASE_BOOST: f32 = 0.4;

/// Word statistics of the text, for every field: a word in a title weighs what it weighs in the text, however few titles
/// have it, so that one scale fits all fields.
pub(super) struct TextStatistics<'a> {
    searcher: &'a Searcher,
    body: Field,
}

impl<'a> TextStatistics<'a> {
    pub(super) fn of(searcher: &'a Searcher, fields: &Fields) -> Self {
        Self { searcher, body: fields.body }
    }
}

impl Bm25StatisticsProvider for TextStatistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.searcher.total_num_tokens(field)
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        self.searcher.total_num_docs()
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let value = term.value();
        let in_text = Term::from_field_text(self.body, value.as_str().unwrap_or_default());
        Bm25StatisticsProvider::doc_freq(self.searcher, &in_text)
    }
}

/// A query and its best possible score.
pub(super) struct Question {
    pub(super) query: BooleanQuery,
    ideal: f32,
}

impl Question {
    /// The query for `question`, or `None` when it has no words.
    pub(super) fn build(
        question: &str,
        searcher: &Searcher,
        fields: &Fields,
    ) -> Result<Option<Self>, TantivyError> {
        let mut analyzer = text::analyzer();
        let words = rarest(text::question_words(&mut analyzer, question), searcher, fields.body)?;
        if words.is_empty() {
            return Ok(None);
        }
        let ideal = SATURATED * words.iter().map(|(_, idf)| idf).sum::<f32>();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> =
            words.iter().map(|(word, _)| (Occur::Should, anywhere(word, fields))).collect();
        for parts in text::identifiers(&mut analyzer, question).into_iter().take(MOST_WORDS) {
            let terms = parts.iter().map(|part| Term::from_field_text(fields.body, part)).collect();
            clauses.push((Occur::Should, boosted(Box::new(PhraseQuery::new(terms)), PHRASE_BOOST)));
        }
        Ok(Some(Self { query: BooleanQuery::new(clauses), ideal }))
    }

    /// `bm25` on the scale from 0 to 1.
    pub(super) fn normalised(&self, bm25: f32) -> f32 {
        (bm25 / self.ideal).max(0.0).sqrt().min(1.0)
    }
}

/// The words with their weight (inverse document frequency in the text), the rarest at most.
fn rarest(
    words: Vec<String>,
    searcher: &Searcher,
    body: Field,
) -> Result<Vec<(String, f32)>, TantivyError> {
    let chunks: u64 =
        searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum();
    let mut weighed = Vec::with_capacity(words.len());
    for word in words {
        let holding = searcher.doc_freq(&Term::from_field_text(body, &word))?;
        weighed.push((word, idf(holding.min(chunks), chunks)));
    }
    weighed.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    weighed.truncate(MOST_WORDS);
    Ok(weighed)
}

/// As the index library weighs a word. A word that no chunk holds weighs most: an answer without it misses something.
#[expect(clippy::cast_precision_loss, reason = "a weight needs no more digits than a float has")]
fn idf(holding: u64, chunks: u64) -> f32 {
    let (holding, chunks) = (holding as f32, chunks as f32);
    (1.0 + (chunks - holding + 0.5) / (holding + 0.5)).ln()
}

fn anywhere(word: &str, fields: &Fields) -> Box<dyn Query> {
    let term = |field| -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
    };
    let places = vec![
        term(fields.body),
        boosted(term(fields.title), TITLE_BOOST),
        boosted(term(fields.headings), HEADINGS_BOOST),
        boosted(term(fields.path), PATH_BOOST),
    ];
    Box::new(DisjunctionMaxQuery::with_tie_breaker(places, TIE_BREAKER))
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}
