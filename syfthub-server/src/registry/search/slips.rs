//! Words that differ by one slip of the hand: a letter left out, added or replaced, or two neighbours swapped.
//!
//! Two such words have a form in common that lacks at most one letter of each. So the vocabulary keeps those forms of
//! its words, and a word that nobody used is looked up by its own.

/// The shortest word that is corrected; of shorter ones too many are one slip away.
const SHORTEST: usize = 4;

/// The longest word that is corrected.
const LONGEST: usize = 24;

/// Whether the vocabulary keeps `word`: letters only, neither short nor endless.
pub(super) fn is_corrected(word: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&word.chars().count()) && word.chars().all(char::is_alphabetic)
}

/// `word` itself, and what it becomes without any one of its letters.
pub(super) fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    for (start, letter) in word.char_indices() {
        let form = [&word[..start], &word[start + letter.len_utf8()..]].concat();
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// Whether one slip leads from one word to the other.
pub(super) fn is_one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    let same = short.iter().zip(long.iter()).take_while(|(x, y)| x == y).count();
    let (short, long) = (&short[same..], &long[same..]);
    match (short, long) {
        (rest, [_, tail @ ..]) if rest == tail => true,
        ([_, rest @ ..], [_, tail @ ..]) if rest == tail => true,
        ([first, second, rest @ ..], [other, another, tail @ ..]) => {
            first == another && second == other && rest == tail
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slip_is_a_letter_less_more_other_or_swapped() {
        for slip in ["wether", "weathher", "weatter", "waether", "eather", "weathe", "weatherx"] {
            assert!(is_one_slip("weather", slip) && is_one_slip(slip, "weather"), "{slip}");
        }
        for other in ["weather", "wthr", "whetear", "leather1", "w", ""] {
            assert!(!is_one_slip("weather", other), "{other}");
        }
    }

    #[test]
    fn short_words_and_numbers_are_not_corrected() {
        assert!(is_corrected("note") && is_corrected("straße"));
        assert!(!is_corrected("map") && !is_corrected("gpt4") && !is_corrected(&"n".repeat(25)));
    }

    proptest! {
        #[test]
        fn words_one_slip_apart_have_a_form_in_common(
            word in "[a-zß]{4,12}", at in 0_usize..12, letter in "[a-z]", what in 0_u8..4,
        ) {
            let mut letters: Vec<char> = word.chars().collect();
            let at = at % (letters.len() - 1);
            let letter = letter.chars().next().unwrap();
            match what {
                0 => drop(letters.remove(at)),
                1 => letters.insert(at, letter),
                2 => letters[at] = letter,
                _ => letters.swap(at, at + 1),
            }
            let slip: String = letters.into_iter().collect();
            prop_assume!(slip != word);
            prop_assert!(is_one_slip(&word, &slip));
            let known = forms(&word);
            prop_assert!(forms(&slip).iter().any(|form| known.contains(form)));
        }
    }
}
