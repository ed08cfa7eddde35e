//! Collects sections: headings open them, blocks fill them.

use serde_json::{Map, Value};

use super::{Parsed, Section};
use crate::space::text::shortened;

/// More of what a document says of itself is left out: it goes into every chunk.
const PROPERTIES: usize = 32;
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 300;

/// A document that is being read.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) title: Option<String>,
    trail: Vec<(u8, String)>,
    sections: Vec<Section>,
    text: String,
    page: Option<u32>,
    metadata: Map<String, Value>,
}

impl Outline {
    /// An empty document of that title.
    pub(super) fn titled(title: Option<String>) -> Self {
        Self { title, ..Self::default() }
    }

    /// Ends the current section and opens one under `heading`, which closes all headings of its level and below.
    pub(super) fn heading(&mut self, level: u8, heading: &str) {
        self.close_section();
        self.trail.retain(|(open, _)| *open < level);
        self.trail.push((level, heading.to_owned()));
        self.block(heading);
    }

    /// Ends headings of `level` and below, so that what follows belongs to their parent.
    pub(super) fn close_headings(&mut self, level: u8) {
        if self.trail.iter().any(|(open, _)| *open >= level) {
            self.close_section();
            self.trail.retain(|(open, _)| *open < level);
        }
    }

    /// What follows stands on this page.
    pub(super) fn page(&mut self, number: u32) {
        if self.page != Some(number) {
            self.close_section();
            self.page = Some(number);
        }
    }

    /// Adds a paragraph; an empty one is dropped.
    pub(super) fn block(&mut self, text: &str) {
        let text = text.trim_matches('\n').trim_end();
        if text.trim().is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(text);
    }

    /// Notes what the document says of itself. Names and values are cut to what fits beside a passage.
    pub(super) fn property(&mut self, name: &str, value: &str) {
        let name: String = name.trim().to_lowercase().chars().take(LONGEST_NAME).collect();
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if !name.is_empty() && !value.is_empty() && self.metadata.len() < PROPERTIES {
            self.metadata.insert(name, shortened(&value, LONGEST_VALUE).into());
        }
    }

    /// Adds the sections of a part, such as a chapter, behind what is there.
    pub(super) fn append(&mut self, part: Parsed) {
        self.close_section();
        self.sections.extend(part.sections);
    }

    fn close_section(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            let headings = self.trail.iter().map(|(_, heading)| heading.clone()).collect();
            let pages = self.page.map(|page| (page, page));
            self.sections.push(Section { headings, text, pages });
        }
    }

    /// The document.
    pub(super) fn finish(mut self) -> Parsed {
        self.close_section();
        let title = self.title.filter(|title| !title.is_empty());
        Parsed { title, sections: self.sections, metadata: self.metadata }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_says_of_itself_stays_small() {
        let mut outline = Outline::default();
        outline.property(" Author ", "Ada\n Lovelace");
        outline.property("subject", " ");
        outline.property("keywords", &"word ".repeat(1000));
        for n in 0..100 {
            outline.property(&format!("own-{n}"), "x");
        }
        let metadata = outline.finish().metadata;
        assert_eq!(
            (metadata["author"].as_str(), metadata.len()),
            (Some("Ada Lovelace"), PROPERTIES)
        );
        assert!(!metadata.contains_key("subject"));
        assert!(metadata["keywords"].as_str().unwrap().chars().count() <= LONGEST_VALUE + 1);
    }
}
