//! Visiting a site: level by level from its addresses, some pages at a time, as far as its limits and its `robots.txt` go.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::fetch::{Fetched, Fetcher};
use super::mirror::{Kept, Mirror, Page};
use super::robots::{self, Robots};
use super::sitemap::{self, Sitemap};
use super::{Limits, address, links};
use crate::outbound::Outbound;

/// Pages that are asked for at the same time.
const AT_ONCE: usize = 4;

/// Sitemaps of one visit.
const SITEMAPS: usize = 1000;

/// A dataset's visits.
pub(super) struct Crawl {
    limits: Limits,
    mirror: Arc<Mirror>,
    fetcher: Fetcher,
}

/// A page to be asked for, and the address that it was reached from.
#[derive(Clone)]
struct Step {
    url: Url,
    root: Url,
}

/// What one visit has found out.
#[derive(Default)]
struct Visit {
    /// Addresses that were asked for, or will be.
    seen: HashSet<Url>,
    /// Pages that are there.
    kept: HashSet<String>,
    /// Pages that are gone for certain.
    gone: HashSet<String>,
    /// Whether everything could be asked for.
    is_whole: bool,
    sitemaps: usize,
    /// Whether links of the level that is visited are followed.
    goes_deeper: bool,
}

/// The rules of each site; `None` of one that did not tell.
type Rules = Mutex<HashMap<String, Option<Arc<Robots>>>>;

impl Crawl {
    pub(super) fn new(limits: Limits, mirror: Arc<Mirror>, outbound: Outbound) -> Self {
        Self { limits, mirror, fetcher: Fetcher::new(outbound) }
    }

