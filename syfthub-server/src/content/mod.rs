//! Pages for people: an endpoint's address opened in a browser (contract hub 6.1).
//!
//! Reading order: `page` (what stands where), `readme` (Markdown on a few threads, each text once), then `markdown` and
//! `highlight` below it. Everything on such a page was written by strangers, so three things hold at once: askama
//! escapes whatever is not HTML by type, `markdown` lets only an allow-list through, and the page's policy forbids every
//! script, frame, image and form whatever slips by.

mod highlight;
mod markdown;
mod page;
mod readme;
#[cfg(test)]
mod tests;

pub(crate) use page::{WantsHtml, not_found, of_endpoint};
pub(crate) use readme::Readmes;

/// `text` so that HTML shows it as it is, between tags and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
