//! Finding passages in a collection.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use syfthub_core::wire::filter::{Comparison, Filter, Junction, Operand};

use super::super::{Dataset, Found, Search, SearchError};
use super::NAME;
use super::server::ChromaError;
use super::store::{self, Collection, PASSAGE};
use crate::space::embed::{Questions, Scale};
use crate::space::ingest::Ingestion;
use crate::space::passage::Passage;

/// How many times more passages are asked for each time when a filter, which Chroma does not understand in full, left too
/// few.
const MORE: usize = 4;

/// Passages that are asked for at most.
const MOST: usize = 10_000;

/// What Chroma compares as this program does: single values that every passage has.
const COMPARABLE: [&str; 7] =
    ["title", "headings", "chunk_index", "file_path", "file_name", "file_type", "file_size"];

/// A dataset in a collection.
pub(super) struct Passages {
    pub(super) collection: Arc<Collection>,
    pub(super) questions: Questions,
    pub(super) ingestion: Ingestion,
}

/// A passage that was found.
struct Hit {
    source: String,
    passage: Passage,
    score: f32,
}

impl Passages {
    async fn find(&self, search: &Search) -> Result<Vec<Hit>, SearchError> {
        if search.question.trim().is_empty() {
            return Ok(Vec::new());
        }
        let Some((vector, scale)) = self.questions.meaning(&search.question).await else {
            return Err(SearchError("the embedding server does not answer".into()));
        };
        let mut asked = search.limit.min(MOST);
        loop {
            let (read, mut hits) = self.ask(&vector, asked, search, scale).await?;
            if hits.len() >= search.limit || read < asked || asked >= MOST {
                hits.truncate(search.limit);
                return Ok(hits);
            }
            asked = (asked * MORE).min(MOST);
        }
    }

    /// The nearest passages as far as they are wanted, and how many were read for that.
    async fn ask(
        &self,
        vector: &[f32],
        most: usize,
        search: &Search,
        scale: Scale,
    ) -> Result<(usize, Vec<Hit>), SearchError> {
        let mut body = json!({
            "query_embeddings": [vector], "n_results": most, "include": ["documents", "metadatas", "distances"],
        });
        if let Some(condition) = search.filters.as_ref().and_then(condition) {
            body["where"] = condition;
        }
        let answer = self.collection.call("query", body).await.map_err(away)?;
        let lists = ["documents", "metadatas", "distances"].map(|list| answer[list][0].as_array());
        let [Some(texts), Some(metadata), Some(distances)] = lists else {
            return Err(away(ChromaError::Unreadable));
        };
        let mut hits = Vec::new();
        for ((text, metadata), distance) in texts.iter().zip(metadata).zip(distances) {
            let hit = hit(text, metadata, distance, scale)
                .ok_or_else(|| away(ChromaError::Unreadable))?;
            let fits =
                search.filters.as_ref().is_none_or(|filter| filter.accepts(&hit.passage.facts()));
            if fits && f64::from(hit.score) >= search.threshold {
                hits.push(hit);
            }
        }
        Ok((distances.len(), hits))
    }

    /// The passages beside the hits, by the ids of their vectors.
    async fn beside(&self, hits: &[Hit]) -> Result<HashMap<String, Passage>, SearchError> {
        let found: HashSet<String> =
            hits.iter().map(|hit| store::id(&hit.source, hit.passage.chunk_index)).collect();
        let ids: HashSet<String> = hits.iter().flat_map(Hit::neighbours).flatten().collect();
        let ids: Vec<&String> = ids.difference(&found).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let body = json!({"ids": ids, "include": ["documents", "metadatas"]});
        let answer = self.collection.call("get", body).await.map_err(away)?;
        let lists = ["ids", "documents", "metadatas"].map(|list| answer[list].as_array());
        let [Some(ids), Some(texts), Some(metadata)] = lists else {
            return Err(away(ChromaError::Unreadable));
        };
        let read = ids.iter().zip(texts).zip(metadata);
        Ok(read
            .filter_map(|((id, text), metadata)| {
                Some((id.as_str()?.to_owned(), passage(text, metadata)?))
            })
            .collect())
    }
}

impl Hit {
    /// The ids of the vectors before and after it.
    fn neighbours(&self) -> [Option<String>; 2] {
        let Passage { chunk_index, chunk_count, .. } = self.passage;
        let next = Some(chunk_index + 1).filter(|next| *next < chunk_count);
        [chunk_index.checked_sub(1), next]
            .map(|place| place.map(|place| store::id(&self.source, place)))
    }

