//! The embedded index of one dataset: a tantivy directory of its own, named by the dataset's id, and the vectors of its
//! passages beside it when they are embedded.
//!
//! One document of the index is one passage. Its `source` ties it to its file, so that a changed or deleted file takes all
//! its old passages with it.

mod chunk_store;
mod filter;
mod fuse;
mod meaning;
mod neighbours;
mod question;
mod schema;
mod search;
mod vectors;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyError};

pub(crate) use chunk_store::IndexStore;
pub(crate) use search::{Asked, Hit, Meaning, Neighbour};
pub(crate) use writer::Writer;

use schema::Fields;
use vectors::{Described, Vectors};

/// Decompressed blocks of the document store kept per segment; each is 16 KiB.
const CACHED_BLOCKS: usize = 16;

/// The passages of one dataset, searchable; clones share them.
#[derive(Clone)]
pub(crate) struct PassageIndex {
    index: Index,
    reader: IndexReader,
    fields: Fields,
    directory: PathBuf,
    /// The vectors of the last commit, when the passages are embedded.
    vectors: Arc<RwLock<Option<Vectors>>>,
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
    #[error("the index holds a passage that cannot be read")]
    Unreadable,
}

impl PassageIndex {
    /// Opens the index in `directory`; `identity` is the model that its passages are embedded with, if any. A damaged
    /// index, or one of another format, is replaced by an empty one; vectors of another model are dropped, and the passages
    /// are found by their words until they are embedded anew. Blocks; once at a time for a directory.
    pub(crate) fn open(directory: &Path, identity: Option<&str>) -> Result<Self, IndexError> {
        match Self::open_existing(directory, identity) {
            Ok(Some(index)) => Ok(index),
            Ok(None) => Self::create(directory, identity),
            Err(error) => {
                tracing::warn!(path = %directory.display(), error = &error as &dyn std::error::Error, "rebuilding the index");
                Self::create(directory, identity)
            }
        }
    }

    fn open_existing(directory: &Path, identity: Option<&str>) -> Result<Option<Self>, IndexError> {
        let store = |source| IndexError::Store { path: directory.to_owned(), source };
        if !directory.join("meta.json").exists() {
            return Ok(None);
        }
        let (schema, _) = schema::build();
        let index = Index::open_in_dir(directory).map_err(store)?;
        if index.schema() != schema {
            return Ok(None);
        }
        Self::with(index, directory, identity).map(Some)
    }

    fn create(directory: &Path, identity: Option<&str>) -> Result<Self, IndexError> {
        let io = |source| IndexError::Directory { path: directory.to_owned(), source };
        if directory.exists() {
            std::fs::remove_dir_all(directory).map_err(io)?;
        }
        std::fs::create_dir_all(directory).map_err(io)?;
        let (schema, _) = schema::build();
        let store = |source: TantivyError| IndexError::Store { path: directory.to_owned(), source };
        let files = MmapDirectory::open(directory).map_err(|error| store(error.into()))?;
        let index = Index::create(files, schema, schema::settings()).map_err(store)?;
        Self::with(index, directory, identity)
    }

    fn with(index: Index, directory: &Path, identity: Option<&str>) -> Result<Self, IndexError> {
        let (_, fields) = schema::build();
        index.tokenizers().register(schema::ANALYZER, crate::space::text::analyzer());
        let store = |source| IndexError::Store { path: directory.to_owned(), source };
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(CACHED_BLOCKS)
            .try_into()
            .map_err(store)?;
        let committed = index.load_metas().map_err(store)?.payload;
        let directory = directory.to_owned();
        let opened = Self { index, reader, fields, directory, vectors: Arc::default() };
        opened.open_vectors(committed.as_deref(), identity)?;
        Ok(opened)
    }

    /// Takes up the vectors that the last commit described, or begins a new generation.
    fn open_vectors(
        &self,
        committed: Option<&str>,
        identity: Option<&str>,
    ) -> Result<(), IndexError> {
        let committed: Option<Described> =
            committed.and_then(|described| serde_json::from_str(described).ok());
        let generation = committed.as_ref().map_or(0, |described| described.generation + 1);
        let described = identity.map(|identity| {
            committed.filter(|described| described.identity == identity).unwrap_or_else(|| {
                Described { generation, identity: identity.to_owned(), dimensions: 0 }
            })
        });
        let used = match &described {
            Some(described) => self.rows(described)?.into_iter().max().map_or(0, |last| last + 1),
            None => 0,
        };
        vectors::cut(&self.directory, described.as_ref(), used).map_err(|error| self.io(error))?;
        let opened = described.map(|described| Vectors::open(&self.directory, described));
        self.show_vectors(opened.transpose().map_err(|error| self.io(error))?);
        Ok(())
    }

    /// The rows of vectors that the last commit names.
    fn rows(&self, described: &Described) -> Result<Vec<u32>, IndexError> {
        let mut rows = Vec::new();
        for segment in self.reader.searcher().segment_readers() {
            let column =
                segment.fast_fields().u64(schema::ROW).map_err(|error| self.failed(error))?;
            let names = segment.doc_ids_alive().filter_map(|doc| column.first(doc));
            rows.extend(names.filter_map(|name| described.row(name)));
        }
        Ok(rows)
    }

    fn vectors(&self) -> Option<Vectors> {
        self.vectors.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn show_vectors(&self, vectors: Option<Vectors>) {
        *self.vectors.write().unwrap_or_else(PoisonError::into_inner) = vectors;
    }

    /// How many passages are searchable.
    #[cfg(test)]
    pub(crate) fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    fn failed(&self, source: TantivyError) -> IndexError {
        IndexError::Store { path: self.directory.clone(), source }
    }

    fn io(&self, source: std::io::Error) -> IndexError {
        IndexError::Directory { path: self.directory.clone(), source }
    }
}

#[cfg(test)]
mod tests;
