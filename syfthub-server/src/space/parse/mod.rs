//! From the bytes of a file to titled sections of text. Adding a format is one file and one line in [`Format`].

mod decode;
mod html;
mod isolate;
mod json;
mod markdown;
mod pdf;
mod plain;

use std::path::Path;
use std::time::Duration;

pub(crate) use isolate::Isolation;
#[cfg(test)]
pub(crate) use pdf::tests::sample as pdf_sample;

/// A file's text, cut along its own structure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// What the document calls itself.
    pub(crate) title: Option<String>,
    /// Its parts in reading order; none is empty.
    pub(crate) sections: Vec<Section>,
}

/// A stretch of text under one trail of headings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// The headings above the text, outermost first.
    pub(crate) headings: Vec<String>,
    /// The text, its own heading first; blocks are separated by a blank line.
    pub(crate) text: String,
    /// The first and the last page it stands on, from 1.
    pub(crate) pages: Option<(u32, u32)>,
}

/// Why a document has no text. It fails alone: the reason goes into its job, the other documents go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ParseError {
    #[error("no parser for this kind of file")]
    UnknownFormat,
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    #[error("the file cannot be read now: {0}")]
    Busy(String),
    #[error("the file changed while it was read")]
    Changed,
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    #[error("the file holds binary data, not text")]
    NotText,
    #[error("the file holds no text")]
    Empty,
    #[error("the PDF cannot be read: {0}")]
    Pdf(String),
    #[error("the parser broke on this file: {0}")]
    Panicked(String),
    #[error("the file took longer than {} s to parse", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("too many documents never came out of their parser; restart the space without them")]
    Overloaded,
}

impl ParseError {
    /// Whether the same file may well be read at another time.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Changed | Self::Overloaded)
    }
}

/// The kinds of file that have a parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Plain,
    Markdown,
    Html,
    Pdf,
    Json,
}

/// Every extension that has a parser, as shown in the type's schema.
pub(crate) const EXTENSIONS: [&str; 12] = [
    ".pdf",
    ".txt",
    ".html",
    ".md",
    ".csv",
    ".json",
    ".htm",
    ".xhtml",
    ".markdown",
    ".text",
    ".rst",
    ".tsv",
];

impl Format {
    /// The format that the file's extension stands for.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "txt" | "text" | "rst" | "csv" | "tsv" => Some(Self::Plain),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "pdf" => Some(Self::Pdf),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// Reads `bytes` on the calling thread. Hostile input may panic or never end: call it through [`Isolation`].
    pub(crate) fn parse(self, bytes: &[u8]) -> Result<Parsed, ParseError> {
        let parsed = match self {
            Self::Plain => plain::parse(&decode::text(bytes)?),
            Self::Markdown => markdown::parse(&decode::text(bytes)?),
            Self::Html => html::parse(&decode::html(bytes)?),
            Self::Pdf => pdf::parse(bytes)?,
            Self::Json => json::parse(&decode::text(bytes)?),
        };
        if parsed.sections.is_empty() { Err(ParseError::Empty) } else { Ok(parsed) }
    }
}

/// Collects sections: headings open them, blocks fill them.
#[derive(Default)]
struct Outline {
    title: Option<String>,
    trail: Vec<(u8, String)>,
    sections: Vec<Section>,
    text: String,
    page: Option<u32>,
}

impl Outline {
    /// Ends the current section and opens one under `heading`, which closes all headings of its level and below.
    fn heading(&mut self, level: u8, heading: &str) {
        self.close_section();
        self.trail.retain(|(open, _)| *open < level);
        self.trail.push((level, heading.to_owned()));
        self.block(heading);
    }

    /// Ends headings of `level` and below, so that what follows belongs to their parent.
    fn close_headings(&mut self, level: u8) {
        if self.trail.iter().any(|(open, _)| *open >= level) {
            self.close_section();
            self.trail.retain(|(open, _)| *open < level);
        }
    }

    /// Adds a paragraph; an empty one is dropped.
    fn block(&mut self, text: &str) {
        let text = text.trim_matches('\n').trim_end();
        if text.trim().is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(text);
    }

    fn close_section(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            let headings = self.trail.iter().map(|(_, heading)| heading.clone()).collect();
            let pages = self.page.map(|page| (page, page));
            self.sections.push(Section { headings, text, pages });
        }
    }

    fn finish(mut self) -> Parsed {
        self.close_section();
        Parsed { title: self.title.filter(|title| !title.is_empty()), sections: self.sections }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_extension_has_a_parser() {
        for extension in EXTENSIONS {
            assert!(Format::of(Path::new(&format!("a{extension}"))).is_some(), "{extension}");
        }
        assert_eq!(Format::of(Path::new("Report.PDF")), Some(Format::Pdf));
        assert_eq!(Format::of(Path::new("photo.jpeg")), None);
        assert_eq!(Format::of(Path::new("no-extension")), None);
    }

    #[test]
    fn a_file_without_text_is_refused_with_its_reason() {
        assert_eq!(Format::Plain.parse(b" \n\t "), Err(ParseError::Empty));
        assert_eq!(Format::Html.parse(b"<script>x()</script>"), Err(ParseError::Empty));
    }
}
