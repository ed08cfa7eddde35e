//! One file on its way into the index: read, hashed, parsed, cut. Runs on a parser's thread.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::space::chunk::{self, Chunk};
use crate::space::parse::{Format, ParseError};
use crate::space::passage::Passage;

/// Bytes of a document's hash that go into its chunks' ids.
const ID_BYTES: usize = 8;

/// What is to be done with a file.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) path: PathBuf,
    /// Its path inside its folder.
    pub(super) shown: String,
    /// The hash of what the index holds of it.
    pub(super) indexed: Option<String>,
    pub(super) chunk_size: usize,
    pub(super) file_bytes: u64,
}

/// What became of the file.
#[derive(Debug, PartialEq)]
pub(super) enum Prepared {
    /// The index holds this very content.
    Unchanged,
    /// New content.
    Passages { hash: String, passages: Vec<Passage> },
}

/// Reads and cuts the file. Blocks, and may panic or never end on hostile input.
pub(super) fn prepare(task: &Task) -> Result<Prepared, ParseError> {
    let format = Format::of(&task.path).ok_or(ParseError::UnknownFormat)?;
    let bytes = read(&task.path, task.file_bytes)?;
    // The path counts too: a moved file has new ids, and its chunks a new path.
    let hash =
        Sha256::new().chain_update(&task.shown).chain_update([0]).chain_update(&bytes).finalize();
    let hash = hex(&hash);
    if task.indexed.as_ref() == Some(&hash) {
        return Ok(Prepared::Unchanged);
    }
    let parsed = format.parse(&bytes)?;
    let file_size = bytes.len() as u64;
    drop(bytes);
    let title = parsed.title.clone().unwrap_or_else(|| file_stem(&task.shown));
    let document = &hash[..2 * ID_BYTES];
    let chunks = chunk::split(parsed, task.chunk_size);
    let chunk_count = chunks.len() as u64;
    let file_type = extension(&task.shown);
    let passage = |(n, Chunk { headings, text, pages }): (usize, Chunk)| Passage {
        id: format!("{document}_{n}"),
        title: title.clone(),
        headings: headings.join(" > "),
        path: task.shown.clone(),
        text,
        chunk_index: n as u64,
        chunk_count,
        pages,
        file_type: file_type.clone(),
        file_size,
        metadata: Map::new(),
    };
    let passages = chunks.into_iter().enumerate().map(passage).collect();
    Ok(Prepared::Passages { hash, passages })
}

/// At most `limit` bytes, even of a file that grows while it is read.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ParseError> {
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
        _ => ParseError::Busy(error.to_string()),
    }
}

fn file_stem(shown: &str) -> String {
    Path::new(shown).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn extension(shown: &str) -> String {
    let extension = Path::new(shown).extension();
    extension.map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default()
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
        Task { path, shown, indexed: None, chunk_size: 200, file_bytes: 1000 }
    }

    #[test]
    fn the_same_content_at_the_same_path_has_the_same_ids() {
        let folder = tempfile::tempdir().unwrap();
        let task = task(folder.path().join("a.md"));
        std::fs::write(&task.path, "# A\ntext").unwrap();
        let first = prepare(&task).unwrap();
        assert_eq!(first, prepare(&task).unwrap());
        let Prepared::Passages { hash, passages } = first else {
            panic!("nothing was indexed yet")
        };
        assert_eq!(passages[0].id, format!("{}_0", &hash[..16]));
        assert_eq!((passages[0].title.as_str(), passages[0].headings.as_str()), ("A", "A"));
        let again = Task { indexed: Some(hash.clone()), ..task.clone() };
        assert_eq!(prepare(&again), Ok(Prepared::Unchanged));
        let moved = Task { shown: "sub/a.md".to_owned(), indexed: Some(hash), ..task };
        assert!(matches!(prepare(&moved), Ok(Prepared::Passages { .. })));
    }

    #[test]
    fn a_file_that_is_missing_too_large_or_of_no_known_kind_says_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(prepare(&task(folder.path().join("a.md"))), Err(ParseError::Busy(_))));
        std::fs::write(folder.path().join("b.md"), "x".repeat(1001)).unwrap();
        assert_eq!(prepare(&task(folder.path().join("b.md"))), Err(ParseError::TooLarge(1000)));
        assert_eq!(prepare(&task(folder.path().join("c.docx"))), Err(ParseError::UnknownFormat));
    }
}
