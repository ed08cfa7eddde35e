//! What a document is cut into, and what becomes of it in the store that keeps it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Pages of one passage that are told one by one.
const MOST_PAGES: u32 = 50;

/// A chunk of a document as it is stored, found and quoted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Passage {
    /// Its document's id, `_`, and [`chunk_index`](Self::chunk_index); the same for the same content at the same path.
    pub(crate) id: String,
    /// What the document calls itself, else its file's name without the extension.
    pub(crate) title: String,
    /// The headings above it, outermost first, joined by ` > `.
    pub(crate) headings: String,
    /// The file's path inside its folder.
    pub(crate) path: String,
    /// The text itself.
    pub(crate) text: String,
    /// Its place in the document, from 0.
    pub(crate) chunk_index: u64,
    /// How many chunks the document has, so that a neighbour's id can be told from this one's.
    pub(crate) chunk_count: u64,
    /// The first and the last page it stands on, from 1, where the format has pages.
    pub(crate) pages: Option<(u32, u32)>,
    /// The file's extension in lower case, without its dot.
    pub(crate) file_type: String,
    /// The file's bytes.
    pub(crate) file_size: u64,
    /// What the document says of itself beyond its title, such as its author.
    pub(crate) metadata: Map<String, Value>,
}

impl Passage {
    /// The id of its document, which its own begins with.
    pub(crate) fn document(&self) -> Option<&str> {
        self.id.rsplit_once('_').map(|(document, _)| document)
    }

    /// What is known of it, by the names that results and filters use (contract space 3.3). What the document says of itself
    /// comes first and never stands for what the space knows.
    pub(crate) fn facts(&self) -> Map<String, Value> {
        let mut facts = self.metadata.clone();
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let known = json!({
            "doc_id": self.document(),
            "title": self.title,
            "headings": self.headings,
            "chunk_index": self.chunk_index,
            "file_path": self.path,
            "file_name": name,
            "file_type": self.file_type,
            "file_size": self.file_size,
        });
        facts.extend(known.as_object().cloned().unwrap_or_default());
        if let Some((first, last)) = self.pages {
            let pages = first..=last.min(first.saturating_add(MOST_PAGES));
            facts.insert("page_numbers".to_owned(), pages.collect());
        }
        facts
    }

    /// What of it is embedded: its text, below what it is about.
    pub(crate) fn meaningful(&self) -> String {
        let Self { title, headings, text, .. } = self;
        let about = if headings.starts_with(title.as_str()) || title.is_empty() {
            headings.clone()
        } else if headings.is_empty() {
            title.clone()
        } else {
            format!("{title} > {headings}")
        };
        if about.is_empty() { text.clone() } else { format!("{about}\n{text}") }
    }
}

/// What becomes of one file in a store.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// All chunks of the file are replaced by these.
    Replace {
        /// Names the file in the store; it stays the same as long as the file stays where it is.
        source: String,
        /// Its chunks in reading order.
        passages: Vec<Passage>,
    },
    /// All chunks of the file go.
    Remove {
        /// Names the file in the store.
        source: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage() -> Passage {
        Passage {
            id: "9f2c_4".to_owned(),
            title: "Permits".to_owned(),
            headings: "Night > Roads".to_owned(),
            path: "city/permits.md".to_owned(),
            text: "N-4.".to_owned(),
            chunk_index: 4,
            chunk_count: 9,
            pages: Some((2, 3)),
            file_type: "md".to_owned(),
            file_size: 120,
            metadata: json!({"author": "Ada", "file_name": "forged"}).as_object().cloned().unwrap(),
        }
    }

    #[test]
    fn facts_have_the_names_that_clients_read_and_a_document_cannot_forge_them() {
        let expected = json!({
            "author": "Ada", "file_name": "permits.md", "doc_id": "9f2c", "title": "Permits", "headings": "Night > Roads",
            "chunk_index": 4, "file_path": "city/permits.md", "file_type": "md", "file_size": 120, "page_numbers": [2, 3],
        });
        assert_eq!(Value::Object(passage().facts()), expected);
    }

    #[test]
    fn a_passage_is_embedded_with_what_it_is_about() {
        assert_eq!(passage().meaningful(), "Permits > Night > Roads\nN-4.");
        let repeated = Passage { headings: "Permits > Night".to_owned(), ..passage() };
        assert_eq!(repeated.meaningful(), "Permits > Night\nN-4.");
        let bare = Passage { title: String::new(), headings: String::new(), ..passage() };
        assert_eq!(bare.meaningful(), "N-4.");
    }
}
