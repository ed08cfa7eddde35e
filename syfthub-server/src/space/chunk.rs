//! Cuts a document into chunks: along its sections first, inside a long section along paragraphs, lines and sentences.
//!
//! The length of a chunk is counted in tokens, because that is what models bound; [`tokens`] says how they are estimated.

use serde::{Deserialize, Serialize};
use text_splitter::{ChunkConfig, ChunkSizer, TextSplitter};

use super::parse::Section;

/// Tokens of a chunk when the dataset does not say otherwise: what small embedding models read at once, and a passage that a
/// person reads in one go.
pub(crate) const DEFAULT_TOKENS: usize = 256;

/// Tokens that a chunk repeats of the one before it when the dataset does not say otherwise. Neighbours are found through
/// each other, so nothing has to stand twice.
pub(crate) const DEFAULT_OVERLAP: usize = 0;

/// A section shorter than this part of a chunk is joined to its neighbour, as long as both fit.
const SMALL: usize = 4;

/// Letters that one token of an ordinary word covers.
const LETTERS: usize = 6;

/// The same for words with letters outside ASCII, which vocabularies know less well.
const OTHER_LETTERS: usize = 3;

/// How long chunks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cut {
    /// The most tokens of a chunk.
    pub(crate) tokens: usize,
    /// Tokens that the chunks of one long section share with their neighbour, at most; less than half of `tokens`.
    pub(crate) overlap: usize,
}

impl Default for Cut {
    fn default() -> Self {
        Self { tokens: DEFAULT_TOKENS, overlap: DEFAULT_OVERLAP }
    }
}

/// A passage as it is indexed, found and quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chunk {
    /// The headings above it, outermost first.
    pub(crate) headings: Vec<String>,
    /// Its text, at most the tokens asked for.
    pub(crate) text: String,
    /// The first and the last page it stands on, from 1.
    pub(crate) pages: Option<(u32, u32)>,
}

/// The chunks of a document in reading order.
pub(crate) fn split(sections: Vec<Section>, cut: Cut) -> Vec<Chunk> {
    let most = cut.tokens.max(1);
    let overlap = cut.overlap.min(most.saturating_sub(1) / 2);
    let config = ChunkConfig::new(most).with_sizer(Tokens).with_overlap(overlap);
    let splitter = TextSplitter::new(config.expect("the overlap is less than half of a chunk"));
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut last = 0;
    for Section { headings, text, pages } in sections {
        let length = tokens(&text);
        if length > most {
            let pieces = splitter.chunks(&text).filter(|piece| !piece.trim().is_empty());
            chunks.extend(pieces.map(|piece| Chunk {
                headings: headings.clone(),
                text: piece.to_owned(),
                pages,
            }));
            last = chunks.last().map_or(0, |chunk| tokens(&chunk.text));
        } else if let Some(chunk) = chunks.last_mut().filter(|chunk| {
            length.min(last) < most / SMALL
                && last + length <= most
                && chunk.headings.first() == headings.first()
        }) {
            join(chunk, Chunk { headings, text, pages }, length > last);
            last += length;
        } else {
            chunks.push(Chunk { headings, text, pages });
            last = length;
        }
    }
    chunks
}

/// Puts a section behind another one; the longer of the two gives the headings.
fn join(chunk: &mut Chunk, next: Chunk, is_longer: bool) {
    chunk.text.push_str("\n\n");
    chunk.text.push_str(&next.text);
    if is_longer {
        chunk.headings = next.headings;
    }
    chunk.pages = match (chunk.pages, next.pages) {
        (Some((first, _)), Some((_, last))) => Some((first, last)),
        (one, other) => one.or(other),
    };
}

/// About how many tokens a text is, without any model's vocabulary: a word of ASCII letters is one token per six letters, one
/// with other letters one per three; a number is one per three digits; a letter of a script without spaces between words,
/// and every other mark, is one. For English prose that is about what `WordPiece` and byte-pair vocabularies count; for code,
/// tables and other languages it is rather too many than too few.
pub(crate) fn tokens(text: &str) -> usize {
    let mut count = 0;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        if c.is_whitespace() {
            continue;
        }
        count += 1;
        let kind = Kind::of(c);
        let covered = match kind {
            Kind::Word => LETTERS,
            Kind::OtherWord | Kind::Digit => OTHER_LETTERS,
            Kind::Single => continue,
        };
        let mut run = 1;
        while letters.next_if(|next| Kind::of(*next) == kind).is_some() {
            run += 1;
        }
        count += (run - 1) / covered;
    }
    count
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    OtherWord,
    Digit,
    Single,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' | 'A'..='Z' => Self::Word,
            '0'..='9' => Self::Digit,
            // Thai and Lao, Tibetan, Burmese, Khmer, and everything from the radicals of Chinese onwards.
            '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'.. => Self::Single,
            c if c.is_alphabetic() => Self::OtherWord,
            _ => Self::Single,
        }
    }
}

