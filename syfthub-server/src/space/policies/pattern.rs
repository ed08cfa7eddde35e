//! Patterns for e-mail addresses, as a shell has them: `*`, `?`, `[seq]` and `[!seq]`, in any case (contract space 3.5).

use std::fmt;

use super::language;

/// A pattern; equal when they are written the same in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    parts: Vec<Part>,
}

/// What a stretch of a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// This character.
    Literal(char),
    /// Any one character.
    Any,
    /// One character of these ranges, or one of none of them.
    Class { negated: bool, ranges: Vec<(char, char)> },
    /// Any number of characters.
    Run,
}

impl Part {
    /// Whether it takes `c` as its one character; [`Part::Run`] takes any.
    pub(super) fn takes(&self, c: char) -> bool {
        match self {
            Self::Literal(literal) => *literal == c,
            Self::Any | Self::Run => true,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *negated
            }
        }
    }
}

impl Pattern {
    /// Reads a pattern. Any text is one; a bracket that is not closed stands for itself.
    pub(crate) fn new(text: &str) -> Self {
        let text = text.to_lowercase();
        let letters: Vec<char> = text.chars().collect();
        let mut parts = Vec::new();
        let mut at = 0;
        while at < letters.len() {
            let (part, next) = match letters[at] {
                '*' => (Part::Run, at + 1),
                '?' => (Part::Any, at + 1),
                '[' => class(&letters, at).unwrap_or((Part::Literal('['), at + 1)),
                letter => (Part::Literal(letter), at + 1),
            };
            parts.push(part);
            at = next;
        }
        Self { text, parts }
    }

