//! What is there: the files of a selection, with the fingerprint that tells a changed one from a known one.

use std::fs::{DirEntry, Metadata};
use std::io;
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

/// What a path turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Something of the selection, or something that cannot be told: what was known of it stays.
    Something,
    /// Nothing of the selection, neither the path nor anything below it.
    Nothing,
    /// A root that is not there. If it was a single file, that is deleted; if it was a folder, it is away for now.
    LostRoot,
}

impl Selection {
    /// Tells `each` of every file of the selection, until it answers `false`. Blocks.
    pub(super) fn look(&self, each: &mut dyn FnMut(Seen) -> bool) {
        for root in &self.roots {
            if !self.look_below(root, root, each).unwrap_or(true) {
                return;
            }
        }
    }

    /// Tells `each` of every file at and below `path`, until it answers `false`. Blocks.
    pub(super) fn look_at(&self, path: &Path, each: &mut dyn FnMut(Seen) -> bool) -> Found {
        let Some(root) = self.root_of(path) else { return Found::Nothing };
        let mut any = false;
        let outcome = self.look_below(root, path, &mut |seen| {
            any = true;
            each(seen)
        });
        match outcome {
            Err(error) if !means_gone(&error) => Found::Something,
            Err(_) if path == root => Found::LostRoot,
            Ok(_) if any => Found::Something,
            Ok(_) | Err(_) => Found::Nothing,
        }
    }

    /// Whether a file that was known is deleted, or no longer part of the selection. One that cannot be looked at, or whose
    /// folder is away as a whole, is not. Blocks.
    pub(super) fn is_gone(&self, path: &Path) -> bool {
        let Some(root) = self.root_of(path).filter(|_| self.is_wanted(path)) else { return true };
        match std::fs::symlink_metadata(path) {
            Ok(metadata) => !metadata.is_file(),
            Err(error) if !means_gone(&error) => false,
            // A missing root that is this very file is deleted as long as its folder is there.
            Err(_) if path == root => root.parent().is_some_and(Path::is_dir),
            Err(_) => std::fs::symlink_metadata(root).is_ok(),
        }
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

    fn is_wanted(&self, path: &Path) -> bool {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| {
            self.extensions.contains(&format!(".{}", extension.to_lowercase()))
        })
    }

    /// `Ok(false)` when `each` wants no more, an error when `start` itself cannot be looked at.
    fn look_below(
        &self,
        root: &Path,
        start: &Path,
        each: &mut dyn FnMut(Seen) -> bool,
    ) -> io::Result<bool> {
        // Links are not followed: they could lead out of the folder that the owner chose.
        let metadata = std::fs::symlink_metadata(start)?;
        if !metadata.is_dir() {
            return Ok(self.seen(root, start, &metadata).is_none_or(each));
        }
        let mut folders = vec![start.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries.filter_map(Result::ok),
                Err(error) => {
                    tracing::warn!(path = %folder.display(), %error, "folder left out");
                    continue;
                }
            };
            for entry in entries {
                if !self.is_left_out(&entry.file_name().to_string_lossy())
                    && !self.look_at_entry(root, &entry, &mut folders, each)
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn look_at_entry(
        &self,
        root: &Path,
        entry: &DirEntry,
        folders: &mut Vec<PathBuf>,
        each: &mut dyn FnMut(Seen) -> bool,
    ) -> bool {
        let Ok(kind) = entry.file_type() else { return true };
        if kind.is_dir() {
            folders.push(entry.path());
            return true;
        }
        let Ok(metadata) = entry.metadata() else { return true };
        self.seen(root, &entry.path(), &metadata).is_none_or(each)
    }

    /// The file, if it belongs to the selection through this root: roots may lie in each other.
    fn seen(&self, root: &Path, path: &Path, metadata: &Metadata) -> Option<Seen> {
        if !metadata.is_file() || !self.is_wanted(path) || self.root_of(path) != Some(root) {
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
            path: path.to_owned(),
        })
    }
}

fn means_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn mtime_ns(metadata: &Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|age| i64::try_from(age.as_nanos()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(roots: &[&Path]) -> Selection {
        Selection {
            roots: roots.iter().map(|root| (*root).to_owned()).collect(),
            extensions: vec![".md".to_owned()],
            ignored: vec!["_static".to_owned()],
            cut: crate::space::chunk::Cut::default(),
        }
    }

    fn shown(selection: &Selection) -> Vec<String> {
        let mut shown = Vec::new();
        selection.look(&mut |seen| {
            shown.push(seen.shown);
            true
        });
        shown.sort();
        shown
    }

    fn found_at(selection: &Selection, path: &Path) -> (Found, usize) {
        let mut files = 0;
        let found = selection.look_at(path, &mut |_| {
            files += 1;
            true
        });
        (found, files)
    }

    fn folder(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for file in files {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), "x").unwrap();
        }
        (folder, root)
    }