struct Tokens;

impl ChunkSizer for Tokens {
    fn size(&self, chunk: &str) -> usize {
        tokens(chunk)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(heading: &str, text: &str) -> Section {
        let headings = vec!["Top".to_owned(), heading.to_owned()];
        Section { headings, text: text.to_owned(), pages: None }
    }

    fn cut(tokens: usize) -> Cut {
        Cut { tokens, overlap: 0 }
    }

    #[test]
    fn sections_stay_whole_and_small_ones_join_their_neighbour() {
        let long = "word ".repeat(12);
        let sections =
            vec![section("a", "tiny"), section("b", long.trim()), section("c", long.trim())];
        let chunks = split(sections, cut(20));
        assert_eq!(chunks.len(), 2);
        assert_eq!(chunks[0].text, format!("tiny\n\n{}", long.trim()));
        assert_eq!(chunks[0].headings, ["Top", "b"]);
        assert_eq!(chunks[1].headings, ["Top", "c"]);
    }

    #[test]
    fn a_joined_chunk_stands_on_all_pages_of_its_parts() {
        let page = |number| Section {
            headings: Vec::new(),
            text: "few words".to_owned(),
            pages: Some((number, number)),
        };
        let chunks = split(vec![page(3), page(4), page(5)], cut(20));
        assert_eq!(chunks.iter().map(|chunk| chunk.pages).collect::<Vec<_>>(), [Some((3, 5))]);
    }

    #[test]
    fn a_long_section_is_cut_between_its_paragraphs() {
        let text = format!("{}\n\n{}", "one ".repeat(15).trim(), "two ".repeat(15).trim());
        let chunks = split(vec![section("a", &text)], cut(20));
        assert_eq!(chunks.len(), 2);
        assert!(chunks[0].text.ends_with("one") && chunks[1].text.starts_with("two"), "{chunks:?}");
    }

    #[test]
    fn chunks_of_a_long_section_overlap_when_asked() {
        let text: Vec<String> = (0..60).map(|n| format!("w{n}x")).collect();
        let chunks = split(vec![section("a", &text.join(" "))], Cut { tokens: 30, overlap: 9 });
        for pair in chunks.windows(2) {
            let last = pair[0].text.rsplit(' ').next().unwrap();
            assert!(pair[1].text.contains(last) && !pair[1].text.starts_with(last), "{pair:?}");
        }
    }

    #[test]
    fn tokens_are_estimated_for_words_numbers_marks_and_scripts() {
        for (text, expected) in [
            ("", 0),
            ("The permit covers night work.", 6),
            ("internationalization", 4),
            ("1234567", 3),
            ("Straße", 3),
            ("разрешение", 4),
            ("許可証は夜間", 6),
            ("a_b(c);", 7),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_chunk_is_too_long(
            texts in prop::collection::vec("[a-zü]{1,9}([ \n.]{1,2}[a-zü]{1,9}){0,40}", 1..8),
            size in 4_usize..60,
        ) {
            let sections = texts.iter().map(|text| section("h", text)).collect();
            let chunks = split(sections, cut(size));
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let before: String = texts.iter().map(|text| letters(text)).collect();
            let after: String = chunks.iter().map(|chunk| letters(&chunk.text)).collect();
            prop_assert_eq!(before, after);
            prop_assert!(chunks.iter().all(|chunk| tokens(&chunk.text) <= size), "{:?}", chunks);
        }

        #[test]
        fn overlapping_chunks_hold_every_word_and_stay_short(
            words in prop::collection::vec("[a-z]{1,9}", 1..120), size in 10_usize..60, overlap in 0_usize..80,
        ) {
            let chunks = split(vec![section("h", &words.join(" "))], Cut { tokens: size, overlap });
            prop_assert!(chunks.iter().all(|chunk| tokens(&chunk.text) <= size));
            let found: std::collections::BTreeSet<&str> = chunks.iter().flat_map(|chunk| chunk.text.split(' ')).collect();
            prop_assert!(words.iter().all(|word| found.contains(word.as_str())));
        }

        #[test]
        fn any_text_at_all_is_cut(text in "\\PC{0,400}", size in 1_usize..20) {
            split(vec![section("h", &text)], cut(size));
        }
    }
}