    /// The pattern as it was written, in lower case.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether every text matches.
    pub(crate) fn is_everything(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|part| *part == Part::Run)
    }

    /// Whether the whole of `text` matches, whatever its case. Takes at most as many steps as the product of the lengths.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.to_lowercase().chars().collect();
        let (mut part, mut letter) = (0, 0);
        // Where to go on when what follows the last `*` does not match: that `*` then takes one letter more.
        let mut retry = None;
        loop {
            match self.parts.get(part) {
                Some(Part::Run) => {
                    retry = Some((part, letter));
                    part += 1;
                    continue;
                }
                Some(one) if letters.get(letter).is_some_and(|c| one.takes(*c)) => {
                    part += 1;
                    letter += 1;
                    continue;
                }
                None if letter == letters.len() => return true,
                _ => {}
            }
            match retry {
                Some((run, from)) if from < letters.len() => {
                    retry = Some((run, from + 1));
                    part = run + 1;
                    letter = from + 1;
                }
                _ => return false,
            }
        }
    }

    /// How narrow it is (contract space 7.4): `*` is 0; a pattern without wildcards has its length and 100; any other its
    /// literal characters, less 2 for each `*`.
    pub(crate) fn specificity(&self) -> i64 {
        let count = |wanted: fn(&Part) -> bool| {
            i64::try_from(self.parts.iter().filter(|part| wanted(part)).count()).unwrap_or(i64::MAX)
        };
        let literals = count(|part| matches!(part, Part::Literal(_)));
        let runs = count(|part| *part == Part::Run);
        if self.parts.len() == 1 && runs == 1 {
            0
        } else if self.parts.iter().all(|part| matches!(part, Part::Literal(_))) {
            literals + 100
        } else {
            literals - 2 * runs
        }
    }

    /// Whether there is an address that matches.
    pub(crate) fn can_match_an_address(&self) -> bool {
        language::an_address(self).is_some()
    }

    /// Whether every address that matches `narrow` matches this one too. Also `false` when that takes too long to tell.
    pub(crate) fn covers(&self, narrow: &Self) -> bool {
        language::an_address_outside(narrow, self) == language::Search::None
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The class that begins at the bracket, and where it ends; nothing when it is not closed. A bracket that closes counts as a
/// member where it comes first.
fn class(letters: &[char], open: usize) -> Option<(Part, usize)> {
    let mut start = open + 1;
    let negated = letters.get(start) == Some(&'!');
    start += usize::from(negated);
    let close = letters.iter().skip(start + 1).position(|c| *c == ']')? + start + 1;
    let members = &letters[start..close];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < members.len() {
        if let [first, '-', last] = members[at..(at + 3).min(members.len())] {
            ranges.push((first, last));
            at += 3;
        } else {
            ranges.push((members[at], members[at]));
            at += 1;
        }
    }
    Some((Part::Class { negated, ranges }, close + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).matches(text)
    }

    #[test]
    fn patterns_match_as_in_a_shell_whatever_the_case() {
        for (pattern, text) in [
            ("*", ""),
            ("*@Acme.org", "ADA@acme.ORG"),
            ("ada@acme.org", "ada@acme.org"),
            ("a?a@*", "ada@acme.org"),
            ("[a-c]da@*", "bda@x"),
            ("[!a-c]da@*", "dda@x"),
            ("[]x]@*", "]@y"),
            ("[a@x", "[a@x"),
            ("*a*b*c", "xaybzc"),
            ("[a-]@x", "-@x"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("*@acme.org", "ada@acme.org.evil"),
            ("ada@acme.org", "ada@acmeXorg"),
            ("[!a-c]da@*", "ada@x"),
            ("*a*b", "ba"),
            ("?", ""),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn specificity_is_as_agreed() {
        for (pattern, expected) in [
            ("*", 0),
            ("ada@acme.org", 112),
            ("*@acme.org", 7),
            ("a*@*.org", 2),
            ("?@x", 2),
            ("**", -4),
        ] {
            assert_eq!(Pattern::new(pattern).specificity(), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_of_many_runs_takes_no_time() {
        let pattern = Pattern::new(&"*a".repeat(100));
        assert!(!pattern.matches(
            &"a".repeat(10_000).replace("aaaa", "aaab").repeat(2)[..9_000].replace('a', "b")
        ));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5_000))));
    }

    #[test]
    fn what_can_be_no_address_is_recognised() {
        for pattern in
            ["", "ada", "acme.org", "@", "a@", "@b", "a@b@c", "*@*@*", "a b@c", "[a-z]", "?"]
        {
            assert!(!Pattern::new(pattern).can_match_an_address(), "{pattern}");
        }
        for pattern in ["*", "???", "*acme*", "a[!x]b", "*@*", "ada@acme.org", "[a@]?[b@]?"] {
            assert!(Pattern::new(pattern).can_match_an_address(), "{pattern}");
        }
    }

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        for (wide, narrow) in [
            ("*", "ada@acme.org"),
            ("*@*", "*"),
            ("*@acme.org", "a*@acme.org"),
            ("[a-z]*@*", "ada@*"),
            ("?*@*.org", "*@*.org"),
            ("[!x]@y", "a@y"),
        ] {
            assert!(Pattern::new(wide).covers(&Pattern::new(narrow)), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("ada@acme.org", "*@acme.org"),
            ("*@acme.org", "*@acme.*"),
            ("[a-y]@x", "[a-z]@x"),
            ("a*@*", "?a@*"),
        ] {
            assert!(!Pattern::new(wide).covers(&Pattern::new(narrow)), "{wide} {narrow}");
        }
    }

    /// The meaning of a pattern, written down as briefly as possible.
    fn means(parts: &[Part], text: &[char]) -> bool {
        match (parts.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((Part::Run, rest)), _) => (0..=text.len()).any(|n| means(rest, &text[n..])),
            (Some((part, rest)), Some((c, after))) => part.takes(*c) && means(rest, after),
            _ => false,
        }
    }

    fn pattern() -> impl Strategy<Value = String> {
        r"([ab@*?]|\[a-b\]|\[!a\]|\[!@\]|\[){0,7}"
    }

    proptest! {
        #[test]
        fn matching_is_what_a_pattern_means(pattern in pattern(), text in "[ab@]{0,8}") {
            let pattern = Pattern::new(&pattern);
            let letters: Vec<char> = text.chars().collect();
            prop_assert_eq!(pattern.matches(&text), means(pattern.parts(), &letters));
        }

        #[test]
        fn text_without_wildcards_matches_itself_alone(text in "[a-z.@]{0,10}", other in "[a-z.@]{0,10}") {
            let pattern = Pattern::new(&text);
            prop_assert!(pattern.matches(&text.to_uppercase()));
            prop_assert_eq!(pattern.matches(&other), text == other);
        }

        #[test]
        fn an_address_that_is_said_to_match_does(pattern in pattern()) {
            let pattern = Pattern::new(&pattern);
            if let Some(address) = language::an_address(&pattern) {
                prop_assert!(pattern.matches(&address), "{} {}", pattern, address);
                prop_assert_eq!(address.matches('@').count(), 1);
            }
        }

        #[test]
        fn covering_is_told_right_both_ways(wide in pattern(), narrow in pattern(), address in "[abc]{1,4}@[abc]{1,4}") {
            let (wide, narrow) = (Pattern::new(&wide), Pattern::new(&narrow));
            match language::an_address_outside(&narrow, &wide) {
                language::Search::Found(outside) => {
                    prop_assert!(narrow.matches(&outside) && !wide.matches(&outside), "{}", outside);
                }
                language::Search::None => prop_assert!(!narrow.matches(&address) || wide.matches(&address)),
                language::Search::TooLong => {}
            }
        }

        #[test]
        fn any_text_is_a_pattern(text in r"\PC{0,30}", other in r"\PC{0,30}") {
            let pattern = Pattern::new(&text);
            pattern.matches(&other);
            pattern.can_match_an_address();
            pattern.covers(&Pattern::new(&other));
        }
    }
}
