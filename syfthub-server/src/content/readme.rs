//! READMEs as HTML, each text once.
//!
//! What is kept is found by the SHA-256 of the text, so nothing has to be forgotten when an endpoint changes, and two
//! endpoints with one text share it. Rendering takes milliseconds, or much longer for a text made to take long: it runs
//! on a few threads of its own, and who has waited long enough gets the text as it was written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::future::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::markdown;
use crate::config::PageSettings;

/// READMEs rendered at a time.
const AT_A_TIME: usize = 2;

type Key = [u8; 32];

/// The READMEs in memory; clones share them.
#[derive(Clone)]
pub(crate) struct Readmes {
    kept: Cache<Key, Arc<str>>,
    slots: Arc<Semaphore>,
    patience: Duration,
}

/// A README for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Readme {
    /// There is none.
    Empty,
    /// Safe HTML.
    Html(Arc<str>),
    /// The text as it was written, because rendering it takes too long.
    Plain(String),
}

/// No slot came free in time.
#[derive(Debug)]
struct Busy;

impl Readmes {
    /// An empty store under these limits.
    pub(crate) fn new(settings: &PageSettings) -> Self {
        let weight = |_: &Key, html: &Arc<str>| u32::try_from(html.len() + 256).unwrap_or(u32::MAX);
        let capacity = u64::try_from(settings.readme_cache_bytes).unwrap_or(u64::MAX);
        Self {
            kept: Cache::builder().max_capacity(capacity).weigher(weight).build(),
            slots: Arc::new(Semaphore::new(AT_A_TIME)),
            patience: settings.readme_timeout,
        }
    }

    /// `text` for a page. Requests at the same time share one rendering, which goes on when none of them waits for it.
    pub(crate) async fn show(&self, text: String) -> Readme {
        if text.trim().is_empty() {
            return Readme::Empty;
        }
        let key: Key = Sha256::digest(text.as_bytes()).into();
        if let Some(html) = self.kept.get(&key).await {
            return Readme::Html(html);
        }
        let rendering = tokio::spawn(self.clone().render(key, text.clone()));
        match tokio::time::timeout(self.patience, rendering).await {
            Ok(Ok(Ok(html))) => Readme::Html(html),
            _ => Readme::Plain(text),
        }
    }

    async fn render(self, key: Key, text: String) -> Result<Arc<str>, Arc<Busy>> {
        let (slots, patience) = (self.slots, self.patience);
        let rendered = async move {
            let slot = tokio::time::timeout(patience, slots.acquire_owned());
            let slot = slot.await.map_err(|_| Busy)?.map_err(|_| Busy)?;
            let work = tokio::task::spawn_blocking(move || {
                let html = markdown::to_html(&text, Instant::now() + patience / 2);
                drop(slot);
                Arc::from(html)
            });
            work.await.map_err(|_| Busy)
        };
        self.kept.try_get_with(key, rendered).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PageSettings;

    fn readmes(patience: Duration) -> Readmes {
        Readmes::new(&PageSettings { readme_timeout: patience, readme_cache_bytes: 1 << 20 })
    }

    #[tokio::test]
    async fn a_text_is_rendered_once_and_kept() {
        let readmes = readmes(Duration::from_mins(1));
        let Readme::Html(first) = readmes.show("# A".to_owned()).await else { panic!("no HTML") };
        assert_eq!(&*first, "<h1 id=\"readme-a\">A</h1>\n");
        let Readme::Html(second) = readmes.show("# A".to_owned()).await else { panic!("no HTML") };
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(readmes.show(" \n".to_owned()).await, Readme::Empty);
    }

    #[tokio::test]
    async fn who_has_waited_long_enough_gets_the_text() {
        let readmes = readmes(Duration::from_millis(1));
        let all = readmes.slots.clone().acquire_many_owned(2).await.unwrap();
        assert_eq!(readmes.show("# A".to_owned()).await, Readme::Plain("# A".to_owned()));
        drop(all);
    }
}
