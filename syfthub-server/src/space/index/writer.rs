//! Changes to the index: whole files in, whole files out, many per commit.

use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexWriter, TantivyError, Term};

use super::vectors::Rows;
use super::{IndexError, PassageIndex};
use crate::space::passage::Passage;

/// The smallest buffer that the index library accepts; a full one is flushed, so this bounds memory, not the size of the index.
const BUFFER: usize = 15_000_000;

/// The one writer of an index. It holds threads and a buffer: drop it when there is nothing to write.
pub(crate) struct Writer {
    index: PassageIndex,
    inner: IndexWriter,
    /// Where vectors go, when passages are embedded.
    rows: Option<Rows>,
}

impl PassageIndex {
    /// Takes the right to write. Fails while another writer lives. Blocks.
    pub(crate) fn writer(&self) -> Result<Writer, IndexError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(BUFFER)
            .num_merge_threads(1)
            .build();
        let writer =
            self.index.writer_with_options(options).map_err(|source| self.failed(source))?;
        let rows = match self.vectors() {
            Some(vectors) => {
                let used = self.rows(&vectors.described)?;
                let rows = Rows::open(&self.directory, vectors.described, used);
                Some(rows.map_err(|error| self.io(error))?)
            }
            None => None,
        };
        Ok(Writer { index: self.clone(), inner: writer, rows })
    }
}

impl Writer {
    /// Replaces all passages of the file `source` with the next commit. `vectors` are those of `passages`, or none at all
    /// when nothing is embedded. Blocks.
    pub(crate) fn replace(
        &mut self,
        source: &str,
        passages: &[Passage],
        vectors: &[Vec<f32>],
    ) -> Result<(), IndexError> {
        self.remove(source);
        for (n, passage) in passages.iter().enumerate() {
            let row = self.row(vectors.get(n))?;
            let document = self.index.fields.document(source, passage, row);
            self.inner.add_document(document).map_err(|source| self.index.failed(source))?;
        }
        Ok(())
    }

    fn row(&mut self, vector: Option<&Vec<f32>>) -> Result<Option<u64>, IndexError> {
        let (Some(rows), Some(vector)) = (&mut self.rows, vector) else { return Ok(None) };
        let row = rows.write(vector).map_err(|error| self.index.io(error))?;
        Ok(Some(rows.described().name(row)))
    }

    /// Removes all passages of the file `source` with the next commit.
    pub(crate) fn remove(&self, source: &str) {
        self.inner.delete_term(Term::from_field_text(self.index.fields.source, source));
    }

    /// Makes every change so far durable, and visible to the next search, all at once. Vectors come first: a commit only
    /// names rows that are there. Blocks.
    pub(crate) fn commit(&mut self) -> Result<(), IndexError> {
        if let Some(rows) = &self.rows {
            let vectors = rows.sync().map_err(|error| self.index.io(error))?;
            self.index.show_vectors(Some(vectors));
        }
        let committed = self.try_commit();
        committed.map_err(|source| self.index.failed(source))
    }

    fn try_commit(&mut self) -> Result<(), TantivyError> {
        let mut commit = self.inner.prepare_commit()?;
        if let Some(rows) = &self.rows {
            commit.set_payload(&serde_json::to_string(rows.described())?);
        }
        commit.commit()?;
        self.index.reader.reload()
    }

    /// Waits for running merges, so that few segments remain and the files of the others go. Blocks.
    pub(crate) fn finish(self) -> Result<(), IndexError> {
        let Self { index, inner, .. } = self;
        let merged = inner.wait_merging_threads().and_then(|()| index.reader.reload());
        merged.map_err(|source| index.failed(source))
    }
}
