//! The index library by itself, in this process, as its manual shows it: one text field, stemmed and stored.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{
    Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::{Index, IndexReader, TantivyDocument, doc};

/// An index over passages, and how it is asked.
pub(super) struct Bare {
    reader: IndexReader,
    parser: QueryParser,
    id: Field,
}

impl Bare {
    /// Indexes the passages with their ids, in `folder`.
    pub(super) fn build(
        folder: &Path,
        passages: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let words = TextFieldIndexing::default()
            .set_tokenizer("en_stem")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let mut schema = Schema::builder();
        let id = schema.add_text_field("id", STORED);
        let text = schema.add_text_field(
            "text",
            TextOptions::default().set_indexing_options(words).set_stored(),
        );
        std::fs::create_dir_all(folder)?;
        let index = Index::create_in_dir(folder, schema.build())?;
        let mut writer = index.writer_with_num_threads(1, 50_000_000)?;
        for (name, passage) in passages {
            writer.add_document(doc!(id => name, text => passage))?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(Self { reader: index.reader()?, parser: QueryParser::for_index(&index, vec![text]), id })
    }

    /// The ids of the best passages, their texts read as an answer would.
    pub(super) fn ask(&self, question: &str, limit: usize) -> anyhow::Result<Vec<String>> {
        let searcher = self.reader.searcher();
        let (query, _) = self.parser.parse_query_lenient(question);
        let found = searcher.search(&query, &TopDocs::with_limit(limit).order_by_score())?;
        let read = found.into_iter().map(|(_, address)| {
            let document: TantivyDocument = searcher.doc(address)?;
            let id = document.get_first(self.id).and_then(|id| id.as_str()).context("no id")?;
            Ok(id.to_owned())
        });
        read.collect()
    }

    /// How long each question takes, ascending.
    pub(super) fn times(
        &self,
        questions: &[String],
        limit: usize,
    ) -> anyhow::Result<Vec<Duration>> {
        let mut times = Vec::with_capacity(questions.len());
        for question in questions {
            let start = Instant::now();
            let found = self.ask(question, limit)?;
            times.push(start.elapsed());
            anyhow::ensure!(!found.is_empty(), "the library finds nothing for {question}");
        }
        times.sort_unstable();
        Ok(times)
    }
}
