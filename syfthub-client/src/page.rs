//! Lists that come in pages, as one stream.

use futures_util::Stream;

use crate::error::Error;

/// The most items a hub puts on one page (contract hub 1.5).
pub(crate) const LARGEST: u32 = 100;

/// All items of a list whose pages are fetched by `fetch(skip)`. The page that is shorter than `size` is the last.
pub(crate) fn items<T, F, Fut>(
    skip: u64,
    size: u32,
    fetch: F,
) -> impl Stream<Item = Result<T, Error>> + Send
where
    T: Send,
    F: Fn(u64) -> Fut + Send,
    Fut: Future<Output = Result<Vec<T>, Error>> + Send,
{
    async_stream::try_stream! {
        let mut skip = skip;
        loop {
            let page = fetch(skip).await?;
            let length = page.len();
            for item in page {
                yield item;
            }
            if length < size as usize {
                break;
            }
            skip += u64::from(size);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;
    use crate::error::ErrorKind;

    async fn all(total: u64, size: u32) -> Vec<u64> {
        let fetch =
            |skip: u64| async move { Ok((skip..total).take(size as usize).collect::<Vec<u64>>()) };
        items(0, size, fetch).try_collect().await.unwrap()
    }

    #[tokio::test]
    async fn every_item_comes_once_whatever_the_page_size() {
        for (total, size) in [(0, 1), (1, 1), (5, 2), (6, 2), (3, 100)] {
            assert_eq!(all(total, size).await, (0..total).collect::<Vec<u64>>(), "{total}/{size}");
        }
    }

    #[tokio::test]
    async fn a_failing_page_ends_the_stream_with_its_error() {
        let fetch = |skip: u64| async move {
            if skip == 0 { Ok(vec![1]) } else { Err(Error::new(ErrorKind::Server, "down")) }
        };
        let (good, bad): (Vec<_>, Vec<_>) = {
            use futures_util::StreamExt as _;
            let seen: Vec<Result<i32, Error>> = items(0, 1, fetch).collect().await;
            seen.into_iter().partition(Result::is_ok)
        };
        assert_eq!((good.len(), bad.len()), (1, 1));
    }
}