    #[test]
    fn hidden_ignored_linked_and_unwanted_files_are_left_out() {
        let (_folder, root) = folder(&[
            "a.md",
            "B.MD",
            "sub/deep/c.md",
            ".git/d.md",
            "_static/e.md",
            "f.rs",
            ".g.md",
        ]);
        std::os::unix::fs::symlink("/etc", root.join("etc")).unwrap();
        std::os::unix::fs::symlink(root.join("a.md"), root.join("link.md")).unwrap();
        let selection = selection(&[&root]);
        assert_eq!(shown(&selection), ["B.MD", "a.md", "sub/deep/c.md"]);
        assert_eq!(found_at(&selection, &root.join(".git/d.md")), (Found::Nothing, 0));
        assert_eq!(found_at(&selection, Path::new("/etc/hosts")), (Found::Nothing, 0));
        assert_eq!(found_at(&selection, &root.join("sub")), (Found::Something, 1));
        assert!(selection.is_gone(&root.join("link.md")) && selection.is_gone(&root.join("f.rs")));
    }

    #[test]
    fn a_file_below_two_roots_belongs_to_the_first() {
        let (_folder, root) = folder(&["sub/a.md"]);
        assert_eq!(shown(&selection(&[&root, &root.join("sub")])), ["sub/a.md"]);
        assert_eq!(shown(&selection(&[&root.join("sub"), &root])), ["a.md"]);
    }

    #[test]
    fn a_folder_that_is_away_is_not_an_empty_one() {
        let single = selection(&[Path::new("/does/not/exist/a.md")]);
        let selection = selection(&[Path::new("/does/not/exist")]);
        assert_eq!(shown(&selection), [""; 0]);
        assert_eq!(found_at(&selection, Path::new("/does/not/exist")), (Found::LostRoot, 0));
        assert!(!selection.is_gone(Path::new("/does/not/exist/a.md")));
        let file = Path::new("/does/not/exist/a.md");
        assert!(!single.is_gone(file), "its folder is away");
    }

    #[test]
    fn a_single_file_is_taken_without_its_neighbours_and_can_be_deleted() {
        let (_folder, root) = folder(&["a.md", "b.md"]);
        let one = selection(&[&root.join("a.md")]);
        assert_eq!(shown(&one), ["a.md"]);
        assert_eq!(found_at(&one, &root.join("b.md")), (Found::Nothing, 0));
        assert!(!one.is_gone(&root.join("a.md")));
        std::fs::remove_file(root.join("a.md")).unwrap();
        assert!(one.is_gone(&root.join("a.md")));
        assert_eq!(found_at(&one, &root.join("a.md")), (Found::LostRoot, 0));
    }

    #[test]
    fn a_look_ends_when_nobody_wants_more() {
        let (_folder, root) = folder(&["a.md", "b.md", "c.md"]);
        let mut seen = 0;
        selection(&[&root]).look(&mut |_| {
            seen += 1;
            false
        });
        assert_eq!(seen, 1);
    }
}
