//! What the index stores of a chunk, and how each field is cut into words.

use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
    Value,
};
use tantivy::store::Compressor;
use tantivy::{IndexSettings, TantivyDocument};

use super::Hit;

/// The name under which the shared analysis is registered with the index.
pub(super) const ANALYZER: &str = "words";

/// Handles of the index's fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) source: Field,
    pub(super) id: Field,
    pub(super) title: Field,
    pub(super) headings: Field,
    pub(super) path: Field,
    pub(super) body: Field,
    pub(super) chunk_index: Field,
}

/// The schema, always built in the same order, so that the handles of one build fit every index.
pub(super) fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let fields = Fields {
        source: schema.add_text_field("source", STRING),
        id: schema.add_text_field("id", STORED),
        title: schema.add_text_field("title", words(IndexRecordOption::WithFreqs)),
        headings: schema.add_text_field("headings", words(IndexRecordOption::WithFreqs)),
        path: schema.add_text_field("path", words(IndexRecordOption::WithFreqs)),
        body: schema.add_text_field("body", words(IndexRecordOption::WithFreqsAndPositions)),
        chunk_index: schema.add_u64_field("chunk_index", STORED | INDEXED),
    };
    (schema.build(), fields)
}

fn words(record: IndexRecordOption) -> TextOptions {
    let indexing = TextFieldIndexing::default().set_tokenizer(ANALYZER).set_index_option(record);
    TextOptions::default().set_indexing_options(indexing).set_stored()
}

/// Text is stored compressed.
pub(super) fn settings() -> IndexSettings {
    IndexSettings { docstore_compression: Compressor::Lz4, ..IndexSettings::default() }
}

impl Fields {
    /// A stored chunk as a hit of the given score.
    pub(super) fn hit(&self, document: &TantivyDocument, score: f32) -> Hit {
        let text = |field| {
            document
                .get_first(field)
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        Hit {
            id: text(self.id),
            score,
            text: text(self.body),
            title: text(self.title),
            headings: text(self.headings),
            path: text(self.path),
            chunk_index: document
                .get_first(self.chunk_index)
                .and_then(|value| value.as_u64())
                .unwrap_or_default(),
        }
    }
}
