//! What fits into a frame: some clients read lines of at most 64 KiB (contract aggregator 1.7.1).

use std::io;

use serde::Serialize;
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::chat::{SourceEntry, Sources};
use syfthub_core::wire::citation::CitedSpan;

/// The most bytes of a frame's JSON.
pub(super) const FRAME: usize = 60 * 1024;

/// Stands where a text was cut.
const CUT: &str = " […]";

/// At least as many bytes as `value` takes in a frame.
pub(super) fn size(value: &impl Serialize) -> usize {
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, value).expect("event payloads are plain structs");
    counted.0
}

/// Counts bytes. Those that begin a character which a frame may have to escape count as the escape.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let widest = bytes.iter().filter(|byte| matches!(byte, 0xc2 | 0xe2)).count();
        self.0 += bytes.len() + 4 * widest;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// As many of `items`, from the first, as fit into `budget` bytes.
fn fitting<T: Serialize>(items: &[T], budget: usize) -> usize {
    let mut left = budget;
    let fits = |item: &&T| {
        let size = size(item) + 1;
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    };
    items.iter().take_while(fits).count()
}

/// The first of `citations` that fit into `budget` bytes.
pub(super) fn citations(mut citations: Vec<CitedSpan>, budget: usize) -> Vec<CitedSpan> {
    citations.truncate(fitting(&citations, budget));
    citations
}

/// `citations` in pieces, each of which fits into a frame.
pub(super) fn pieces(mut citations: &[CitedSpan]) -> Vec<&[CitedSpan]> {
    let mut pieces = Vec::new();
    while !citations.is_empty() {
        // One alone fits: its texts are short.
        let (piece, rest) = citations.split_at(fitting(citations, FRAME - 100).max(1));
        pieces.push(piece);
        citations = rest;
    }
    pieces
}

/// The bill in about `budget` bytes: details are left out first, then entries from the last. The total stays.
pub(super) fn billing(mut billing: Billing, budget: usize) -> Billing {
    if size(&billing) > budget {
        billing.entries.iter_mut().for_each(|named| named.entry.details.clear());
        billing.entries.truncate(fitting(&billing.entries, budget));
    }
    billing
}

/// `text` in at most about `budget` bytes of JSON.
pub(super) fn text(mut text: String, budget: usize) -> String {
    cut(&mut text, budget);
    text
}

/// `sources` in at most `budget` bytes of JSON: the longest texts are cut first, and to the same length. Sources whose
/// names alone do not fit are left out, the worst first.
pub(super) fn sources(Sources(mut entries): Sources, budget: usize) -> Sources {
    let mut around: usize = entries.iter().map(|(title, entry)| overhead(title, entry)).sum();
    while around > budget / 4 * 3
        && let Some((title, entry)) = entries.pop()
    {
        around -= overhead(&title, &entry);
    }
    let mut sizes: Vec<usize> =
        entries.iter().map(|(_, entry)| json_size(&entry.content)).collect();
    let budget = budget.saturating_sub(around);
    if sizes.iter().sum::<usize>() <= budget {
        return Sources(entries);
    }
    sizes.sort_unstable();
    let level = level(&sizes, budget);
    for (_, entry) in &mut entries {
        cut(&mut entry.content, level);
    }
    Sources(entries)
}

/// The length to which the longest of `sizes`, which ascend, are cut so that all of them fit into `budget`.
fn level(sizes: &[usize], budget: usize) -> usize {
    let mut left = budget;
    for (n, &size) in sizes.iter().enumerate() {
        let share = left / (sizes.len() - n);
        if size > share {
            return share;
        }
        left -= size;
    }
    usize::MAX
}

fn cut(text: &mut String, level: usize) {
    if json_size(text) <= level {
        return;
    }
    let mark = if level < CUT.len() { "" } else { CUT };
    let mut left = level - mark.len();
    let fits = |&(_, c): &(usize, char)| {
        let size = char_size(c);
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    };
    let end = text.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
    text.truncate(end);
    text.push_str(mark);
}

