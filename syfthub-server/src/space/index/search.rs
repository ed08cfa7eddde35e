//! From a question to the passages that answer best.

use std::collections::HashSet;

use syfthub_core::wire::filter::Filter;
use tantivy::collector::TopDocs;
use tantivy::{DocAddress, Searcher, TantivyDocument, TantivyError};

use super::filter::Filtered;
use super::fuse::{Fused, Ranking, fuse};
use super::{IndexError, PassageIndex, meaning, question};
use crate::space::embed::Scale;
use crate::space::passage::Passage;

/// Passages that each side puts forward when two rankings are fused.
const CANDIDATES: usize = 100;

/// What is asked of the index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// In words.
    pub(crate) question: String,
    /// What it means, when passages are embedded and the embedder answers.
    pub(crate) meaning: Option<Meaning>,
    /// Whether its words count where its meaning is known.
    pub(crate) by_words: bool,
    /// The most passages.
    pub(crate) limit: usize,
    /// The least score.
    pub(crate) threshold: f32,
    /// What a passage has to be.
    pub(crate) filters: Option<Filter>,
}

#[cfg(test)]
impl Asked {
    /// The ten best by their words.
    pub(crate) fn words(question: &str) -> Self {
        let question = question.to_owned();
        Self { question, meaning: None, by_words: true, limit: 10, threshold: 0.0, filters: None }
    }
}

/// A question as a vector of unit length, and what a cosine with it is worth.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) vector: Vec<f32>,
    pub(crate) scale: Scale,
}

/// A passage that answers a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hit {
    pub(crate) passage: Passage,
    /// 0 to 1; see [`PassageIndex::search`].
    pub(crate) score: f32,
    /// The passages before and after it in its document.
    pub(crate) previous: Option<Neighbour>,
    pub(crate) next: Option<Neighbour>,
}

/// A passage beside a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Neighbour {
    pub(crate) id: String,
    /// Its text, unless it is a hit itself.
    pub(crate) text: Option<String>,
}

impl PassageIndex {
    /// The passages that answer best, best first: at most `limit`, none below `threshold`.
    ///
    /// The score is a relevance on one scale for words and meaning, the better of both:
    /// - by words, `sqrt(bm25 / ideal)`, where `ideal` is what a passage would get that repeats every telling word of the
    ///   question without end. A passage of average length that holds every word once gets about 0.67; one that holds
    ///   words with half of the question's weight, about 0.48.
    /// - by meaning, the cosine on the scale of its model ([`Scale`]): 0 is what texts about different things have, 0.7
    ///   what a question and its answer have.
    ///
    /// So 1 is "says it all", 0.5 "about half", and 0 "nothing"; it compares across questions, datasets and models, and it
    /// is not a probability. Order: see [`fuse`]. Reads files: call it on a blocking thread.
    pub(crate) fn search(&self, asked: &Asked) -> Result<Vec<Hit>, IndexError> {
        let searcher = self.reader.searcher();
        let mut best = self.ranked(&searcher, asked).map_err(|source| self.failed(source))?;
        best.truncate(asked.limit);
        best.retain(|hit| hit.score >= asked.threshold);
        let mut hits = Vec::with_capacity(best.len());
        for Fused { address, score } in &best {
            let document: TantivyDocument =
                searcher.doc(*address).map_err(|source| self.failed(source))?;
            hits.push((
                *address,
                Hit {
                    passage: self.fields.passage(&document)?,
                    score: *score,
                    previous: None,
                    next: None,
                },
            ));
        }
        let found: HashSet<String> = hits.iter().map(|(_, hit)| hit.passage.id.clone()).collect();
        hits.into_iter()
            .map(|(address, mut hit)| {
                self.add_neighbours(&searcher, address, &mut hit, &found)?;
                Ok(hit)
            })
            .collect()
    }

    fn ranked(&self, searcher: &Searcher, asked: &Asked) -> Result<Vec<Fused>, TantivyError> {
        let vectors = self.vectors().zip(asked.meaning.as_ref());
        let limit = asked.limit.max(1);
        let Some((vectors, meaning)) = vectors else {
            return Ok(fuse(&[Ranking::Words(self.by_words(searcher, asked, limit)?)]));
        };
        let limit = limit.max(CANDIDATES);
        let filter = asked.filters.as_ref();
        let by_meaning = meaning::rank(searcher, &vectors, meaning, filter, limit)?;
        let mut rankings = vec![Ranking::Meaning(by_meaning)];
        if asked.by_words {
            rankings.push(Ranking::Words(self.by_words(searcher, asked, limit)?));
        }
        Ok(fuse(&rankings))
    }

    /// The best by their words, with their relevance.
    fn by_words(
        &self,
        searcher: &Searcher,
        asked: &Asked,
        limit: usize,
    ) -> Result<Vec<(f32, DocAddress)>, TantivyError> {
        let built = question::Question::build(&asked.question, searcher, self.fields.words)?;
        let Some(question) = built else { return Ok(Vec::new()) };
        let best = TopDocs::with_limit(limit).order_by_score();
        let found = match &asked.filters {
            None => searcher.search(&question.query, &best)?,
            Some(filter) => searcher.search(&question.query, &Filtered { inner: best, filter })?,
        };
        Ok(found.into_iter().map(|(bm25, address)| (question.relevance(bm25), address)).collect())
    }
}
