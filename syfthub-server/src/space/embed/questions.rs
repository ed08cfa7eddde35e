//! Questions as vectors, for a caller who waits: each is embedded once, and an embedder that is away is left alone for a
//! while instead of delaying every question.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::{EmbedError, Embedder, Purpose, Scale};

/// Questions whose vectors are kept.
const KEPT: u64 = 1000;

/// How long an embedder may take before a question is answered by words alone.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long an embedder that failed is not asked again.
const PAUSE: Duration = Duration::from_secs(10);

/// Longer questions are cut: models read no more of them.
const LONGEST: usize = 8000;

/// Embeds questions.
pub(crate) struct Questions {
    embedder: Arc<dyn Embedder>,
    scale: OnceCell<Scale>,
    known: Cache<String, Arc<Vec<f32>>>,
    away_until: Mutex<Option<Instant>>,
}

impl Questions {
    pub(crate) fn new(embedder: Arc<dyn Embedder>) -> Self {
        Self {
            embedder,
            scale: OnceCell::new(),
            known: Cache::new(KEPT),
            away_until: Mutex::default(),
        }
    }

    /// The question's vector and what a cosine with it is worth; `None` while the embedder is away, which the log tells.
    pub(crate) async fn meaning(&self, question: &str) -> Option<(Arc<Vec<f32>>, Scale)> {
        if question.trim().is_empty() || self.is_away() {
            return None;
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask(question)).await;
        match asked.unwrap_or(Err(EmbedError::TimedOut)) {
            Ok(meaning) => Some(meaning),
            Err(error) => {
                tracing::warn!(%error, "the embedder is away: questions are answered by their words alone for now");
                metrics::counter!("space_embedder_failures_total").increment(1);
                if error.is_transient() {
                    self.set_away();
                }
                None
            }
        }
    }

    async fn ask(&self, question: &str) -> Result<(Arc<Vec<f32>>, Scale), EmbedError> {
        let scale = *self.scale.get_or_try_init(|| Scale::measure(&*self.embedder)).await?;
        let question = &question[..question.floor_char_boundary(LONGEST)];
        if let Some(vector) = self.known.get(question) {
            return Ok((vector, scale));
        }
        let vectors = self.embedder.embed(vec![question.to_owned()], Purpose::Question).await?;
        let vector = Arc::new(vectors.into_iter().next().ok_or(EmbedError::Unreadable)?);
        self.known.insert(question.to_owned(), Arc::clone(&vector));
        Ok((vector, scale))
    }

    fn is_away(&self) -> bool {
        let until = *self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn set_away(&self) {
        let until = Instant::now() + PAUSE;
        *self.away_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use futures_util::future::BoxFuture;

    use super::*;

    /// Fails as often as told, then gives every text the same vector; counts how often it was asked.
    #[derive(Default)]
    struct Flaky {
        failures: AtomicUsize,
        asked: AtomicUsize,
    }

    impl Embedder for Flaky {
        fn embed(
            &self,
            texts: Vec<String>,
            _: Purpose,
        ) -> BoxFuture<'_, Result<Vec<Vec<f32>>, EmbedError>> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let fails = self
                .failures
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok();
            let vectors = texts.iter().map(|_| vec![1.0, 0.0]).collect();
            async move { if fails { Err(EmbedError::Unreachable) } else { Ok(vectors) } }.boxed()
        }

        fn identity(&self) -> &'static str {
            "flaky"
        }
    }

    #[tokio::test]
    async fn a_question_is_embedded_once() {
        let embedder = Arc::new(Flaky::default());
        let questions = Questions::new(embedder.clone());
        assert!(questions.meaning("what?").await.is_some());
        let asked = embedder.asked.load(Ordering::SeqCst);
        assert!(questions.meaning("what?").await.is_some());
        assert_eq!(embedder.asked.load(Ordering::SeqCst), asked);
        assert!(questions.meaning("  ").await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_embedder_that_is_away_is_left_alone_and_asked_again_later() {
        let embedder = Arc::new(Flaky { failures: AtomicUsize::new(1), ..Flaky::default() });
        let questions = Questions::new(embedder.clone());
        assert!(questions.meaning("what?").await.is_none());
        assert!(questions.meaning("what?").await.is_none());
        assert_eq!(embedder.asked.load(Ordering::SeqCst), 1, "it is not asked while it is away");
        tokio::time::advance(PAUSE).await;
        assert!(questions.meaning("what?").await.is_some());
    }
}
