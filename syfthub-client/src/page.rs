//! Lists that come in pages, as one stream.

use std::collections::VecDeque;
use std::panic::resume_unwind;

use futures_util::{Stream, TryStreamExt as _, stream};
use tokio::task::JoinHandle;

use crate::error::Error;

/// The most items a hub puts on one page (contract hub 1.5).
pub(crate) const LARGEST: u32 = 100;

/// How many pages are on their way while one is worked on: a hub finds them beside each other.
const AHEAD: usize = 2;

/// The pages of a list, each fetched by `fetch(skip)`. The page that is shorter than `size` is the last; empty ones are left
/// out.
///
/// Most callers want the first page, and some want them all. So nothing is fetched ahead of the first page; whoever asks for
/// a second one finds, from then on, that the pages behind it are already on their way. Dropping the stream stops them too.
pub(crate) fn pages<T, F, Fut>(
    skip: u64,
    size: u32,
    fetch: F,
) -> impl Stream<Item = Result<Vec<T>, Error>> + Send + use<T, F, Fut>
where
    T: Send + 'static,
    F: Fn(u64) -> Fut + Send,
    Fut: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    async_stream::try_stream! {
        let starts = |n: u64| skip + n * u64::from(size);
        let mut ahead = VecDeque::new();
        let mut asked = 0;
        for n in 0_u64.. {
            let page = match ahead.pop_front() {
                Some(page) => Ahead::arrived(page).await?,
                None => fetch(starts(n)).await?,
            };
            asked = asked.max(n + 1);
            let is_last = page.len() < size as usize;
            while n > 0 && !is_last && ahead.len() < AHEAD {
                ahead.push_back(Ahead(tokio::spawn(fetch(starts(asked)))));
                asked += 1;
            }
            if !page.is_empty() {
                yield page;
            }
            if is_last {
                break;
            }
        }
    }
}

/// A page that is on its way, for as long as somebody wants it.
struct Ahead<T>(JoinHandle<Result<Vec<T>, Error>>);

impl<T> Ahead<T> {
    async fn arrived(mut self) -> Result<Vec<T>, Error> {
        // Nobody else can stop it: what ends it early is a panic of its own.
        (&mut self.0).await.unwrap_or_else(|stopped| resume_unwind(stopped.into_panic()))
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// All items of a list of such [`pages`].
pub(crate) fn items<T, F, Fut>(
    skip: u64,
    size: u32,
    fetch: F,
) -> impl Stream<Item = Result<T, Error>> + Send + use<T, F, Fut>
where
    T: Send + 'static,
    F: Fn(u64) -> Fut + Send,
    Fut: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    pages(skip, size, fetch).map_ok(|page| stream::iter(page.into_iter().map(Ok))).try_flatten()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::{Arc, Mutex};

    use futures_util::{StreamExt as _, future};
    use tokio::sync::Notify;

    use super::*;
    use crate::error::ErrorKind;

    /// A list of `total` numbers, and where each page that was asked for begins.
    #[derive(Clone)]
    struct Numbers {
        total: u64,
        size: u32,
        asked: Arc<Mutex<Vec<u64>>>,
        each: Arc<Notify>,
    }

    impl Numbers {
        fn new(total: u64, size: u32) -> Self {
            Self { total, size, asked: Arc::default(), each: Arc::default() }
        }

        fn fetch(&self, skip: u64) -> future::Ready<Result<Vec<u64>, Error>> {
            self.asked.lock().unwrap().push(skip);
            self.each.notify_one();
            future::ready(Ok((skip..self.total).take(self.size as usize).collect()))
        }

        fn pages(&self) -> impl Stream<Item = Result<Vec<u64>, Error>> + use<> {
            let list = self.clone();
            pages(0, self.size, move |skip| {
                let list = list.clone();
                async move { list.fetch(skip).await }
            })
        }

        fn asked(&self) -> Vec<u64> {
            self.asked.lock().unwrap().clone()
        }
    }

    #[tokio::test]
    async fn every_item_comes_once_whatever_the_page_size() {
        for (total, size) in [(0, 1), (1, 1), (5, 2), (6, 2), (3, 100), (40, 3)] {
            let list = Numbers::new(total, size);
            let fetch = {
                let list = list.clone();
                move |skip| list.fetch(skip)
            };
            let all: Vec<u64> = items(0, size, fetch).try_collect().await.unwrap();
            assert_eq!(all, (0..total).collect::<Vec<u64>>(), "{total}/{size}");
            let pages: Vec<Vec<u64>> = list.pages().try_collect().await.unwrap();
            assert!(pages.iter().all(|page| !page.is_empty()), "{total}/{size}");
            assert_eq!(pages.concat(), all, "{total}/{size}");
        }
    }

    #[tokio::test]
    async fn the_first_page_alone_costs_one_request() {
        let list = Numbers::new(10, 2);
        {
            let mut pages = pin!(list.pages());
            assert_eq!(pages.next().await.unwrap().unwrap(), [0, 1]);
            tokio::task::yield_now().await;
        }
        assert_eq!(list.asked(), [0]);
    }

    #[tokio::test]
    async fn behind_the_second_page_the_next_are_on_their_way_before_they_are_asked_for() {
        let list = Numbers::new(10, 2);
        let mut pages = pin!(list.pages());
        for expected in [[0, 1], [2, 3]] {
            assert_eq!(pages.next().await.unwrap().unwrap(), expected);
        }
        while list.asked().len() < 4 {
            list.each.notified().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(list.asked(), [0, 2, 4, 6], "two pages ahead, and not more");
    }

    #[tokio::test]
    async fn dropping_the_pages_stops_those_that_are_on_their_way() {
        /// Tells when it is gone.
        struct Told(Arc<Notify>);
        impl Drop for Told {
            fn drop(&mut self) {
                self.0.notify_one();
            }
        }
        let (begun, stopped) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let fetch = |skip: u64| {
            let (begun, stopped) = (begun.clone(), stopped.clone());
            async move {
                if skip == 2 {
                    let _told = Told(stopped);
                    begun.notify_one();
                    future::pending::<()>().await;
                }
                Ok(vec![skip])
            }
        };
        {
            let mut pages = pin!(pages(0, 1, fetch));
            pages.next().await.unwrap().unwrap();
            pages.next().await.unwrap().unwrap();
            begun.notified().await;
        }
        stopped.notified().await;
    }

    #[tokio::test]
    async fn a_failing_page_ends_the_stream_with_its_error() {
        for failing in [0, 1, 2] {
            let fetch = move |skip: u64| async move {
                if skip < failing {
                    Ok(vec![1])
                } else {
                    Err(Error::new(ErrorKind::Server, "down"))
                }
            };
            let seen: Vec<Result<i32, Error>> = items(0, 1, fetch).collect().await;
            let (good, bad): (Vec<_>, Vec<_>) = seen.into_iter().partition(Result::is_ok);
            assert_eq!((good.len() as u64, bad.len()), (failing, 1));
        }
    }
}
