//! One file on its way into the index: read, hashed, parsed, cut. Runs on a parser's thread.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::space::chunk::{self, Chunk};
use crate::space::index::Passage;
use crate::space::parse::{Format, ParseError};

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
#[derive(Debug, PartialEq, Eq)]
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
    drop(bytes);
    let title = parsed.title.clone().unwrap_or_else(|| file_stem(&task.shown));
    let document = &hash[..2 * ID_BYTES];
    let passage = |(n, Chunk { headings, text }): (usize, Chunk)| Passage {
        id: format!("{document}_{n}"),
        title: title.clone(),
        headings: headings.join(" > "),
        path: task.shown.clone(),
        text,
        chunk_index: n as u64,
    };
    let chunks = chunk::split(parsed, task.chunk_size);
    let passages = chunks.into_iter().enumerate().map(passage).collect();
    Ok(Prepared::Passages { hash, passages })
}

/// At most `limit` bytes, even of a file that grows while it is read.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ParseError> {
    let unreadable = |error: std::io::Error| ParseError::Unreadable(error.to_string());
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit { Err(ParseError::TooLarge(limit)) } else { Ok(bytes) }
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
        assert!(matches!(
            prepare(&task(folder.path().join("a.md"))),
            Err(ParseError::Unreadable(_))
        ));
        std::fs::write(folder.path().join("b.md"), "x".repeat(1001)).unwrap();
        assert_eq!(prepare(&task(folder.path().join("b.md"))), Err(ParseError::TooLarge(1000)));
        assert_eq!(prepare(&task(folder.path().join("c.docx"))), Err(ParseError::UnknownFormat));
    }
}
