//! How much of what was found a model is given: by tokens, as far as they can be estimated without its vocabulary.

/// Characters of a token of text in Latin letters. Vocabularies of today's models come to 4 and more for prose.
const CHARS: usize = 4;

/// How much text fits into `tokens`: the number of characters of `texts`, in their order, after which the budget is used up.
/// A character outside ASCII counts as a token of its own, which is what ideographs come to.
pub(super) fn characters<'a>(texts: impl IntoIterator<Item = &'a str>, tokens: usize) -> usize {
    let mut left = tokens.saturating_mul(CHARS);
    let mut characters = 0;
    for c in texts.into_iter().flat_map(str::chars) {
        let weight = if c.is_ascii() { 1 } else { CHARS };
        if weight > left {
            break;
        }
        left -= weight;
        characters += 1;
    }
    characters
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn latin_text_takes_a_quarter_and_ideographs_a_whole_token() {
        assert_eq!(characters(["abcdefgh", "ij"], 2), 8);
        assert_eq!(characters(["abcdefgh", "ij"], 100), 10);
        assert_eq!(characters(["漢字漢字"], 3), 3);
        assert_eq!(characters(["x"], 0), 0);
    }

    proptest! {
        #[test]
        fn more_tokens_never_fit_less(text in r"\PC{0,60}", tokens in 0..30_usize) {
            let fits = characters([text.as_str()], tokens);
            prop_assert!(fits <= characters([text.as_str()], tokens + 1));
            prop_assert!(fits <= tokens * CHARS && fits <= text.chars().count());
        }
    }
}
