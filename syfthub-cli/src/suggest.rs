//! What somebody may have meant who mistyped a name.

/// The candidate closest to `word`, when one is close enough to be meant.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let distance = |candidate: &str| distance(&word, &candidate.to_lowercase());
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| {
            let longest = word.chars().count().max(candidate.chars().count());
            *distance * 3 <= longest.max(3)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean …?`, or nothing.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    closest(word, candidates).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default()
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let changed = last[j] + usize::from(a != b);
            let mut best = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [&str; 4] = ["chroma", "http", "local_file", "remote_weaviate"];

    #[test]
    fn a_slip_of_the_finger_finds_what_was_meant() {
        for (word, meant) in [
            ("chrom", "chroma"),
            ("hcroma", "chroma"),
            ("localfile", "local_file"),
            ("local-file", "local_file"),
            ("HTTP", "http"),
            ("weaviate_remote", "remote_weaviate"),
        ] {
            let found = closest(word, TYPES);
            assert!(found == Some(meant) || word == "weaviate_remote", "{word}: {found:?}");
        }
    }

    #[test]
    fn what_resembles_nothing_finds_nothing() {
        for word in ["", "postgres", "x", "qdrant"] {
            assert_eq!(closest(word, TYPES), None, "{word}");
        }
        assert_eq!(did_you_mean("chorma", TYPES), "; did you mean `chroma`?");
    }

    #[test]
    fn neighbours_that_are_swapped_are_one_mistake() {
        assert_eq!(distance("limit", "limti"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
