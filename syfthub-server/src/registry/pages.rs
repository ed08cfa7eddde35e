//! Public answers, kept as the bytes that are sent.
//!
//! Every page belongs to a generation. A change of the registry or of an owner begins the next one, so that no page made
//! before it is served after it, on every instance that hears of it (`shared::news`). A page is never older than `max_age`,
//! whatever is heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use syfthub_core::model::EndpointType;

use super::store::Slice;

/// Bytes of all pages together.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// Bytes that a page takes besides its content, so that empty pages fill the cache too.
const OVERHEAD: usize = 512;

/// What a page is asked for by: everything that its content depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum PageKey {
    /// Everybody's public endpoints, latest edit first.
    Public { kind: Option<EndpointType>, slice: Slice },
    /// Those with so many stars at least, most stars first.
    Trending { kind: Option<EndpointType>, min_stars: i64, slice: Slice },
    /// Those without policies, latest edit first.
    Open { kind: Option<EndpointType>, slice: Slice },
    /// Who has public endpoints, most first.
    Owners(Slice),
    /// These owners, each with the latest few of their endpoints.
    Groups { per_owner: i64, slice: Slice },
    /// What one owner, in lower case, shows to everybody.
    OfOwner { owner: String, slice: Slice },
    /// One endpoint that everybody may see, by its address in lower case.
    At { owner: String, slug: String },
}

/// The pages in memory.
pub(crate) struct Pages {
    generation: AtomicU64,
    cache: Cache<(u64, PageKey), Bytes>,
}

impl Pages {
    /// An empty store of pages, none of which is served for longer than `max_age`.
    pub(crate) fn new(max_age: Duration) -> Self {
        let weight = |_: &(u64, PageKey), page: &Bytes| {
            u32::try_from(page.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        let cache =
            Cache::builder().max_capacity(CAPACITY).weigher(weight).time_to_live(max_age).build();
        Self { generation: AtomicU64::new(0), cache }
    }

    /// Forgets every page. To be called after the commit of a change and before its answer.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// The page, made by `make` when there is none. Requests at the same time share one making, also when it fails; a
    /// failure is not kept.
    pub(crate) async fn get<E, F>(&self, key: PageKey, make: F) -> Result<Bytes, Arc<E>>
    where
        F: Future<Output = Result<Bytes, E>>,
        E: Send + Sync + 'static,
    {
        // Read before the database is: what is made from older data is filed under an older generation.
        let generation = self.generation.load(Ordering::SeqCst);
        self.cache.try_get_with((generation, key), make).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: PageKey = PageKey::Public { kind: None, slice: Slice { skip: 0, limit: 10 } };

    async fn get(pages: &Pages, fresh: &'static str) -> Bytes {
        pages.get(KEY, async { Ok::<_, ()>(Bytes::from_static(fresh.as_bytes())) }).await.unwrap()
    }

    #[tokio::test]
    async fn a_page_is_made_once_and_again_after_a_change() {
        let pages = Pages::new(Duration::from_mins(1));
        assert_eq!(get(&pages, "one").await, "one");
        assert_eq!(get(&pages, "two").await, "one");
        pages.forget();
        assert_eq!(get(&pages, "three").await, "three");
    }

    #[tokio::test]
    async fn a_page_under_way_during_a_change_is_not_served_after_it() {
        let pages = Pages::new(Duration::from_mins(1));
        let slow = pages.get(KEY, async {
            pages.forget();
            Ok::<_, ()>(Bytes::from_static(b"old"))
        });
        assert_eq!(slow.await.unwrap(), "old");
        assert_eq!(get(&pages, "new").await, "new");
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let pages = Pages::new(Duration::from_mins(1));
        assert!(pages.get(KEY, async { Err::<Bytes, _>("down") }).await.is_err());
        assert_eq!(get(&pages, "up").await, "up");
    }
}
