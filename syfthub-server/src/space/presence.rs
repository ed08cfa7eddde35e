//! How a space that runs is found by the programs beside it: a small file in its state directory, which says where the
//! admin API listens, and a lock that is held for as long as that is true.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use syfthub_core::Timestamp;
use url::Url;

const FILE: &str = "running.json";
const LOCK: &str = "running.lock";

/// Whoever looks holds the lock for less than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// A space that runs on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningSpace {
    /// Where its admin API listens.
    pub admin_url: Url,
    /// Where it answers questions.
    pub url: Url,
    /// Its process.
    pub pid: u32,
    /// When it began to answer.
    pub started_at: Timestamp,
    /// Its version.
    pub version: String,
}

impl RunningSpace {
    /// The space that runs on this state directory, if one does. Blocks.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn find(state_dir: &Path) -> io::Result<Option<Self>> {
        let lock = match File::open(state_dir.join(LOCK)) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match lock.try_lock_shared() {
            // Nobody holds it: what the file says, if there is one, is of a space that was killed.
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => match fs::read(state_dir.join(FILE)) {
                Ok(text) => Ok(serde_json::from_slice(&text).ok()),
                // It is just starting, or ending.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Holds the lock, and takes the file away in the end.
#[derive(Debug)]
pub(super) struct Presence {
    file: PathBuf,
    _lock: File,
}

impl Presence {
    /// Announces `space`. Blocks.
    ///
    /// # Errors
    /// [`io::ErrorKind::ResourceBusy`] when another space runs on the directory; or when it cannot be written.
    pub(super) fn announce(state_dir: &Path, space: &RunningSpace) -> io::Result<Self> {
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(state_dir.join(LOCK))?;
        let begun = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    let reason = "another space runs on this directory";
                    return Err(io::Error::new(io::ErrorKind::ResourceBusy, reason));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        let (file, draft) = (state_dir.join(FILE), state_dir.join("running.json.new"));
        let mut written =
            private(OpenOptions::new().create(true).truncate(true).write(true)).open(&draft)?;
        written.write_all(&serde_json::to_vec(space)?)?;
        fs::rename(&draft, &file)?;
        Ok(Self { file, _lock: lock })
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        // The lock tells the same when the file stays.
        fs::remove_file(&self.file).ok();
    }
}

/// Makes the file readable by its owner alone when it is created.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> RunningSpace {
        RunningSpace {
            admin_url: "http://127.0.0.1:4001".parse().unwrap(),
            url: "http://127.0.0.1:4002".parse().unwrap(),
            pid: 7,
            started_at: Timestamp::from_secs(1),
            version: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn a_space_is_found_while_it_runs_and_not_after() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(RunningSpace::find(folder.path()).unwrap(), None);
        let presence = Presence::announce(folder.path(), &space()).unwrap();
        assert_eq!(RunningSpace::find(folder.path()).unwrap(), Some(space()));
        drop(presence);
        assert_eq!(RunningSpace::find(folder.path()).unwrap(), None);
        assert!(!folder.path().join(FILE).exists());
    }

    #[test]
    fn what_a_killed_space_left_behind_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        drop(Presence::announce(folder.path(), &space()).unwrap());
        fs::write(folder.path().join(FILE), serde_json::to_vec(&space()).unwrap()).unwrap();
        assert_eq!(RunningSpace::find(folder.path()).unwrap(), None);
        assert!(Presence::announce(folder.path(), &space()).is_ok());
    }

    #[test]
    fn two_spaces_cannot_run_on_one_directory() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Presence::announce(folder.path(), &space()).unwrap();
        let refusal = Presence::announce(folder.path(), &space()).unwrap_err();
        assert_eq!(refusal.kind(), io::ErrorKind::ResourceBusy);
    }
}