    /// As results show it, with the text of neighbours that were not found themselves (contract space 3.3).
    fn found(self, beside: &HashMap<String, Passage>) -> Found {
        let mut metadata = self.passage.facts();
        let names = [("prev_chunk_id", "prev_context"), ("next_chunk_id", "next_context")];
        for ((id, context), neighbour) in names.into_iter().zip(self.neighbours()) {
            let neighbour = neighbour.and_then(|neighbour| beside.get(&neighbour));
            // A file that is being written anew has passages of two contents for a moment.
            let same = |one: &&Passage| one.document() == self.passage.document();
            if let Some(neighbour) = neighbour.filter(same) {
                metadata.insert(id.to_owned(), neighbour.id.clone().into());
                metadata.insert(context.to_owned(), neighbour.text.clone().into());
            }
        }
        Found {
            id: self.passage.id,
            text: self.passage.text,
            score: f64::from(self.score),
            metadata,
        }
    }
}

fn hit(text: &Value, metadata: &Value, distance: &Value, scale: Scale) -> Option<Hit> {
    #[expect(clippy::cast_possible_truncation, reason = "a distance between 0 and 2")]
    let cosine = 1.0 - distance.as_f64()? as f32;
    Some(Hit {
        source: store::source(metadata)?.to_owned(),
        passage: passage(text, metadata)?,
        score: scale.relevance(cosine),
    })
}

fn passage(text: &Value, metadata: &Value) -> Option<Passage> {
    let passage: Passage = serde_json::from_str(metadata[PASSAGE].as_str()?).ok()?;
    Some(Passage { text: text.as_str()?.to_owned(), ..passage })
}

/// A condition in Chroma's words that every passage the filter accepts fulfils, as sharp as Chroma's words allow; the rest
/// of the filter is applied to what it answers.
fn condition(filter: &Filter) -> Option<Value> {
    let joined = |word: &str, mut all: Vec<Value>| match all.len() {
        0 => None,
        1 => all.pop(),
        _ => Some(json!({word: all})),
    };
    match filter {
        Filter::Group(group) => match group.op {
            Junction::And => joined("$and", group.operands.iter().filter_map(condition).collect()),
            Junction::Or => {
                let all: Option<Vec<Value>> = group.operands.iter().map(condition).collect();
                joined("$or", all?)
            }
            Junction::Not => None,
        },
        Filter::Condition(one) if COMPARABLE.contains(&one.property.as_str()) => {
            let value = match &one.value {
                Operand::Text(text) => json!(text),
                Operand::Number(number) => json!(number),
                _ => return None,
            };
            let word = match (one.op, &one.value) {
                (Comparison::Eq, Operand::Text(_)) => "$eq",
                (Comparison::Gt, Operand::Number(_)) => "$gt",
                (Comparison::Gte, Operand::Number(_)) => "$gte",
                (Comparison::Lt, Operand::Number(_)) => "$lt",
                (Comparison::Lte, Operand::Number(_)) => "$lte",
                _ => return None,
            };
            Some(json!({one.property.as_str(): {word: value}}))
        }
        Filter::Condition(_) => None,
    }
}

impl Dataset for Passages {
    fn engine(&self) -> &'static str {
        NAME
    }

    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Found>, SearchError>> {
        async move {
            let hits = self.find(&search).await?;
            let beside = self.beside(&hits).await?;
            Ok(hits.into_iter().map(|hit| hit.found(&beside)).collect())
        }
        .boxed()
    }

    fn ingestion(&self) -> Option<&Ingestion> {
        Some(&self.ingestion)
    }

    fn check(&self) -> BoxFuture<'_, Result<(), SearchError>> {
        async move { self.collection.server.greet().await.map_err(away) }.boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.ingestion.close())
    }

    fn discard(&self) -> BoxFuture<'_, Result<(), SearchError>> {
        async move { self.collection.server.remove().await.map_err(away) }.boxed()
    }
}

fn away(error: ChromaError) -> SearchError {
    SearchError(error.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition_of(filter: Value) -> Option<Value> {
        condition(&serde_json::from_value(filter).unwrap())
    }

    #[test]
    fn a_filter_is_told_to_chroma_as_far_as_it_understands() {
        let pdf = json!({"type": "condition", "property": "file_type", "op": "eq", "value": "pdf"});
        let large =
            json!({"type": "condition", "property": "file_size", "op": "gt", "value": 10.0});
        let glob =
            json!({"type": "condition", "property": "file_path", "op": "like", "value": "a/*"});
        let group =
            |op: &str, operands: Value| json!({"type": "group", "op": op, "operands": operands});
        let told = json!({"file_type": {"$eq": "pdf"}});
        assert_eq!(condition_of(pdf.clone()), Some(told.clone()));
        assert_eq!(
            condition_of(group("and", json!([pdf, glob, large]))),
            Some(json!({"$and": [told, {"file_size": {"$gt": 10.0}}]}))
        );
        assert_eq!(
            condition_of(group("or", json!([pdf, glob]))),
            None,
            "it would lose what the glob finds"
        );
        assert_eq!(condition_of(group("not", json!([pdf]))), None);
    }
}
