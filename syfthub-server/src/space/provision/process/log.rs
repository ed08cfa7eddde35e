//! What a store's process prints, in a file of bounded length.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// A longer file is begun anew.
const LONGEST: u64 = 16 << 20;

/// Bytes of the end that a reason quotes.
const TAIL: u64 = 400;

/// The file, and the one of the run before beside it.
pub(super) struct Log(PathBuf);

impl Log {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Begins the file anew; the old one stays beside it.
    pub(super) fn open(&self) -> io::Result<File> {
        match std::fs::rename(&self.0, self.0.with_extension("log.1")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Every write goes to the end, also after the file was cut.
        OpenOptions::new().create(true).append(true).open(&self.0)
    }

    /// Empties a file that became too long, under the hands of the process that writes it.
    pub(super) fn keep_short(&self) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(&self.0)?;
        if file.metadata()?.len() > LONGEST { file.set_len(0) } else { Ok(()) }
    }

    /// The last words, on one line.
    pub(super) fn tail(&self) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&self.0)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            let mut end = Vec::new();
            file.take(TAIL).read_to_end(&mut end)?;
            Ok(end)
        };
        let end = read().unwrap_or_default();
        let words = String::from_utf8_lossy(&end);
        let words: Vec<&str> = words.split_whitespace().collect();
        words.join(" ").chars().filter(|c| !c.is_control()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_log_begins_anew_keeps_the_run_before_and_stays_short() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path().join("server.log"));
        assert_eq!(log.tail(), "");
        write!(log.open().unwrap(), "first\nrun").unwrap();
        assert_eq!(log.tail(), "first run");
        let mut file = log.open().unwrap();
        file.set_len(LONGEST + 1).unwrap();
        log.keep_short().unwrap();
        write!(file, "after").unwrap();
        assert_eq!(std::fs::read(log.path()).unwrap(), b"after");
        assert_eq!(std::fs::read(folder.path().join("server.log.1")).unwrap(), b"first\nrun");
    }
}
