//! What arrives in parts: the pages of a list, or the events of an answer.

use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _};
use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use syfthub_calls::Failure;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::failure;

/// JSON texts, one after the other. Closing it, or letting go of it, ends what it reads from.
#[napi]
pub struct Texts {
    source: Arc<Mutex<Source>>,
    closed: CancellationToken,
    most: usize,
}

struct Source {
    texts: Option<syfthub_calls::Texts>,
    /// What came behind texts that were already on their way.
    held: Option<Failure>,
}

impl Texts {
    pub(crate) fn new(texts: syfthub_calls::Texts, most: u32) -> Self {
        let source = Source { texts: Some(texts), held: None };
        Self {
            source: Arc::new(Mutex::new(source)),
            closed: CancellationToken::new(),
            most: usize::try_from(most.max(1)).unwrap_or(usize::MAX),
        }
    }
}

#[napi]
impl Texts {
    /// The next texts: at least one, and those that have arrived since; none at the end, and after it was closed.
    #[napi(catch_unwind)]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Vec<String>>> {
        let (source, closed, most) = (self.source.clone(), self.closed.clone(), self.most);
        env.spawn_future(async move {
            let mut source = source.lock().await;
            let next = tokio::select! {
                biased;
                () = closed.cancelled() => {
                    source.texts = None;
                    return Ok(Vec::new());
                }
                next = source.next(most) => next,
            };
            if !matches!(&next, Ok(texts) if !texts.is_empty()) {
                source.texts = None;
            }
            next.map_err(failure::told)
        })
    }

    /// Ends what it reads from, also while the next texts are awaited.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.closed.cancel();
        let source = self.source.clone();
        napi::bindgen_prelude::spawn(async move { source.lock().await.texts = None });
    }
}

impl Source {
    async fn next(&mut self, most: usize) -> Result<Vec<String>, Failure> {
        if let Some(failure) = self.held.take() {
            return Err(failure);
        }
        let Some(texts) = self.texts.as_mut() else { return Ok(Vec::new()) };
        let Some(first) = texts.next().await else { return Ok(Vec::new()) };
        let mut arrived = vec![first?];
        while arrived.len() < most {
            match texts.next().now_or_never() {
                Some(Some(Ok(text))) => arrived.push(text),
                Some(Some(Err(failure))) => {
                    self.held = Some(failure);
                    break;
                }
                Some(None) | None => break,
            }
        }
        Ok(arrived)
    }
}