fn overhead(title: &str, entry: &SourceEntry) -> usize {
    let named =
        json_size(title) + json_size(&entry.slug) + entry.document.as_deref().map_or(0, json_size);
    named + r#""":{"slug":"","content":"","document":"","score":-1.2345678901234567e-300},"#.len()
}

fn json_size(text: &str) -> usize {
    text.chars().map(char_size).sum()
}

fn char_size(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => 6,
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use syfthub_core::wire::billing::BillingEntry;
    use syfthub_core::wire::space::PolicyEntry;

    use super::*;

    fn given(contents: &[String]) -> Sources {
        let entry = |content: &String| SourceEntry {
            slug: "ada/notes".into(),
            content: content.clone(),
            document: Some("a.md".into()),
            score: Some(0.5),
        };
        let titled = |(n, content): (usize, &String)| (format!("T{n}"), entry(content));
        Sources(contents.iter().enumerate().map(titled).collect())
    }

    #[test]
    fn the_longest_texts_are_cut_first() {
        let Sources(entries) =
            sources(given(&["a".repeat(50), "b".repeat(5000), "c".repeat(9000)]), 1000);
        let lengths: Vec<usize> = entries.iter().map(|(_, entry)| entry.content.len()).collect();
        assert_eq!(lengths[0], 50);
        assert_eq!(lengths[1], lengths[2]);
        assert!(entries[2].1.content.ends_with(CUT));
    }

    #[test]
    fn sources_whose_names_do_not_fit_are_left_out_the_worst_first() {
        let Sources(entries) = sources(given(&vec!["text".to_owned(); 100]), 2000);
        assert!(entries.len() < 20 && !entries.is_empty());
        assert_eq!(entries[0].0, "T0");
    }

    #[test]
    fn a_bill_that_is_too_long_keeps_its_total() {
        let mut entry = PolicyEntry { policy_type: "accounting".into(), ..PolicyEntry::default() };
        entry.details.insert("note".into(), "x".repeat(200).into());
        let entries = vec![BillingEntry { source: "ada/notes".into(), entry }; 100];
        let whole = Billing { total_cost: Some(7.0), currency: None, entries };
        let fitted = billing(whole.clone(), 2000);
        assert!(size(&fitted) < 2100 && !fitted.entries.is_empty());
        assert_eq!(fitted.total_cost, Some(7.0));
        assert_eq!(billing(whole.clone(), 1 << 20), whole);
    }

    #[test]
    fn citations_come_in_pieces_that_fit_and_lack_none() {
        let span =
            |n| CitedSpan { document: n, title: "\u{1}".repeat(300), ..CitedSpan::default() };
        let all: Vec<CitedSpan> = (1..200).map(span).collect();
        let pieces = pieces(&all);
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| size(piece) <= FRAME));
        assert_eq!(pieces.concat(), all);
        assert!(citations(all, 10_000).len() < 6);
    }

    proptest! {
        #[test]
        fn what_is_bounded_fits(contents in prop::collection::vec(r#"([a-z"\\\n\x01é\u{2028}]){0,200}"#, 0..8), budget in 1500_usize..2500) {
            let whole = given(&contents);
            let json = |sources: &Sources| serde_json::to_string(sources).unwrap().len();
            let fitted = sources(whole.clone(), budget);
            prop_assert!(json(&fitted) <= budget, "{} > {budget}", json(&fitted));
            prop_assert_eq!(fitted.0.len(), contents.len());
            if json(&whole) + 100 * contents.len() <= budget {
                prop_assert_eq!(fitted, whole);
            }
        }

        #[test]
        fn a_size_is_never_too_small(text in r#"([a-z"\\\n\x01éぁ“\u{85}\u{2028}\u{1f600}]){0,50}"#) {
            let escaped = serde_json::to_string(&text).unwrap();
            let escaped = ["\u{85}", "\u{2028}"].iter().fold(escaped, |text, c| text.replace(c, "\\u0000"));
            prop_assert!(escaped.len() <= size(&text));
        }
    }
}
