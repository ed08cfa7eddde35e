//! What is there: the files of a selection, with the fingerprint that tells a changed one from a known one.

use std::collections::HashSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::Selection;

/// A file that belongs to a dataset, as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its absolute path.
    pub(crate) path: PathBuf,
    /// Its path inside its folder, with `/` between names.
    pub(crate) shown: String,
    pub(crate) size: i64,
    pub(crate) mtime_ns: i64,
}

/// The answer of a look at the file system.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Files that are there.
    pub(crate) files: Vec<Seen>,
    /// Roots or folders that could not be read: what is below them is neither there nor gone.
    pub(crate) unreadable: Vec<PathBuf>,
}

impl Selection {
    /// Looks at everything. Blocks.
    pub(crate) fn look(&self) -> Look {
        let mut look = Look::default();
        for root in &self.roots {
            self.look_below(root, root, &mut look);
        }
        let mut known = HashSet::new();
        look.files.retain(|file| known.insert(file.path.clone()));
        look
    }

    /// Looks at one path and what is below it, if it belongs to the selection. Blocks.
    pub(crate) fn look_at(&self, path: &Path) -> Look {
        let mut look = Look::default();
        if let Some(root) = self.root_of(path) {
            self.look_below(root, path, &mut look);
        }
        look
    }

    /// The root that holds `path`, unless a part of the way to it is hidden or ignored.
    fn root_of(&self, path: &Path) -> Option<&Path> {
        self.roots.iter().map(PathBuf::as_path).find(|root| {
            path.strip_prefix(root).is_ok_and(|inside| {
                inside.iter().all(|name| !self.is_left_out(&name.to_string_lossy()))
            })
        })
    }

    fn is_left_out(&self, name: &str) -> bool {
        name.starts_with('.') || self.ignored.iter().any(|ignored| ignored == name)
    }

    fn look_below(&self, root: &Path, start: &Path, look: &mut Look) {
        let mut waiting = vec![start.to_owned()];
        while let Some(path) = waiting.pop() {
            // Links are not followed: they could lead out of the folder that the owner chose.
            let Ok(metadata) = std::fs::symlink_metadata(&path) else {
                if path == root {
                    look.unreadable.push(path);
                }
                continue;
            };
            if metadata.is_file() {
                look.files.extend(self.seen(root, path, &metadata));
            } else if metadata.is_dir() {
                match std::fs::read_dir(&path) {
                    Ok(entries) => {
                        let inside = entries.filter_map(Result::ok);
                        let wanted = inside.filter(|entry| {
                            !self.is_left_out(&entry.file_name().to_string_lossy())
                        });
                        waiting.extend(wanted.map(|entry| entry.path()));
                    }
                    Err(error) => {
                        tracing::warn!(path = %path.display(), %error, "folder left out");
                        look.unreadable.push(path);
                    }
                }
            }
        }
    }

    fn seen(&self, root: &Path, path: PathBuf, metadata: &Metadata) -> Option<Seen> {
        let extension = format!(".{}", path.extension()?.to_str()?.to_lowercase());
        if !self.extensions.contains(&extension) {
            return None;
        }
        let inside = path.strip_prefix(root).ok().filter(|inside| !inside.as_os_str().is_empty());
        let shown = match inside {
            Some(inside) => {
                inside.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
            }
            None => path.file_name()?.to_string_lossy().into_owned(),
        };
        Some(Seen {
            size: i64::try_from(metadata.len()).unwrap_or(i64::MAX),
            mtime_ns: mtime_ns(metadata),
            shown,
            path,
        })
    }
}

fn mtime_ns(metadata: &Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(root: &Path) -> Selection {
        Selection {
            roots: vec![root.to_owned()],
            extensions: vec![".md".to_owned()],
            ignored: vec!["_static".to_owned()],
            chunk_size: 100,
        }
    }

    #[test]
    fn hidden_ignored_linked_and_unwanted_files_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for file in ["a.md", "B.MD", "sub/deep/c.md", ".git/d.md", "_static/e.md", "f.rs", ".g.md"]
        {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), "x").unwrap();
        }
        std::os::unix::fs::symlink("/etc", root.join("etc")).unwrap();
        std::os::unix::fs::symlink(root.join("a.md"), root.join("link.md")).unwrap();
        let mut shown: Vec<_> =
            selection(&root).look().files.into_iter().map(|f| f.shown).collect();
        shown.sort();
        assert_eq!(shown, ["B.MD", "a.md", "sub/deep/c.md"]);
        assert!(selection(&root).look_at(&root.join(".git/d.md")).files.is_empty());
        assert!(selection(&root).look_at(Path::new("/etc/hosts")).files.is_empty());
        assert_eq!(selection(&root).look_at(&root.join("sub")).files.len(), 1);
    }

    #[test]
    fn a_root_that_cannot_be_read_is_not_an_empty_one() {
        let look = selection(Path::new("/does/not/exist")).look();
        assert_eq!((look.files.len(), look.unreadable.len()), (0, 1));
    }

    #[test]
    fn a_single_file_is_taken_without_its_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("a.md"), "x").unwrap();
        std::fs::write(root.join("b.md"), "x").unwrap();
        let one = selection(&root.join("a.md"));
        assert_eq!(one.look().files.len(), 1);
        assert_eq!(one.look().files[0].shown, "a.md");
        assert!(one.look_at(&root.join("b.md")).files.is_empty());
    }
}
