//! The passages before and after a hit, as its context.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;
use tantivy::schema::{IndexRecordOption, Value as _};
use tantivy::{DocAddress, DocSet as _, Searcher, TERMINATED, TantivyDocument, TantivyError, Term};

use super::search::{Hit, Neighbour};
use super::{IndexError, PassageIndex};

/// What is read of a neighbour.
#[derive(Deserialize)]
struct Beside<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    text: String,
}

impl PassageIndex {
    /// Adds both neighbours. One that is among the hits, whose ids are `found`, is named without its text.
    pub(super) fn add_neighbours(
        &self,
        searcher: &Searcher,
        at: DocAddress,
        hit: &mut Hit,
        found: &HashSet<String>,
    ) -> Result<(), IndexError> {
        let Some(document) = hit.passage.document() else { return Ok(()) };
        let (index, count) = (hit.passage.chunk_index, hit.passage.chunk_count);
        let beside = |index: u64, near: Option<u32>| {
            let id = format!("{document}_{index}");
            if found.contains(&id) {
                return Ok(Some(Neighbour { id, text: None }));
            }
            let near = near.map(|doc| DocAddress::new(at.segment_ord, doc));
            let text = self.text_of(searcher, &id, near)?;
            Ok::<_, IndexError>(text.map(|text| Neighbour { id, text: Some(text) }))
        };
        let previous = match index.checked_sub(1) {
            Some(index) => beside(index, at.doc_id.checked_sub(1))?,
            None => None,
        };
        let next =
            if index + 1 < count { beside(index + 1, at.doc_id.checked_add(1))? } else { None };
        (hit.previous, hit.next) = (previous, next);
        Ok(())
    }

    /// The text of the passage `id`. It stands `near`, beside the hit, unless the library put them into different segments.
    fn text_of(
        &self,
        searcher: &Searcher,
        id: &str,
        near: Option<DocAddress>,
    ) -> Result<Option<String>, IndexError> {
        let near = near.filter(|at| {
            let segment = searcher.segment_reader(at.segment_ord);
            at.doc_id < segment.max_doc() && !segment.is_deleted(at.doc_id)
        });
        if let Some(text) = near.map(|at| self.read(searcher, id, at)).transpose()?.flatten() {
            return Ok(Some(text));
        }
        let found = self.find(searcher, id).map_err(|source| self.failed(source))?;
        found.map(|at| self.read(searcher, id, at)).transpose().map(Option::flatten)
    }

    fn read(
        &self,
        searcher: &Searcher,
        id: &str,
        at: DocAddress,
    ) -> Result<Option<String>, IndexError> {
        let document: TantivyDocument = searcher.doc(at).map_err(|source| self.failed(source))?;
        let stored = document.get_first(self.fields.passage).and_then(|value| value.as_bytes());
        let beside: Option<Beside<'_>> = stored.and_then(|json| serde_json::from_slice(json).ok());
        let beside = beside.ok_or(IndexError::Unreadable)?;
        Ok((beside.id == id).then_some(beside.text))
    }

    fn find(&self, searcher: &Searcher, id: &str) -> Result<Option<DocAddress>, TantivyError> {
        let term = Term::from_field_text(self.fields.id, id);
        for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
            let index = segment.inverted_index(self.fields.id)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if !segment.is_deleted(doc) {
                    return Ok(Some(DocAddress::new(ordinal, doc)));
                }
                doc = postings.advance();
            }
        }
        Ok(None)
    }
}
