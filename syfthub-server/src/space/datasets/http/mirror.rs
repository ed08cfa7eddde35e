//! Copies of pages as files, and what is known of each: where it came from, and what to ask its server with.
//!
//! A file is written before the list names it, and taken off the list after it is removed; so after a crash the list names
//! no copy that is not whole, and files that it does not name are removed.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

const LIST: &str = "pages.json";
const PAGES: &str = "pages";

/// Folders of an address that its copy's path repeats, and characters of each.
const DEEPEST: usize = 6;
const LONGEST: usize = 60;

/// What is known of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Its path below the folder of all copies.
    pub(super) file: String,
    /// Its size.
    pub(super) bytes: u64,
    /// Of its content, in hexadecimal SHA-256.
    hash: String,
    /// The server's `ETag`.
    pub(super) etag: Option<String>,
    /// The server's `Last-Modified`.
    pub(super) last_modified: Option<String>,
}

impl Kept {
    /// Whether it is a page with links.
    pub(super) fn is_html(&self) -> bool {
        Path::new(&self.file).extension().is_some_and(|extension| extension == "html")
    }
}

/// A page as it was fetched.
pub(super) struct Page {
    /// The extension of its kind, with the dot.
    pub(super) extension: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

/// The copies of one dataset.
pub(super) struct Mirror {
    folder: PathBuf,
    copies: Mutex<BTreeMap<String, Kept>>,
    /// The address of each file.
    addresses: Mutex<HashMap<String, String>>,
}

impl Mirror {
    /// Opens the copies in `folder`, which is made when there is none. Blocks.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder.join(PAGES))?;
        let folder = folder.canonicalize()?;
        let list = std::fs::read(folder.join(LIST)).unwrap_or_default();
        let mut copies: BTreeMap<String, Kept> = serde_json::from_slice(&list).unwrap_or_default();
        copies.retain(|_, copy| folder.join(PAGES).join(&copy.file).is_file());
        let addresses: HashMap<String, String> =
            copies.iter().map(|(url, copy)| (copy.file.clone(), url.clone())).collect();
        sweep(&folder.join(PAGES), &folder.join(PAGES), &addresses)?;
        Ok(Self { folder, copies: Mutex::new(copies), addresses: Mutex::new(addresses) })
    }

    /// The folder of all copies.
    pub(super) fn pages(&self) -> PathBuf {
        self.folder.join(PAGES)
    }

    /// What is known of a page's copy.
    pub(super) fn copy(&self, url: &Url) -> Option<Kept> {
        self.copies().get(url.as_str()).cloned()
    }

