//! What a document is cut into, and what becomes of it in the store that keeps it.

use serde_json::{Map, Value};

/// A chunk of a document as it is stored, found and quoted.
#[derive(Debug, Clone, PartialEq)]
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
