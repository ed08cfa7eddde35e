//! The links of a page that lead deeper into its site.

use std::collections::BTreeSet;

use scraper::{Html, Selector};
use url::Url;

/// Links of one page that are looked at.
const MOST: usize = 5000;

/// The addresses that a page links to, in no order, without fragments. Blocks.
pub(super) fn of(page: &Url, html: &str) -> BTreeSet<Url> {
    let document = Html::parse_document(html);
    let select = |text| Selector::parse(text).expect("the selector is one");
    let attribute = |selector: &Selector, name| {
        document.select(selector).find_map(|element| element.value().attr(name).map(str::to_owned))
    };
    let base = attribute(&select("base[href]"), "href").and_then(|base| page.join(&base).ok());
    let base = base.unwrap_or_else(|| page.clone());
    let anchors = select("a[href]");
    let found = document.select(&anchors).take(MOST).filter_map(|anchor| {
        let mut url = base.join(anchor.value().attr("href")?.trim()).ok()?;
        url.set_fragment(None);
        matches!(url.scheme(), "http" | "https").then_some(url)
    });
    found.collect()
}

/// Whether `url` lies below the folder of `root`, on the same host.
pub(super) fn is_below(url: &Url, root: &Url) -> bool {
    let folder = root.path().rsplit_once('/').map_or("/", |(folder, _)| folder);
    let path = url.path();
    url.origin() == root.origin()
        && path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn links_are_resolved_and_counted_once() {
        let html = "<a href=b.html#x>B</a><a href='b.html'>B</a><a href='/c?q=1'>C</a><a href='mailto:a@b.c'>M</a>\
            <a href='//other.org/'>O</a><a name=x>none</a>";
        let found = of(&url("https://example.org/docs/a.html"), html);
        let expected =
            ["https://example.org/c?q=1", "https://example.org/docs/b.html", "https://other.org/"];
        assert_eq!(found.into_iter().map(String::from).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_site_is_what_lies_below_a_folder_of_one_host() {
        let root = url("https://example.org/docs/index.html");
        assert!(is_below(&url("https://example.org/docs/a/b"), &root));
        assert!(!is_below(&url("https://example.org/docsother"), &root));
        assert!(!is_below(&url("https://example.org/"), &root));
        assert!(!is_below(&url("http://example.org/docs/"), &root));
        assert!(is_below(&url("https://example.org/x"), &url("https://example.org/")));
    }
}
