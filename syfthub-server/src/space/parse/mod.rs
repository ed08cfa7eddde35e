//! From the bytes of a file to titled sections of text.
//!
//! Each format is a file of its own and one line in [`Format`]. Files are read by child processes of this program ([`pool`]
//! starts them, [`serve`] is what runs in them), because a parser of other people's files may take all memory, never end or
//! die: then its process does, and the file fails alone.

mod csv;
mod decode;
mod docx;
mod epub;
mod error;
mod format;
mod frame;
mod html;
mod json;
mod limit;
mod markdown;
mod outline;
mod package;
mod pdf;
mod plain;
mod pool;
mod process;
mod read;
mod serve;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;
mod xml;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use error::ParseError;
pub(crate) use format::{EXTENSIONS, Format};
use outline::Outline;
#[cfg(test)]
pub(crate) use pdf::tests::sample as pdf_sample;
pub(crate) use pool::{Bounds, Parsers};
pub(crate) use read::{Content, Document, Task};
pub use serve::{is_parse_worker, parse_worker_main};

/// A file's text, cut along its own structure.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Parsed {
    /// What the document calls itself.
    pub(crate) title: Option<String>,
    /// Its parts in reading order; none is empty.
    pub(crate) sections: Vec<Section>,
    /// What it says of itself beyond its title, such as its author; texts by lower-case names.
    pub(crate) metadata: Map<String, Value>,
}

/// A stretch of text under one trail of headings, on one page where there are pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// The headings above the text, outermost first.
    pub(crate) headings: Vec<String>,
    /// The text, its own heading first; blocks are separated by a blank line.
    pub(crate) text: String,
    /// The first and the last page it stands on, from 1.
    pub(crate) pages: Option<(u32, u32)>,
}

/// How much a packed file may unpack to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unpacking {
    /// Bytes of all its parts together.
    pub(crate) bytes: u64,
    /// Times the packed size of a part, when the part is large.
    pub(crate) ratio: u64,
    /// Parts.
    pub(crate) parts: usize,
}

#[cfg(test)]
impl Default for Unpacking {
    fn default() -> Self {
        Self { bytes: 1 << 20, ratio: 200, parts: 100 }
    }
}