    /// Visits again and again until told to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        loop {
            let visit = async {
                if let Err(error) = self.visit().await {
                    tracing::error!(%error, "copies of pages cannot be kept");
                }
                tokio::time::sleep(self.limits.pause).await;
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = visit => {}
            }
        }
    }

    async fn visit(&self) -> std::io::Result<()> {
        let mut visit = Visit { is_whole: true, ..Visit::default() };
        let mut level: Vec<Step> = Vec::new();
        for url in &self.limits.urls {
            visit.add(&mut level, url.clone(), url);
        }
        let rules = Rules::default();
        for depth in 0..=self.limits.depth {
            visit.goes_deeper = depth < self.limits.depth;
            let mut next = Vec::new();
            while !level.is_empty() {
                // Sitemaps add to the level that is being visited.
                level = self.visit_level(&mut visit, &rules, level, &mut next).await?;
            }
            level = next;
            if level.is_empty() || self.is_full(&visit) {
                break;
            }
        }
        // With as many pages as may be kept, no other one stays.
        let trusts_old = !visit.is_whole && !self.is_full(&visit);
        let Visit { kept, gone, is_whole, .. } = visit;
        tracing::info!(pages = kept.len(), is_whole, "a site was visited");
        let mirror = Arc::clone(&self.mirror);
        let settled = tokio::task::spawn_blocking(move || {
            mirror.settle(|url| kept.contains(url) || (trusts_old && !gone.contains(url)))
        });
        settled.await.map_err(std::io::Error::other)?
    }

    /// Visits the pages of one level; what is to be visited on the same level is the answer, and `next` gets what lies below.
    async fn visit_level(
        &self,
        visit: &mut Visit,
        rules: &Rules,
        level: Vec<Step>,
        next: &mut Vec<Step>,
    ) -> std::io::Result<Vec<Step>> {
        let mut same = Vec::new();
        let fetched = futures_util::stream::iter(level)
            .map(|step| self.fetch(rules, step))
            .buffer_unordered(AT_ONCE);
        let mut fetched = std::pin::pin!(fetched);
        while let Some((step, outcome)) = fetched.next().await {
            if self.is_full(visit) {
                break;
            }
            let Some(html) = self.take(visit, &step, outcome, &mut same).await? else { continue };
            let Step { url, root } = step;
            for link in linked(url, html).await {
                if links::is_below(&link, &root) {
                    visit.add(next, link, &root);
                }
            }
        }
        Ok(same)
    }

    /// Notes what became of a page; its text when links are to be followed.
    async fn take(
        &self,
        visit: &mut Visit,
        Step { url, root }: &Step,
        outcome: Fetched,
        same: &mut Vec<Step>,
    ) -> std::io::Result<Option<Vec<u8>>> {
        match outcome {
            Fetched::Page(page) => {
                let is_read = visit.goes_deeper && page.extension == ".html";
                let html = is_read.then(|| page.body.clone());
                self.keep(visit, url, page).await?;
                return Ok(html);
            }
            Fetched::Unchanged => {
                visit.kept.insert(url.to_string());
                return Ok(if visit.goes_deeper { self.copied(url).await } else { None });
            }
            Fetched::Xml(body) => {
                for listed in visit.listed(body).await {
                    visit.add(same, listed, root);
                }
            }
            Fetched::Nothing => {
                visit.gone.insert(url.to_string());
            }
            Fetched::Unknown(reason) => {
                tracing::debug!(%url, reason, "a page was not reached");
                visit.is_whole = false;
            }
        }
        Ok(None)
    }

    async fn fetch(&self, rules: &Rules, step: Step) -> (Step, Fetched) {
        if self.limits.obeys_robots {
            match self.rules(rules, &step.url).await {
                None => {
                    return (
                        step,
                        Fetched::Unknown("its robots.txt cannot be asked for".to_owned()),
                    );
                }
                Some(rules) if !rules.allow(&path_and_query(&step.url)) => {
                    return (step, Fetched::Nothing);
                }
                Some(_) => {}
            }
        }
        let copy = self.mirror.copy(&step.url);
        let fetched = self.fetcher.get(&step.url, copy.as_ref()).await;
        (step, fetched)
    }

    /// The rules of the site of `url`; `None` while nobody knows them. The others wait while one asks.
    async fn rules(&self, known: &Rules, url: &Url) -> Option<Arc<Robots>> {
        let site = url.origin().ascii_serialization();
        let mut known = known.lock().await;
        if let Some(rules) = known.get(&site) {
            return rules.clone();
        }
        let address = url.join("/robots.txt").ok()?;
        let rules = match self.fetcher.text(&address, robots::LARGEST).await {
            Ok(text) => Some(Arc::new(Robots::parse(&text.unwrap_or_default()))),
            Err(reason) => {
                tracing::debug!(site, reason, "a robots.txt was not reached");
                None
            }
        };
        known.insert(site, rules.clone());
        rules
    }

    async fn keep(&self, visit: &mut Visit, url: &Url, page: Page) -> std::io::Result<()> {
        let before = self.mirror.copy(url).map_or(0, |copy| copy.bytes);
        let after = self.mirror.bytes() - before + page.body.len() as u64;
        if after > self.limits.bytes {
            tracing::warn!(%url, "a page is left out: the copies would take more than they may");
            visit.is_whole = false;
            return Ok(());
        }
        let (mirror, address) = (Arc::clone(&self.mirror), url.clone());
        let kept = tokio::task::spawn_blocking(move || mirror.keep(&address, &page)).await;
        kept.map_err(std::io::Error::other)??;
        visit.kept.insert(url.to_string());
        Ok(())
    }

    async fn copied(&self, url: &Url) -> Option<Vec<u8>> {
        let copy = self.mirror.copy(url).filter(Kept::is_html)?;
        let mirror = Arc::clone(&self.mirror);
        tokio::task::spawn_blocking(move || mirror.read(&copy)).await.ok()?.ok()
    }

    fn is_full(&self, visit: &Visit) -> bool {
        visit.kept.len() >= self.limits.pages
    }
}

impl Visit {
    fn add(&mut self, to: &mut Vec<Step>, url: Url, root: &Url) {
        if self.seen.insert(url.clone()) {
            to.push(Step { url, root: root.clone() });
        }
    }

    /// What a sitemap lists, if it is one.
    async fn listed(&mut self, body: Vec<u8>) -> Vec<Url> {
        self.sitemaps += 1;
        if self.sitemaps > SITEMAPS {
            return Vec::new();
        }
        let read = tokio::task::spawn_blocking(move || sitemap::parse(&body)).await;
        let Ok(Some(Sitemap::Pages(listed) | Sitemap::Index(listed))) = read else {
            return Vec::new();
        };
        listed.iter().filter_map(|text| address(text)).collect()
    }
}

async fn linked(url: Url, html: Vec<u8>) -> BTreeSet<Url> {
    let read = move || links::of(&url, &String::from_utf8_lossy(&html));
    tokio::task::spawn_blocking(read).await.unwrap_or_default()
}

fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
