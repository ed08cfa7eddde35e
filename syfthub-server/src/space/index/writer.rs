//! Changes to the index: whole files in, whole files out, many per commit.

use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexWriter, TantivyDocument, TantivyError, Term};

use super::{IndexError, PassageIndex};
use crate::space::passage::Change;

/// The smallest buffer that the index library accepts; a full one is flushed, so this bounds memory, not the size of the index.
const BUFFER: usize = 15_000_000;

/// The one writer of an index. It holds threads and a buffer: drop it when there is nothing to write.
pub(crate) struct Writer {
    index: PassageIndex,
    writer: IndexWriter,
}

impl PassageIndex {
    /// Takes the right to write. Fails while another writer lives.
    pub(crate) fn writer(&self) -> Result<Writer, IndexError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(BUFFER)
            .num_merge_threads(1)
            .build();
        let writer =
            self.index.writer_with_options(options).map_err(|source| self.failed(source))?;
        Ok(Writer { index: self.clone(), writer })
    }
}

impl Writer {
    /// Adds a change to the next commit. Blocks.
    pub(crate) fn apply(&self, change: Change) -> Result<(), IndexError> {
        self.try_apply(change).map_err(|source| self.index.failed(source))
    }

    fn try_apply(&self, change: Change) -> Result<(), TantivyError> {
        let fields = self.index.fields;
        let (source, passages) = match change {
            Change::Replace { source, passages } => (source, passages),
            Change::Remove { source } => (source, Vec::new()),
        };
        self.writer.delete_term(Term::from_field_text(fields.source, &source));
        for passage in passages {
            let mut document = TantivyDocument::default();
            document.add_text(fields.source, &source);
            document.add_text(fields.id, passage.id);
            document.add_text(fields.title, passage.title);
            document.add_text(fields.headings, passage.headings);
            document.add_text(fields.path, passage.path);
            document.add_text(fields.body, passage.text);
            document.add_u64(fields.chunk_index, passage.chunk_index);
            self.writer.add_document(document)?;
        }
        Ok(())
    }

    /// Makes every change so far durable, and visible to the next search, all at once. Blocks.
    pub(crate) fn commit(&mut self) -> Result<(), IndexError> {
        let committed = self.writer.commit().and_then(|_| self.index.reader.reload());
        committed.map_err(|source| self.index.failed(source))
    }

    /// Waits for running merges, so that few segments remain and the files of the others go. Blocks.
    pub(crate) fn finish(self) -> Result<(), IndexError> {
        let Self { index, writer } = self;
        let merged = writer.wait_merging_threads().and_then(|()| index.reader.reload());
        merged.map_err(|source| index.failed(source))
    }
}
