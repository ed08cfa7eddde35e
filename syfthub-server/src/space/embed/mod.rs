//! Embeddings: texts as vectors of unit length, near each other when they mean the same.
//!
//! A dataset names its [`Provider`] in its configuration ([`settings`]); whatever keeps the vectors asks an [`Embedder`] and
//! never learns which one it is. An embedder that does not answer is a matter of time, not of the text: see
//! [`EmbedError::is_transient`].

mod files;
mod local;
mod openai;
mod questions;
mod scale;
mod settings;

use futures_util::future::BoxFuture;

pub(crate) use files::{Embedded, EmbeddedFile, files};
pub(crate) use questions::Questions;
pub(crate) use scale::Scale;
pub(crate) use settings::{Provider, provider, schema};

/// What a text is embedded for. Some models want to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be found. Patient: a busy server is asked again.
    Passage,
    /// To find. Somebody waits: one short try.
    Question,
}

/// What turns texts into vectors.
pub(crate) trait Embedder: Send + Sync {
    /// One vector of unit length for each text, in their order.
    fn embed(
        &self,
        texts: Vec<String>,
        purpose: Purpose,
    ) -> BoxFuture<'_, Result<Vec<Vec<f32>>, EmbedError>>;

    /// Which vectors these are: what was embedded under another identity cannot be compared with them.
    fn identity(&self) -> &str;
}

/// Why there are no vectors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum EmbedError {
    /// The server cannot be reached, or the connection broke.
    #[error("the embedding server cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the embedding server took too long")]
    TimedOut,
    /// The server asks for patience.
    #[error("the embedding server is busy")]
    Busy,
    /// The server does not accept this space's key.
    #[error("the embedding server refused this space's credentials")]
    Denied,
    /// The server failed.
    #[error("the embedding server failed (HTTP {0})")]
    Failed(u16),
    /// The server refused the texts.
    #[error("the embedding server refused the request: {0}")]
    Refused(String),
    /// The answer is no list of as many vectors as there were texts.
    #[error("the embedding server answered something that cannot be read")]
    Unreadable,
    /// The vectors have another length than those before: it is not the model that it was.
    #[error("the embedding model gives {found} dimensions and gave {expected} before")]
    Dimensions {
        /// The length before.
        expected: usize,
        /// The length now.
        found: usize,
    },
}

impl EmbedError {
    /// Whether the same texts may well be embedded later.
    pub(crate) fn is_transient(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}

/// `vector` at unit length; `None` when it has no direction.
fn unit(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if !length.is_finite() || length <= f64::EPSILON {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a vector's parts are single precision")]
    let scale = (1.0 / length) as f32;
    for x in &mut vector {
        *x *= scale;
    }
    Some(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_gets_unit_length_or_is_refused() {
        assert_eq!(unit(vec![3.0, 4.0]), Some(vec![0.6, 0.8]));
        assert_eq!(unit(vec![0.0, 0.0]), None);
        assert_eq!(unit(vec![f32::NAN, 1.0]), None);
        assert_eq!(unit(vec![f32::INFINITY, 1.0]), None);
    }

    #[test]
    fn only_a_refusal_is_the_fault_of_the_text() {
        assert!(EmbedError::Unreachable.is_transient() && EmbedError::Denied.is_transient());
        assert!(!EmbedError::Refused("too long".to_owned()).is_transient());
    }
}
