//! Text that cannot be taken for a tag.

use std::borrow::Cow;

const ENTITIES: [(char, &str); 3] = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")];

/// `text` with `&`, `<` and `>` written as entities.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match ENTITIES.iter().find(|(plain, _)| *plain == c) {
            Some((_, entity)) => out.push_str(entity),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The text that [`escape`] was given. What is no entity stays as it is.
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
