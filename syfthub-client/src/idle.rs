//! A limit on silence: a stream that says nothing for too long is as good as broken.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use syfthub_core::rag::{Chunk, GenerateError, GenerationStream};

/// Why the bytes of an answer stopped coming.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The connection failed.
    #[error("the connection failed")]
    Connection(#[source] reqwest::Error),
    /// Nothing came for this long.
    #[error("nothing came for {0:?}")]
    Silence(Duration),
}

/// `bytes` until the first silence longer than `idle`, which is an error.
pub(crate) fn with_limit<S>(bytes: S, idle: Duration) -> impl Stream<Item = Result<Bytes, Broken>>
where
    S: Stream<Item = reqwest::Result<Bytes>>,
{
    async_stream::stream! {
        let mut bytes = std::pin::pin!(bytes);
        loop {
            match tokio::time::timeout(idle, bytes.next()).await {
                Ok(Some(Ok(piece))) => yield Ok(piece),
                Ok(Some(Err(cause))) => {
                    yield Err(Broken::Connection(cause.without_url()));
                    return;
                }
                Ok(None) => return,
                Err(_) => {
                    yield Err(Broken::Silence(idle));
                    return;
                }
            }
        }
    }
}

/// `chunks` until the first silence longer than `idle`, or the first error.
pub(crate) fn chunks(
    mut chunks: GenerationStream,
    idle: Duration,
) -> impl Stream<Item = Result<Chunk, GenerateError>> + Send + use<> {
    async_stream::stream! {
        loop {
            let next = tokio::time::timeout(idle, chunks.next()).await;
            match next.unwrap_or(Some(Err(GenerateError::Timeout))) {
                Some(Ok(chunk)) => yield Ok(chunk),
                Some(Err(error)) => {
                    yield Err(error);
                    return;
                }
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silence_that_is_too_long_ends_the_stream() {
        let bytes = stream::iter([Ok(Bytes::from("a"))]).chain(stream::pending());
        let seen: Vec<_> = with_limit(bytes, Duration::from_secs(9)).collect().await;
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[1].as_ref().unwrap_err().to_string(), "nothing came for 9s");
    }
}
