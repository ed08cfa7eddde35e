//! Embedding what becomes of files, for any store that keeps vectors.

use super::{EmbedError, Embedder, Purpose};
use crate::space::passage::{Change, Passage};

/// A file with the vectors of its passages: one for each, or none at all. A file that goes has no passages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EmbeddedFile {
    /// Names the file in the store.
    pub(crate) source: String,
    /// What takes the place of all its passages.
    pub(crate) passages: Vec<Passage>,
    /// Of unit length, in the order of the passages.
    pub(crate) vectors: Vec<Vec<f32>>,
}

/// Changes of files, embedded.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Embedded {
    /// In the order of the changes.
    pub(crate) files: Vec<EmbeddedFile>,
    /// Files whose texts the model does not take, and why. They are among the files, without passages.
    pub(crate) refused: Vec<(String, String)>,
}

impl Embedded {
    /// The same changes where nothing is embedded.
    pub(crate) fn without_vectors(changes: Vec<Change>) -> Self {
        let bare = |change| {
            let (source, passages) = parts(change);
            EmbeddedFile { source, passages, vectors: Vec::new() }
        };
        Self { files: changes.into_iter().map(bare).collect(), refused: Vec::new() }
    }
}

/// Embeds the passages of all files together. When the model refuses them, each file is asked for by itself, so that one
/// does not spoil the others.
///
/// # Errors
/// When the embedder is away; nothing is wrong with the files then.
pub(crate) async fn files(
    embedder: &dyn Embedder,
    changes: Vec<Change>,
) -> Result<Embedded, EmbedError> {
    let parted: Vec<(String, Vec<Passage>)> = changes.into_iter().map(parts).collect();
    let texts = parted.iter().flat_map(|(_, passages)| texts(passages)).collect();
    match embed(embedder, texts).await {
        Ok(vectors) => {
            let mut vectors = vectors.into_iter();
            let files = parted.into_iter().map(|(source, passages)| {
                let vectors = vectors.by_ref().take(passages.len()).collect();
                EmbeddedFile { source, passages, vectors }
            });
            Ok(Embedded { files: files.collect(), refused: Vec::new() })
        }
        Err(error) if error.is_transient() => Err(error),
        Err(_) => one_by_one(embedder, parted).await,
    }
}

async fn one_by_one(
    embedder: &dyn Embedder,
    parted: Vec<(String, Vec<Passage>)>,
) -> Result<Embedded, EmbedError> {
    let mut outcome = Embedded::default();
    for (source, passages) in parted {
        match embed(embedder, texts(&passages).collect()).await {
            Ok(vectors) => outcome.files.push(EmbeddedFile { source, passages, vectors }),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                outcome.refused.push((source.clone(), error.to_string()));
                outcome.files.push(EmbeddedFile {
                    source,
                    passages: Vec::new(),
                    vectors: Vec::new(),
                });
            }
        }
    }
    Ok(outcome)
}

async fn embed(embedder: &dyn Embedder, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
    if texts.is_empty() { Ok(Vec::new()) } else { embedder.embed(texts, Purpose::Passage).await }
}

fn texts(passages: &[Passage]) -> impl Iterator<Item = String> + '_ {
    passages.iter().map(Passage::meaningful)
}

fn parts(change: Change) -> (String, Vec<Passage>) {
    match change {
        Change::Replace { source, passages } => (source, passages),
        Change::Remove { source } => (source, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use futures_util::future::BoxFuture;

    use super::*;

    /// Refuses texts that hold `bad`, and is away for those that hold `away`.
    struct Choosy;

    impl Embedder for Choosy {
        fn embed(
            &self,
            texts: Vec<String>,
            _: Purpose,
        ) -> BoxFuture<'_, Result<Vec<Vec<f32>>, EmbedError>> {
            let holds = |word| texts.iter().any(|text| text.contains(word));
            let answer = if holds("away") {
                Err(EmbedError::Busy)
            } else if holds("bad") {
                Err(EmbedError::Refused("bad".to_owned()))
            } else {
                Ok(texts.iter().map(|_| vec![1.0]).collect())
            };
            async move { answer }.boxed()
        }

        fn identity(&self) -> &'static str {
            "choosy"
        }
    }

    fn file(source: &str, texts: &[&str]) -> Change {
        let passages = texts.iter().zip(0..).map(|(text, chunk_index)| Passage {
            id: format!("{source}_{chunk_index}"),
            text: (*text).to_owned(),
            chunk_index,
            ..Passage::default()
        });
        Change::Replace { source: source.to_owned(), passages: passages.collect() }
    }

    #[tokio::test]
    async fn each_file_gets_the_vectors_of_its_passages() {
        let gone = Change::Remove { source: "c".to_owned() };
        let changes = vec![file("a", &["1", "2"]), gone, file("b", &["3"])];
        let Embedded { files, refused } = super::files(&Choosy, changes).await.unwrap();
        let shape: Vec<_> = files
            .iter()
            .map(|file| (file.source.as_str(), file.passages.len(), file.vectors.len()))
            .collect();
        assert_eq!((shape, refused.len()), (vec![("a", 2, 2), ("c", 0, 0), ("b", 1, 1)], 0));
    }

    #[tokio::test]
    async fn a_file_that_the_model_refuses_fails_alone() {
        let changes = vec![file("a", &["1"]), file("b", &["bad"]), file("c", &["3"])];
        let Embedded { files, refused } = super::files(&Choosy, changes).await.unwrap();
        assert_eq!(
            refused,
            [("b".to_owned(), "the embedding server refused the request: bad".to_owned())]
        );
        assert!(files[1].passages.is_empty() && files[2].vectors.len() == 1);
    }

    #[tokio::test]
    async fn an_embedder_that_is_away_is_no_fault_of_a_file() {
        assert_eq!(super::files(&Choosy, vec![file("a", &["away"])]).await, Err(EmbedError::Busy));
    }
}
