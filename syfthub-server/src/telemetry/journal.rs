//! A log file that never outgrows its bounds: when it is full it becomes the old one, and the old one before it goes.
//!
//! Lines are written by a thread of their own, so that whoever logs never waits for a disk. When more comes than the disk
//! takes, lines are left out, and the file says how many.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes of a full file; there is one old file beside it.
const MAX_BYTES: u64 = 8 << 20;

/// Lines that wait for the disk.
const WAITING: usize = 4096;

enum Order {
    Write(Vec<u8>),
    Stop,
}

/// The log file's end: dropping it writes what still waits.
#[derive(Debug)]
pub struct Journal {
    orders: SyncSender<Order>,
    thread: Option<JoinHandle<()>>,
}

/// Takes the lines; clones write to the same file.
#[derive(Debug, Clone)]
pub(super) struct JournalWriter {
    orders: SyncSender<Order>,
    lost: Arc<AtomicU64>,
}

impl Journal {
    /// Opens or makes the file at `path`, readable by its owner alone. Blocks.
    pub(super) fn open(path: &Path) -> io::Result<(Self, JournalWriter)> {
        let file = JournalFile::open(path, MAX_BYTES)?;
        let (orders, waiting) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lost);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(file, &waiting, &counter))?;
        let writer = JournalWriter { orders: orders.clone(), lost };
        Ok((Self { orders, thread: Some(thread) }, writer))
    }

    /// The old file beside the one at `path`.
    pub fn old(path: &Path) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(".1");
        name.into()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.orders.send(Order::Stop).is_ok()
            && let Some(thread) = self.thread.take()
        {
            // A panic of the thread has been reported already.
            thread.join().ok();
        }
    }
}

impl Write for JournalWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.orders.try_send(Order::Write(line.to_owned())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(mut file: JournalFile, waiting: &Receiver<Order>, lost: &AtomicU64) {
    while let Ok(Order::Write(line)) = waiting.recv() {
        let gap = lost.swap(0, Ordering::Relaxed);
        if gap > 0 {
            let note =
                format!("{{\"level\":\"WARN\",\"message\":\"{gap} lines were left out\"}}\n");
            file.append(note.as_bytes());
        }
        file.append(&line);
    }
}

struct JournalFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    max_bytes: u64,
}

impl JournalFile {
    fn open(path: &Path, max_bytes: u64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, bytes, max_bytes })
    }

    /// Appends a line. A disk that takes none is no reason to stop what is logged.
    fn append(&mut self, line: &[u8]) {
        if self.bytes > 0 && self.bytes + line.len() as u64 > self.max_bytes {
            self.turn_over().ok();
        }
        if self.file.write_all(line).is_ok() {
            self.bytes += line.len() as u64;
        }
    }

    fn turn_over(&mut self) -> io::Result<()> {
        fs::rename(&self.path, Journal::old(&self.path))?;
        *self = Self::open(&self.path, self.max_bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_becomes_the_old_one_and_no_line_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("space.log");
        let mut file = JournalFile::open(&path, 30).unwrap();
        for n in 0..7 {
            file.append(format!("line {n} ....\n").as_bytes());
        }
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "line 6 ....\n");
        let old = fs::read_to_string(Journal::old(&path)).unwrap();
        assert_eq!(old, "line 4 ....\nline 5 ....\n");
    }

    #[test]
    fn what_was_logged_is_in_the_file_when_the_journal_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("space.log");
        let (journal, mut writer) = Journal::open(&path).unwrap();
        for n in 0..100 {
            writeln!(writer, "{n}").unwrap();
        }
        drop(journal);
        // `writeln!` hands the number and the line break on one by one; the log hands on whole lines.
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 100);
        assert_eq!(writer.lost.load(Ordering::Relaxed), 0);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("space.log");
        drop(Journal::open(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
