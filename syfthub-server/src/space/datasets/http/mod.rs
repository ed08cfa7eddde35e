//! Pages of the web, copied and indexed: named one by one, listed in sitemaps, or found by following links.
//!
//! `crawl` visits them again and again, through `fetch`, which goes nowhere that the operator has not opened; `robots`,
//! `sitemap` and `links` read what sites say; `mirror` keeps the copies as files, which the ordinary ingestion indexes. A page
//! that is gone loses its copy, and so its passages.

mod crawl;
mod fetch;
mod links;
mod mirror;
mod robots;
mod sitemap;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use syfthub_core::Invalid;
use syfthub_core::input::{Fields, Input, Place};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::indexed::{Indexed, SearchBy};
use super::sources::{cutting, read_cut};
use super::{Dataset, DatasetType, Found, OpenError, Search, SearchError, Wanted};
use crate::outbound::Outbound;
use crate::space::chunk::Cut;
use crate::space::embed::{self, Provider};
use crate::space::ingest::{Ingestion, Selection};
use crate::space::kind::{BadConfiguration, TypeInfo, joined, schema};
use crate::space::parse::EXTENSIONS;
use crawl::Crawl;
use mirror::Mirror;

const NAME: &str = "http";

/// Addresses to begin with.
const MOST_ADDRESSES: usize = 100;

const MOST_PAGES: i64 = 100_000;
const USUAL_PAGES: i64 = 1000;
const DEEPEST: i64 = 20;
const MOST_MEGABYTES: i64 = 100_000;
const USUAL_MEGABYTES: i64 = 512;
const LONGEST_PAUSE: i64 = 60 * 24 * 30;
const USUAL_PAUSE: i64 = 60;

/// The type `http`.
pub(super) struct Http;

impl DatasetType for Http {
    fn info(&self) -> TypeInfo {
        let search = json!({
            "embedding": embed::schema(),
            "searchBy": {
                "type": "string", "title": "Search by", "enum": SearchBy::NAMES, "default": "both",
                "description": "What passages are found by where they are embedded: words and meaning, or one of them.",
            },
        });
        TypeInfo {
            name: NAME,
            description: "Pages of the web, from their addresses and from sitemaps, copied again and again. Passages are \
                scored as those of files are.",
            config_schema: schema(&["urls"], joined([properties(), cutting(), search])),
            icon: "🌐",
            enabled: true,
        }
    }

    fn is_embedded(&self) -> bool {
        true
    }

    fn settle(
        &self,
        configuration: &Map<String, Value>,
    ) -> Result<Map<String, Value>, BadConfiguration> {
        let settings: Settings = self.info().read(configuration)?;
        Ok(settings.settled())
    }

    fn open<'a>(
        &'a self,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<dyn Dataset>, OpenError>> {
        async move {
            let settings: Settings = self.info().read(wanted.configuration)?;
            let folder = wanted.state.mirror(wanted.id);
            let mirror = tokio::task::spawn_blocking(move || Mirror::open(&folder)).await?;
            let mirror = Arc::new(mirror.map_err(|error| {
                BadConfiguration(format!("the copies of the pages cannot be kept: {error}"))
            })?);
            let outbound = Outbound::new(wanted.outbound_allow.to_vec()).map_err(|error| {
                BadConfiguration(format!("no HTTP client can be made: {error}"))
            })?;
            let selection = Selection {
                roots: vec![mirror.pages()],
                extensions: EXTENSIONS.map(str::to_owned).to_vec(),
                ignored: Vec::new(),
                cut: settings.cut,
            };
            let provider = settings.embedding.clone();
            let by = settings.search_by;
            let indexed = Indexed::open(NAME, &wanted, selection, provider.as_ref(), by).await?;
            let stop = wanted.around.shutdown.child_token();
            let crawl = Crawl::new(settings.site, Arc::clone(&mirror), outbound);
            let task = wanted.around.tasks.spawn(crawl.run(stop.clone()));
            let task = Mutex::new(Some(task));
            Ok(Arc::new(Site { indexed, mirror, stop, task }) as Arc<dyn Dataset>)
        }
        .boxed()
    }
}

fn properties() -> Value {
    json!({
        "urls": {
            "type": "array", "minItems": 1, "maxItems": MOST_ADDRESSES, "title": "Addresses",
            "description": "Pages and sitemaps to begin with.",
            "items": {"type": "string", "format": "uri"},
        },
        "depth": {"type": "integer", "title": "Depth", "minimum": 0, "maximum": DEEPEST, "default": 0,
            "description": "How many links away from these addresses pages are followed, on the same host and below the same \
                folder. Pages that a sitemap lists count as addresses."},
        "maxPages": {"type": "integer", "title": "Pages", "minimum": 1, "maximum": MOST_PAGES, "default": USUAL_PAGES,
            "description": "The most pages that are kept."},
        "maxMegabytes": {"type": "integer", "title": "Megabytes", "minimum": 1, "maximum": MOST_MEGABYTES,
            "default": USUAL_MEGABYTES, "description": "The most that all copies take."},
        "pollMinutes": {"type": "integer", "title": "Minutes between visits", "minimum": 1, "maximum": LONGEST_PAUSE,
            "default": USUAL_PAUSE, "description": "Pages are asked for anew so often; those that did not change are not sent again."},
        "obeyRobots": {"type": "boolean", "title": "Obey robots.txt", "default": true,
            "description": "Switch this off for your own sites alone."},
    })
}

