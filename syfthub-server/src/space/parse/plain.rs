//! Plain text: paragraphs kept; a form feed begins a new page, as in printed text.

use super::{Outline, Parsed};

/// The text, with line ends of one kind.
pub(super) fn parse(text: &str) -> Parsed {
    let mut outline = Outline::default();
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let has_pages = unified.contains('\u{c}');
    for (page, text) in (1..).zip(unified.split('\u{c}')) {
        if has_pages {
            outline.page(page);
        }
        outline.block(text);
    }
    outline.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_every_system_are_one() {
        let parsed = parse("a\r\n\r\nb\rc");
        assert_eq!(
            (parsed.sections[0].text.as_str(), parsed.sections[0].pages),
            ("a\n\nb\nc", None)
        );
    }

    #[test]
    fn form_feeds_separate_pages() {
        let pages: Vec<_> =
            parse("one\u{c}\n\u{c}three").sections.iter().map(|s| s.pages).collect();
        assert_eq!(pages, [Some((1, 1)), Some((3, 3))]);
    }
}
