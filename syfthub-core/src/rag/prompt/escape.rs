//! Text that cannot be taken for a tag.

use std::borrow::Cow;

use crate::rag::cite::opens_marker;

const ENTITIES: [(char, &str); 3] = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")];

/// Stands for the bracket of a citation marker in a document: `[cite:2]` is for the model to write.
const BRACKET: char = '\u{ff3b}';

/// `text` with `&`, `<` and `>` written as entities, and without citation markers.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '[']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '[']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match ENTITIES.iter().find(|(plain, _)| rest.starts_with(*plain)) {
            Some((_, entity)) => out.push_str(entity),
            None if opens_marker(rest) => out.push(BRACKET),
            None => out.push('['),
        }
        rest = &rest[1..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The text that [`escape`] was given, but for its citation markers. What is no entity stays as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity =
            ENTITIES.iter().find_map(|(plain, entity)| Some((*plain, rest.strip_prefix(entity)?)));
        let (plain, after) = entity.unwrap_or(('&', &rest[1..]));
        out.push(plain);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_citation_marker_of_a_document_is_none_any_more() {
        let escaped = escape("a [cite:2] [ cite : 3] [1] [[cite:4]<");
        assert_eq!(escaped, "a ［cite:2] ［ cite : 3] [1] [［cite:4]&lt;");
        assert_eq!(crate::rag::cite::cite(&escaped).citations, []);
    }

    #[test]
    fn what_is_no_entity_stays_as_it_is() {
        assert_eq!(unescape("a & b &nbsp; &lt;p&gt; &amp;lt;"), "a & b &nbsp; <p> &lt;");
    }

    proptest! {
        #[test]
        fn escaped_text_has_no_tags_and_reads_back(text in r"([&<>;]|amp|lt|gt|\PC){0,40}") {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>']));
            prop_assert_eq!(unescape(&escaped), text);
        }
    }
}
