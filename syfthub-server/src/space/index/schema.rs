//! What the index stores of a passage, and how its words are cut.

use std::collections::BTreeMap;

use serde_json::Value;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, OwnedValue, STORED, STRING, Schema, TextFieldIndexing,
    TextOptions,
};
use tantivy::store::Compressor;
use tantivy::{IndexSettings, TantivyDocument};

use super::IndexError;
use crate::space::passage::Passage;

/// The name under which the shared analysis is registered with the index.
pub(super) const ANALYZER: &str = "words";

/// The property-wise copy of what is known of a passage, for filters.
pub(super) const FACTS: &str = "facts";

/// Where the passage's vector is, when it has one.
pub(super) const ROW: &str = "row";

/// Handles of the index's fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// The file.
    pub(super) source: Field,
    /// The passage's id, whole.
    pub(super) id: Field,
    /// Everything that is searched, in one field: one list of passages for each word, which the library prunes while it
    /// ranks.
    pub(super) words: Field,
    pub(super) facts: Field,
    pub(super) row: Field,
    /// The passage itself, as JSON.
    pub(super) passage: Field,
}

/// The schema, always built in the same order, so that the handles of one build fit every index.
pub(super) fn build() -> (Schema, Fields) {
    let words = TextFieldIndexing::default()
        .set_tokenizer(ANALYZER)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let mut schema = Schema::builder();
    let fields = Fields {
        source: schema.add_text_field("source", STRING),
        id: schema.add_text_field("id", STRING),
        words: schema.add_text_field("words", TextOptions::default().set_indexing_options(words)),
        facts: schema.add_json_field(FACTS, FAST),
        row: schema.add_u64_field(ROW, FAST),
        passage: schema.add_bytes_field("passage", STORED),
    };
    (schema.build(), fields)
}

/// Text is stored compressed.
pub(super) fn settings() -> IndexSettings {
    IndexSettings { docstore_compression: Compressor::Lz4, ..IndexSettings::default() }
}

impl Fields {
    /// A passage of the file `source` as the index keeps it; `row` is where its vector is.
    pub(super) fn document(
        &self,
        source: &str,
        passage: &Passage,
        row: Option<u64>,
    ) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_text(self.source, source);
        document.add_text(self.id, &passage.id);
        // A word in the title says more than one in the text: it counts twice.
        for text in
            [&passage.title, &passage.title, &passage.headings, &passage.path, &passage.text]
        {
            document.add_text(self.words, text);
        }
        let facts: BTreeMap<String, OwnedValue> = passage
            .facts()
            .into_iter()
            .filter_map(|(name, value)| Some((name, fact(value)?)))
            .collect();
        document.add_object(self.facts, facts);
        if let Some(row) = row {
            document.add_u64(self.row, row);
        }
        let passage = serde_json::to_vec(passage).expect("a passage is plain data");
        document.add_bytes(self.passage, &passage);
        document
    }

    /// The passage in a stored document.
    pub(super) fn passage(&self, document: &TantivyDocument) -> Result<Passage, IndexError> {
        use tantivy::schema::Value as _;
        let stored = document.get_first(self.passage).and_then(|value| value.as_bytes());
        stored.and_then(|json| serde_json::from_slice(json).ok()).ok_or(IndexError::Unreadable)
    }
}

/// Texts stay texts, even those that look like dates: a filter compares what results show.
fn fact(value: Value) -> Option<OwnedValue> {
    Some(match value {
        Value::String(text) => OwnedValue::Str(text),
        Value::Bool(flag) => OwnedValue::Bool(flag),
        Value::Number(number) => OwnedValue::F64(number.as_f64()?),
        Value::Array(values) => OwnedValue::Array(values.into_iter().filter_map(fact).collect()),
        Value::Null | Value::Object(_) => return None,
    })
}
