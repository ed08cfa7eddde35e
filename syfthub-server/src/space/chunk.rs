//! Cuts a parsed document into chunks: along its sections first, inside a long section along paragraphs, lines and sentences.

use text_splitter::{ChunkConfig, TextSplitter};

use super::parse::{Parsed, Section};

/// Characters that a chunk holds at most when the dataset does not say otherwise: a passage that a person reads in one go.
pub(crate) const DEFAULT_SIZE: usize = 1200;

/// A section shorter than this part of the size is joined to its neighbour, as long as both fit.
const SMALL: usize = 4;

/// A passage as it is indexed, found and quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The headings above it, outermost first.
    pub(crate) headings: Vec<String>,
    /// Its text, at most the size asked for.
    pub(crate) text: String,
    /// The first and the last page it stands on, from 1.
    pub(crate) pages: Option<(u32, u32)>,
}

/// The chunks of a document in reading order, each of at most `size` characters.
pub(crate) fn split(document: Parsed, size: usize) -> Vec<Chunk> {
    let size = size.max(1);
    let splitter = TextSplitter::new(ChunkConfig::new(size));
    let mut chunks: Vec<Chunk> = Vec::new();
    for Section { headings, text, pages } in document.sections {
        let length = text.chars().count();
        if length > size {
            let pieces = splitter.chunks(&text).filter(|piece| !piece.trim().is_empty());
            chunks.extend(pieces.map(|piece| Chunk {
                headings: headings.clone(),
                text: piece.to_owned(),
                pages,
            }));
        } else {
            let next = Chunk { headings, text, pages };
            if let Some(next) = unless_joined(&mut chunks, next, length, size) {
                chunks.push(next);
            }
        }
    }
    chunks
}

/// Joins a section to the chunk before it when one of them is small, both fit, and they stand under the same top heading;
/// gives it back otherwise.
fn unless_joined(chunks: &mut [Chunk], next: Chunk, length: usize, size: usize) -> Option<Chunk> {
    let Some(last) = chunks.last_mut() else { return Some(next) };
    let before = last.text.chars().count();
    let small = length.min(before) < size / SMALL;
    if !small || before + 2 + length > size || last.headings.first() != next.headings.first() {
        return Some(next);
    }
    last.text.push_str("\n\n");
    last.text.push_str(&next.text);
    if length > before {
        last.headings = next.headings;
    }
    last.pages = last.pages.zip(next.pages).map(|((first, _), (_, end))| (first, end));
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(heading: &str, text: &str) -> Section {
        Section {
            headings: vec!["Top".to_owned(), heading.to_owned()],
            text: text.to_owned(),
            pages: None,
        }
    }

    #[test]
    fn sections_stay_whole_and_small_ones_join_their_neighbour() {
        let long = "word ".repeat(12);
        let sections =
            vec![section("a", "tiny"), section("b", long.trim()), section("c", long.trim())];
        let chunks = split(Parsed { title: None, sections }, 100);
        assert_eq!(chunks.len(), 2);
        assert_eq!(chunks[0].text, format!("tiny\n\n{}", long.trim()));
        assert_eq!(chunks[0].headings, ["Top", "b"]);
        assert_eq!(chunks[1].headings, ["Top", "c"]);
    }

    #[test]
    fn a_long_section_is_cut_between_its_paragraphs() {
        let text = format!("{}\n\n{}", "one ".repeat(20).trim(), "two ".repeat(20).trim());
        let chunks = split(Parsed { title: None, sections: vec![section("a", &text)] }, 100);
        assert_eq!(chunks.len(), 2);
        assert!(chunks[0].text.ends_with("one") && chunks[1].text.starts_with("two"), "{chunks:?}");
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_chunk_is_too_long(
            texts in prop::collection::vec("[a-zü]{1,9}([ \n.]{1,2}[a-zü]{1,9}){0,40}", 1..8),
            size in 10_usize..200,
        ) {
            let sections = texts.iter().map(|text| section("h", text)).collect();
            let chunks = split(Parsed { title: None, sections }, size);
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            let before: String = texts.iter().map(|text| letters(text)).collect();
            let after: String = chunks.iter().map(|chunk| letters(&chunk.text)).collect();
            prop_assert_eq!(before, after);
            prop_assert!(chunks.iter().all(|chunk| chunk.text.chars().count() <= size));
        }
    }
}