    /// The address of the page whose copy has this path.
    pub(super) fn url_of(&self, file: &str) -> Option<String> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).get(file).cloned()
    }

    /// What a copy holds. Blocks.
    pub(super) fn read(&self, copy: &Kept) -> io::Result<Vec<u8>> {
        std::fs::read(self.pages().join(&copy.file))
    }

    /// Bytes of all copies.
    pub(super) fn bytes(&self) -> u64 {
        self.copies().values().map(|copy| copy.bytes).sum()
    }

    /// Keeps a page; a copy with the same content stays untouched. Blocks.
    pub(super) fn keep(&self, url: &Url, page: &Page) -> io::Result<()> {
        let hash = hex(&Sha256::digest(&page.body));
        let file = path_of(url, page.extension);
        let before = self.copy(url);
        if before.as_ref().is_none_or(|copy| copy.hash != hash || copy.file != file) {
            self.write(&file, &page.body)?;
        }
        if let Some(old) = before.filter(|copy| copy.file != file) {
            self.unlink(&old.file)?;
        }
        self.addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(file.clone(), url.to_string());
        let copy = Kept {
            file,
            bytes: page.body.len() as u64,
            hash,
            etag: page.etag.clone(),
            last_modified: page.last_modified.clone(),
        };
        self.copies().insert(url.to_string(), copy);
        Ok(())
    }

    /// Removes the copies of all pages but those that `stay`, and writes the list down. Blocks.
    pub(super) fn settle(&self, stay: impl Fn(&str) -> bool) -> io::Result<()> {
        let gone: Vec<(String, Kept)> = self
            .copies()
            .iter()
            .filter(|(url, _)| !stay(url))
            .map(|(url, copy)| (url.clone(), copy.clone()))
            .collect();
        for (url, copy) in gone {
            self.unlink(&copy.file)?;
            self.copies().remove(&url);
        }
        let list = serde_json::to_vec(&*self.copies()).map_err(io::Error::other)?;
        let (whole, part) = (self.folder.join(LIST), self.folder.join("pages.json.part"));
        let mut file = std::fs::File::create(&part)?;
        file.write_all(&list)?;
        file.sync_all()?;
        std::fs::rename(part, whole)
    }

    /// Removes everything. Blocks.
    pub(super) fn remove(&self) -> io::Result<()> {
        std::fs::remove_dir_all(&self.folder)
    }

    fn copies(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a file at once and whole: who watches the folder never sees half of it.
    fn write(&self, file: &str, body: &[u8]) -> io::Result<()> {
        let path = self.pages().join(file);
        std::fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        let part = self.folder.join(format!("{}.part", hex(&Sha256::digest(file))));
        std::fs::write(&part, body)?;
        std::fs::rename(part, path)
    }

    fn unlink(&self, file: &str) -> io::Result<()> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner).remove(file);
        match std::fs::remove_file(self.pages().join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Removes what no copy is.
fn sweep(root: &Path, folder: &Path, known: &HashMap<String, String>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sweep(root, &path, known)?;
        } else if path
            .strip_prefix(root)
            .is_ok_and(|file| !known.contains_key(&*file.to_string_lossy()))
        {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Where the copy of a page lies: as its address, as far as that makes a path, with a part that tells addresses apart.
fn path_of(url: &Url, extension: &str) -> String {
    let plain = |text: &str| {
        let text: String = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' })
            .collect();
        let text = text.trim_matches('-');
        text.chars().take(LONGEST).collect::<String>()
    };
    let mut parts: Vec<String> = vec![plain(url.host_str().unwrap_or_default())];
    parts.extend(
        url.path_segments().into_iter().flatten().map(plain).filter(|part| !part.is_empty()),
    );
    parts.truncate(DEEPEST);
    let tag: String = hex(&Sha256::digest(url.as_str())).chars().take(8).collect();
    let last = if parts.len() > 1 { parts.pop() } else { None };
    let last = last.unwrap_or_else(|| "index".to_owned());
    format!("{}/{last}-{tag}{extension}", parts.join("/"))
}

fn hex(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    let pairs = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    pairs.map(|digit| char::from(digits[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn page(body: &str) -> Page {
        Page {
            extension: ".html",
            body: body.into(),
            etag: Some("\"1\"".to_owned()),
            last_modified: None,
        }
    }

    #[test]
    fn copies_outlive_a_restart_and_strays_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::open(folder.path()).unwrap();
        let (a, b) = (url("https://example.org/docs/a.html?x=1"), url("https://example.org/"));
        mirror.keep(&a, &page("one")).unwrap();
        mirror.keep(&b, &page("two")).unwrap();
        mirror.settle(|_| true).unwrap();
        mirror.keep(&url("https://example.org/unlisted"), &page("three")).unwrap();
        let mirror = Mirror::open(folder.path()).unwrap();
        let copy = mirror.copy(&a).unwrap();
        assert_eq!(mirror.read(&copy).unwrap(), b"one");
        assert_eq!(mirror.url_of(&copy.file).as_deref(), Some(a.as_str()));
        assert!(copy.file.starts_with("example-org/docs/a-html-"), "{}", copy.file);
        assert_eq!(mirror.copies().len(), 2);
        assert_eq!(mirror.bytes(), 6);
        mirror.settle(|url| url == b.as_str()).unwrap();
        assert!(mirror.copy(&a).is_none() && !mirror.pages().join(&copy.file).exists());
        assert_eq!(mirror.url_of(&copy.file), None);
    }

    #[test]
    fn an_unchanged_page_leaves_its_copy_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mirror = Mirror::open(folder.path()).unwrap();
        let a = url("https://example.org/a");
        mirror.keep(&a, &page("one")).unwrap();
        let file = mirror.pages().join(mirror.copy(&a).unwrap().file);
        let written = std::fs::metadata(&file).unwrap().modified().unwrap();
        mirror.keep(&a, &page("one")).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written);
    }

    #[test]
    fn no_address_leads_out_of_the_folder() {
        for text in [
            "https://x.org/../../etc/passwd",
            "https://x.org/.hidden/..%2f..%2fy",
            "https://x.org/%00/a%2Fb",
        ] {
            let path = path_of(&url(text), ".html");
            assert!(
                path.split('/').all(|part| !part.starts_with('.') && !part.is_empty()),
                "{path}"
            );
        }
    }
}
