//! Finding public endpoints by what people write into a search box (contract hub 7.2).
//!
//! The engine's full-text index (FTS5, tsvector) answers which endpoints have a word; `rank` says how well they fit, in
//! the same way on both. A word that no name has is read as the names that begin with it, and as those from which one
//! slip of the hand leads to it.
//!
//! A word that is everywhere costs no more than a rare one: of the endpoints that have it, those with all words of the
//! query, some others (on SQLite the latest) and those with the most stars are looked at; see [`Breadth`].
//!
//! Reading order: `words`, `slips`, `rank`, then `index` (what is kept), `candidates` (what is looked at), and `engine`
//! and `store` below them.

mod candidates;
mod engine;
mod index;
mod rank;
mod slips;
mod store;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use index::{complete, update};

use std::cmp::Reverse;

use syfthub_core::ids::EndpointId;
use syfthub_core::model::EndpointType;

use self::candidates::Candidates;
use self::store::Described;
use super::store::{Record, Slice};
use crate::db::{StoreError, Tx};

/// Endpoints that are read at a time.
const BATCH: usize = 100;

/// What is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// What somebody wrote; anything.
    pub(crate) query: String,
    /// Only these types.
    pub(crate) kinds: Vec<EndpointType>,
    pub(crate) breadth: Breadth,
    pub(crate) slice: Slice,
}

/// What counts as found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// Whatever has a word of the query anywhere.
    AnyWord,
    /// What has every word of it in its name, tags, description or owner.
    EveryWord,
}

impl Breadth {
    /// Endpoints that the index names for one word, at most.
    const fn named(self) -> usize {
        match self {
            Self::AnyWord => 200,
            Self::EveryWord => 1000,
        }
    }

    /// Endpoints that fit, after which no more are looked at. It is the same for every page of a list.
    const fn enough(self) -> usize {
        match self {
            Self::AnyWord => 100,
            Self::EveryWord => 1000,
        }
    }
}

/// An endpoint that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    pub(crate) id: EndpointId,
    /// From above 0 to 1; see `rank`.
    pub(crate) relevance: f64,
}

/// The endpoints that fit best, most relevant first, then by stars, by their latest edit and by number. A list ends
/// after the thousandth.
pub(crate) async fn find(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Hit>, StoreError> {
    let asked = words::asked(&wanted.query);
    if asked.is_empty() || wanted.kinds.is_empty() {
        return Ok(Vec::new());
    }
    let candidates = Candidates::gather(tx, wanted, &asked).await?;
    let mut found = Vec::new();
    for batch in candidates.in_order().chunks(BATCH) {
        let described = store::described(tx, batch).await?;
        found.extend(described.into_iter().filter_map(|one| rated(one, wanted, &candidates)));
        if found.len() >= wanted.breadth.enough() {
            break;
        }
    }
    found.sort_by(|(a, x), (b, y)| {
        let rest = |of: &Described| (Reverse(of.stars), Reverse(of.updated_at), Reverse(of.id));
        b.total_cmp(a).then_with(|| rest(x).cmp(&rest(y)))
    });
    let [skip, limit] =
        [wanted.slice.skip, wanted.slice.limit].map(|n| usize::try_from(n).unwrap_or(0));
    let hits = found.into_iter().map(|(relevance, described)| Hit { id: described.id, relevance });
    Ok(hits.skip(skip).take(limit).collect())
}

/// What the hits are, in any order.
pub(crate) async fn records(tx: &mut Tx, hits: &[Hit]) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<i64> = hits.iter().map(|hit| hit.id.0).collect();
    store::records(tx, &ids).await
}

/// The endpoint with its relevance, if it fits at all.
fn rated(
    described: Described,
    wanted: &Wanted,
    candidates: &Candidates,
) -> Option<(f64, Described)> {
    let fits = wanted.kinds.contains(&described.kind)
        && (wanted.breadth == Breadth::AnyWord || described.text.has_all(&candidates.words));
    let somewhere = candidates.somewhere(described.id);
    let relevance = described.text.relevance(&candidates.words, somewhere);
    (fits && relevance > 0.0).then_some((relevance, described))
}
