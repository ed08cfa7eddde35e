//! Lists as streams of pages.

use futures_util::Stream;
use serde::Serialize;
use syfthub_client::lists::Scope;
use syfthub_client::{Error, List};

/// The most items of a page, and how many are asked for unless the caller says otherwise.
pub(super) const LARGEST: u32 = 100;

/// The pages of `list`, each with `limit` items, 1 to 100, without the first `skip` items.
pub(super) fn pages<S: Scope<Item: Serialize>>(
    list: List<'_, S>,
    skip: Option<u64>,
    limit: Option<u32>,
) -> impl Stream<Item = Result<Vec<S::Item>, Error>> + Send + use<S> {
    list.skip(skip.unwrap_or(0)).limit(limit.unwrap_or(LARGEST)).pages()
}
