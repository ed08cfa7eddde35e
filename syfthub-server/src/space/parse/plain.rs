//! Plain text: one section, paragraphs kept.

use super::{Outline, Parsed};

/// The text as one section.
pub(super) fn parse(text: &str) -> Parsed {
    let mut outline = Outline::default();
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    outline.block(&unified);
    outline.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_every_system_are_one() {
        assert_eq!(parse("a\r\n\r\nb\rc").sections[0].text, "a\n\nb\nc");
    }
}
