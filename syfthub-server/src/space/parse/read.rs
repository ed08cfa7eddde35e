//! One file: read, hashed, parsed, cut. Runs in a parse worker.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Format, ParseError, Parsed, Unpacking};
use crate::space::chunk::{self, Chunk, Cut};

/// Raised when the same file would now be read or cut in another way, so that files are indexed anew.
const READING: u8 = 1;

/// Which file to read, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) path: PathBuf,
    /// Its path inside its folder.
    pub(crate) shown: String,
    /// The hash of what the index holds of it.
    pub(crate) indexed: Option<String>,
    pub(crate) cut: Cut,
    /// A larger file fails.
    pub(crate) file_bytes: u64,
    /// A file with more text fails.
    pub(crate) text_bytes: u64,
    pub(crate) unpacking: Unpacking,
}

/// What is in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// What the index holds already.
    Unchanged,
    /// Something new.
    New(Document),
}

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Document {
    /// Names its content at its path.
    pub(crate) hash: String,
    pub(crate) title: String,
    /// Bytes.
    pub(crate) file_size: u64,
    /// What it says of itself beyond its title.
    pub(crate) metadata: Map<String, Value>,
    /// Its chunks in reading order.
    pub(crate) chunks: Vec<Chunk>,
}

/// Reads and cuts the file. Blocks, and may panic, take all memory or never end on hostile input.
pub(super) fn read(task: &Task) -> Result<Content, ParseError> {
    let format = Format::of(&task.path).ok_or(ParseError::UnknownFormat)?;
    let bytes = bytes(&task.path, task.file_bytes)?;
    let hash = hash(task, &bytes);
    if task.indexed.as_ref() == Some(&hash) {
        return Ok(Content::Unchanged);
    }
    let file_size = bytes.len() as u64;
    let parsed = format.parse(&bytes, task.unpacking)?;
    drop(bytes);
    let Parsed { title, sections, metadata } = parsed;
    let text: usize = sections.iter().map(|section| section.text.len()).sum();
    if text as u64 > task.text_bytes {
        return Err(ParseError::TooMuchText(task.text_bytes));
    }
    let title = title.unwrap_or_else(|| file_stem(&task.shown));
    let chunks = chunk::split(sections, task.cut);
    Ok(Content::New(Document { hash, title, file_size, metadata, chunks }))
}

/// The path counts too: a moved file has new ids, and its chunks a new path. So does how it is cut.
fn hash(task: &Task, bytes: &[u8]) -> String {
    let Cut { tokens, overlap } = task.cut;
    let way = format!("{READING} {tokens} {overlap}");
    let hash = Sha256::new().chain_update(way).chain_update([0]).chain_update(&task.shown);
    hex(&hash.chain_update([0]).chain_update(bytes).finalize())
}

/// At most `limit` bytes, even of a file that grows while it is read.
fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ParseError> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let state = || {
        let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
        Ok((metadata.len(), metadata.modified().ok()))
    };
    let before = state()?;
    let mut bytes = Vec::new();
    let mut limited = (&file).take(limit.saturating_add(1));
    limited.read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > limit {
        Err(ParseError::TooLarge(limit))
    } else if state()? != before || bytes.len() as u64 != before.0 {
        Err(ParseError::Changed)
    } else {
        Ok(bytes)
    }
}

/// A file that is not there may be on its way from one folder to the other, or its disk is away: both pass, or are noticed.
fn unreadable(path: &Path, error: &io::Error) -> ParseError {
    match error.kind() {
        io::ErrorKind::NotFound if path.to_string_lossy().contains('\u{fffd}') => {
            ParseError::Unreadable("its name is not UTF-8".to_owned())
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput => {
            ParseError::Unreadable(error.to_string())
        }
        io::ErrorKind::OutOfMemory => {
            ParseError::Unreadable("it does not fit in memory".to_owned())
        }
        _ => ParseError::Busy(error.to_string()),
    }
}

fn file_stem(shown: &str) -> String {
    Path::new(shown).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes everything");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(path: PathBuf) -> Task {
        let shown = path.file_name().unwrap().to_str().unwrap().to_owned();
        let cut = Cut::default();
        let (file_bytes, text_bytes) = (1000, 500);
        Task {
            path,
            shown,
            indexed: None,
            cut,
            file_bytes,
            text_bytes,
            unpacking: Unpacking::default(),
        }
    }

    #[test]
    fn the_hash_tells_the_content_its_path_and_how_it_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let task = task(folder.path().join("a.md"));
        std::fs::write(&task.path, "# A\ntext").unwrap();
        let first = read(&task).unwrap();
        assert_eq!(first, read(&task).unwrap());
        let Content::New(document) = first else { panic!("nothing was indexed yet") };
        assert_eq!((document.title.as_str(), document.file_size), ("A", 8));
        let again = Task { indexed: Some(document.hash), ..task };
        assert_eq!(read(&again), Ok(Content::Unchanged));
        let moved = Task { shown: "sub/a.md".to_owned(), ..again.clone() };
        assert!(matches!(read(&moved), Ok(Content::New(_))));
        let shorter = Task { cut: Cut { tokens: 50, overlap: 0 }, ..again };
        assert!(matches!(read(&shorter), Ok(Content::New(_))));
    }

    #[test]
    fn a_file_that_is_missing_too_large_or_of_no_known_kind_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| task(folder.path().join(name));
        assert!(matches!(read(&at("a.md")), Err(ParseError::Busy(_))));
        std::fs::write(folder.path().join("b.md"), "x".repeat(1001)).unwrap();
        assert_eq!(read(&at("b.md")), Err(ParseError::TooLarge(1000)));
        std::fs::write(folder.path().join("c.md"), "x".repeat(501)).unwrap();
        assert_eq!(read(&at("c.md")), Err(ParseError::TooMuchText(500)));
        assert_eq!(read(&at("d.exe")), Err(ParseError::UnknownFormat));
        let lossy = read(&at("odd\u{fffd}.md")).unwrap_err().to_string();
        assert_eq!(lossy, "the file cannot be read: its name is not UTF-8");
    }
}