struct Settings {
    site: Limits,
    cut: Cut,
    embedding: Option<Provider>,
    search_by: SearchBy,
}

/// What is visited, and how much of it.
#[derive(Debug, Clone)]
struct Limits {
    urls: Vec<Url>,
    depth: usize,
    pages: usize,
    bytes: u64,
    pause: Duration,
    obeys_robots: bool,
}

impl Input for Settings {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let site = Limits::read(&mut fields);
        let cut = read_cut(&mut fields);
        let embedding = embed::provider(&mut fields);
        let Some(search_by) = SearchBy::named(&fields.text_or("searchBy", 1, 20, "both")?) else {
            return fields.refuse("searchBy", Invalid::not_one_of(&SearchBy::NAMES));
        };
        Some(Self { site: site?, cut: cut?, embedding: embedding?, search_by })
    }
}

impl Limits {
    fn read(fields: &mut Fields<'_, '_, '_>) -> Option<Self> {
        let texts: Vec<String> = fields.required_list("urls", MOST_ADDRESSES)?;
        let urls: Option<Vec<Url>> = texts.iter().map(|text| address(text)).collect();
        let Some(urls) = urls.filter(|urls| !urls.is_empty()) else {
            return fields
                .refuse("urls", Invalid::value("expected addresses such as https://example.org/"));
        };
        let mut number =
            |name, least, most, usual| u64::try_from(fields.number(name, least, most, usual)?).ok();
        let depth = number("depth", 0, DEEPEST, 0)?;
        let pages = number("maxPages", 1, MOST_PAGES, USUAL_PAGES)?;
        let megabytes = number("maxMegabytes", 1, MOST_MEGABYTES, USUAL_MEGABYTES)?;
        let minutes = number("pollMinutes", 1, LONGEST_PAUSE, USUAL_PAUSE)?;
        let obeys_robots = fields.or("obeyRobots", true)?;
        Some(Self {
            urls,
            depth: usize::try_from(depth).ok()?,
            pages: usize::try_from(pages).ok()?,
            bytes: megabytes << 20,
            pause: Duration::from_secs(minutes * 60),
            obeys_robots,
        })
    }
}

impl Settings {
    fn settled(&self) -> Map<String, Value> {
        let Limits { urls, depth, pages, bytes, pause, obeys_robots } = &self.site;
        let mut settled = json!({
            "urls": urls, "depth": depth, "maxPages": pages, "maxMegabytes": bytes >> 20,
            "pollMinutes": pause.as_secs() / 60, "obeyRobots": obeys_robots,
            "chunkTokens": self.cut.tokens, "chunkOverlap": self.cut.overlap, "searchBy": self.search_by.name(),
        });
        if let Some(provider) = &self.embedding {
            settled["embedding"] = provider.settled();
        }
        settled.as_object().cloned().unwrap_or_default()
    }
}

/// An address that can be visited, without its fragment.
fn address(text: &str) -> Option<Url> {
    let mut url = Url::parse(text.trim()).ok()?;
    url.set_fragment(None);
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    (matches!(url.scheme(), "http" | "https") && plain).then_some(url)
}

/// The dataset.
struct Site {
    indexed: Indexed,
    mirror: Arc<Mirror>,
    stop: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Dataset for Site {
    fn engine(&self) -> &'static str {
        NAME
    }

    /// Passages go by the addresses of their pages. A page that is gone is not found any more, even before the index knows.
    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Found>, SearchError>> {
        async move {
            let mut found = self.indexed.search(search).await?;
            found.retain_mut(|one| {
                let path = one.metadata.get("file_path").and_then(Value::as_str);
                let Some(url) = path.and_then(|path| self.mirror.url_of(path)) else {
                    return false;
                };
                one.metadata.insert("url".to_owned(), url.clone().into());
                one.metadata.insert("file_path".to_owned(), url.into());
                true
            });
            Ok(found)
        }
        .boxed()
    }

    fn ingestion(&self) -> Option<&Ingestion> {
        self.indexed.ingestion()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            self.stop.cancel();
            let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(task) = task {
                drop(task.await);
            }
            self.indexed.close().await;
        }
        .boxed()
    }

    fn discard(&self) -> BoxFuture<'_, Result<(), SearchError>> {
        let mirror = Arc::clone(&self.mirror);
        async move {
            let removed = tokio::task::spawn_blocking(move || mirror.remove()).await;
            removed
                .map_err(|error| SearchError(error.into()))?
                .map_err(|error| SearchError(error.into()))
        }
        .boxed()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(value: &Value) -> Result<Map<String, Value>, String> {
        Http.settle(value.as_object().unwrap()).map_err(|error| error.0)
    }

    #[test]
    fn a_configuration_is_written_out_in_full() {
        let full =
            settled(&json!({"urls": ["https://example.org/docs/#top"], "maxPages": 7})).unwrap();
        assert_eq!(
            (&full["urls"], &full["maxPages"]),
            (&json!(["https://example.org/docs/"]), &json!(7))
        );
        assert_eq!(settled(&Value::Object(full.clone())).unwrap(), full);
    }

    #[test]
    fn what_cannot_be_visited_is_refused() {
        for url in ["ftp://example.org/", "https://ada:secret@example.org/", "example.org", ""] {
            assert!(
                settled(&json!({"urls": [url]})).unwrap_err().starts_with("configuration.urls"),
                "{url}"
            );
        }
        assert!(settled(&json!({"urls": []})).is_err());
        assert!(settled(&json!({"urls": ["https://x.org/"], "depth": 21})).is_err());
    }
}
