//! The embedded full-text index of one dataset: a tantivy directory of its own, named by the dataset's id.
//!
//! One document of the index is one chunk. Its `source` ties it to its file, so that a changed or deleted file
//! takes all its old chunks with it.

mod chunk_store;
mod question;
mod schema;
mod writer;

use std::path::{Path, PathBuf};

use tantivy::collector::TopDocs;
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyDocument, TantivyError};

pub(crate) use chunk_store::IndexStore;
pub(crate) use writer::Writer;

use schema::Fields;

/// Decompressed blocks of the document store kept per segment; each is 16 KiB.
const CACHED_BLOCKS: usize = 8;

/// The chunks of one dataset, searchable.
#[derive(Clone)]
pub(crate) struct PassageIndex {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    directory: PathBuf,
}

/// Why the index did not answer. Callers see "the store is not available", never an empty result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum IndexError {
    #[error("the index at {} cannot be used", .path.display())]
    Store {
        path: PathBuf,
        #[source]
        source: TantivyError,
    },
    #[error("the index directory {} cannot be used", .path.display())]
    Directory {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

/// A chunk that answers a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hit {
    /// The chunk's id: its document's id and its place in it.
    pub(crate) id: String,
    /// How much of the question it covers, 0 to 1; see [`PassageIndex::search`].
    pub(crate) score: f32,
    pub(crate) text: String,
    pub(crate) title: String,
    /// Headings above the chunk, joined by ` > `.
    pub(crate) headings: String,
    /// The file's path inside its folder.
    pub(crate) path: String,
    pub(crate) chunk_index: u64,
}

/// Whether an index was there already, or everything has to be indexed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    Existing,
    Empty,
}

impl PassageIndex {
    /// Opens the index in `directory`. A damaged one, or one of another format, is replaced by an empty one.
    pub(crate) fn open(directory: &Path) -> Result<(Self, Opened), IndexError> {
        match Self::open_existing(directory) {
            Ok(Some(index)) => Ok((index, Opened::Existing)),
            Ok(None) => Ok((Self::create(directory)?, Opened::Empty)),
            Err(error) => {
                tracing::warn!(path = %directory.display(), error = &error as &dyn std::error::Error, "rebuilding the index");
                Ok((Self::create(directory)?, Opened::Empty))
            }
        }
    }

    fn open_existing(directory: &Path) -> Result<Option<Self>, IndexError> {
        let store = |source| IndexError::Store { path: directory.to_owned(), source };
        if !directory.join("meta.json").exists() {
            return Ok(None);
        }
        let (schema, _) = schema::build();
        let index = Index::open_in_dir(directory).map_err(store)?;
        if index.schema() != schema {
            return Ok(None);
        }
        Self::with(index, directory).map(Some)
    }

    fn create(directory: &Path) -> Result<Self, IndexError> {
        let io = |source| IndexError::Directory { path: directory.to_owned(), source };
        if directory.exists() {
            std::fs::remove_dir_all(directory).map_err(io)?;
        }
        std::fs::create_dir_all(directory).map_err(io)?;
        let (schema, _) = schema::build();
        let store = |source: TantivyError| IndexError::Store { path: directory.to_owned(), source };
        let files = MmapDirectory::open(directory).map_err(|error| store(error.into()))?;
        let index = Index::create(files, schema, schema::settings()).map_err(store)?;
        Self::with(index, directory)
    }

    fn with(index: Index, directory: &Path) -> Result<Self, IndexError> {
        let (_, fields) = schema::build();
        index.tokenizers().register(schema::ANALYZER, crate::space::text::analyzer());
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(CACHED_BLOCKS)
            .try_into()
            .map_err(|source| IndexError::Store { path: directory.to_owned(), source })?;
        Ok(Self { index, reader, fields, directory: directory.to_owned() })
    }

    /// The chunks that cover `question` best, best first: at most `limit`, none below `threshold`.
    ///
    /// The score is `sqrt(bm25 / ideal)`, at most 1. `ideal` is what a chunk would get that repeats every telling word of
    /// the question without end, so 1 means "all of it, densely"; a chunk of average length that holds every word once
    /// gets about 0.67; one that holds words with half of the question's weight, about 0.48. It compares across
    /// questions and datasets; it is not a probability. Reads files: call it on a blocking thread.
    pub(crate) fn search(
        &self,
        question: &str,
        limit: usize,
        threshold: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        self.try_search(question, limit, threshold).map_err(|source| self.failed(source))
    }

    fn try_search(
        &self,
        question: &str,
        limit: usize,
        threshold: f32,
    ) -> Result<Vec<Hit>, TantivyError> {
        let searcher = self.reader.searcher();
        let Some(asked) = question::Question::build(question, &searcher, &self.fields)? else {
            return Ok(Vec::new());
        };
        let found = searcher.search_with_statistics_provider(
            &asked.query,
            &TopDocs::with_limit(limit.max(1)).order_by_score(),
            &question::TextStatistics::of(&searcher, &self.fields),
        )?;
        let mut hits = Vec::with_capacity(found.len());
        for (bm25, address) in found {
            let score = asked.normalised(bm25);
            if score < threshold {
                break;
            }
            hits.push(self.fields.hit(&searcher.doc::<TantivyDocument>(address)?, score));
        }
        Ok(hits)
    }

    /// How many chunks are searchable.
    #[cfg(test)]
    pub(crate) fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    fn failed(&self, source: TantivyError) -> IndexError {
        IndexError::Store { path: self.directory.clone(), source }
    }
}

#[cfg(test)]
mod tests;
