//! Lists whose pages are told apart by the last item of the page before.

use futures_util::Stream;
use syfthub_client::Error;

/// The most items of a page that are asked for unless the caller says otherwise.
pub(super) const USUAL: u32 = 100;

/// The pages that `fetch(before)` gives, each of at most `size` items; `place` is what the next one is asked by.
pub(super) fn pages<T, F, Fut>(
    before: Option<i64>,
    size: u32,
    place: fn(&T) -> i64,
    fetch: F,
) -> impl Stream<Item = Result<Vec<T>, Error>> + Send
where
    T: Send,
    F: Fn(Option<i64>) -> Fut + Send,
    Fut: Future<Output = Result<Vec<T>, Error>> + Send,
{
    async_stream::try_stream! {
        let mut before = before;
        loop {
            let page = fetch(before).await?;
            let is_last = page.len() < size as usize;
            let Some(last) = page.last() else { break };
            before = Some(place(last));
            yield page;
            if is_last {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    #[tokio::test]
    async fn every_item_comes_once_and_an_empty_page_never() {
        for (total, size) in [(0, 2), (1, 2), (2, 2), (5, 2)] {
            let fetch = |before: Option<i64>| async move {
                let newest = before.map_or(total, |before| before - 1);
                Ok((1..=newest).rev().take(size as usize).collect())
            };
            let pages: Vec<Vec<i64>> =
                pages(None, size, |item| *item, fetch).try_collect().await.unwrap();
            assert!(pages.iter().all(|page| !page.is_empty()), "{pages:?}");
            assert_eq!(pages.concat(), (1..=total).rev().collect::<Vec<i64>>(), "{total}/{size}");
        }
    }
}
