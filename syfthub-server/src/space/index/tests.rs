use super::*;
use crate::space::passage::{Change, Passage};

fn passage(path: &str, title: &str, text: &str) -> Passage {
    Passage {
        id: format!("{path}_0"),
        title: title.to_owned(),
        headings: String::new(),
        path: path.to_owned(),
        text: text.to_owned(),
        chunk_index: 0,
        chunk_count: 1,
        pages: None,
        file_type: "md".to_owned(),
        file_size: text.len() as u64,
        metadata: serde_json::Map::new(),
    }
}

fn index(files: &[(&str, &str, &str)]) -> (tempfile::TempDir, PassageIndex) {
    let directory = tempfile::tempdir().unwrap();
    let (index, opened) = PassageIndex::open(&directory.path().join("i")).unwrap();
    assert_eq!(opened, Opened::Empty);
    let mut writer = index.writer().unwrap();
    for (path, title, text) in files {
        let passages = vec![passage(path, title, text)];
        writer.apply(Change::Replace { source: (*path).to_owned(), passages }).unwrap();
    }
    writer.commit().unwrap();
    (directory, index)
}

fn paths(index: &PassageIndex, question: &str) -> Vec<String> {
    index.search(question, 10, 0.0).unwrap().into_iter().map(|hit| hit.path).collect()
}

const PERMITS: [(&str, &str, &str); 3] = [
    ("night.md", "Night work", "Permit N-4 covers night work on public roads between ten and six."),
    ("day.md", "Day work", "Day work on public roads needs no permit of its own, only a notice."),
    (
        "fees.md",
        "Fees",
        "A notice costs nothing. A licence costs forty units, paid at the town hall.",
    ),
];

#[test]
fn the_best_passage_comes_first_and_scores_stay_between_0_and_1() {
    let (_directory, index) = index(&PERMITS);
    let hits = index.search("Which permit covers night work?", 10, 0.0).unwrap();
    assert_eq!(hits[0].path, "night.md");
    assert!(hits[0].score > 0.6, "{}", hits[0].score);
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert!(hits.iter().all(|hit| (0.0..=1.0).contains(&hit.score)));
}

#[test]
fn the_default_threshold_keeps_the_answer_and_drops_the_noise() {
    let (_directory, index) = index(&PERMITS);
    let kept = index.search("Which permit covers night work?", 10, 0.5).unwrap();
    assert_eq!(kept.iter().map(|hit| hit.path.as_str()).collect::<Vec<_>>(), ["night.md"]);
    assert!(
        index.search("How do I install Kubernetes on a mainframe?", 10, 0.5).unwrap().is_empty()
    );
}

#[test]
fn a_replaced_file_leaves_no_old_passage() {
    let (_directory, index) = index(&PERMITS);
    let mut writer = index.writer().unwrap();
    let passages = vec![passage("night.md", "Night work", "Nothing is allowed at night.")];
    writer.apply(Change::Replace { source: "night.md".to_owned(), passages }).unwrap();
    writer.apply(Change::Remove { source: "fees.md".to_owned() }).unwrap();
    assert_eq!(paths(&index, "licence"), ["fees.md"], "nothing changes before the commit");
    writer.commit().unwrap();
    assert!(paths(&index, "N-4 covers").is_empty());
    assert!(paths(&index, "licence").is_empty());
    assert_eq!(index.len(), 2);
}

#[test]
fn an_identifier_found_whole_ranks_above_its_parts() {
    let apart = "The cache of the lru kind is big, and so on and so forth, lru here, cache there.";
    let whole = "Wrap the function with lru_cache and the results are kept and so on and so forth.";
    let (_directory, index) = index(&[("apart.md", "", apart), ("whole.md", "", whole)]);
    assert_eq!(paths(&index, "what is lru_cache")[0], "whole.md");
}

#[test]
fn a_title_says_more_than_the_text() {
    let (_directory, index) = index(&[
        ("a.md", "Other things", "zebra and other animals of the plain live here in peace"),
        ("b.md", "Zebra", "this animal of the plain lives here in peace and is striped"),
    ]);
    assert_eq!(paths(&index, "zebra")[0], "b.md");
}

#[test]
fn an_index_is_found_again_and_a_damaged_one_is_replaced() {
    let (directory, index) = index(&PERMITS);
    let place = directory.path().join("i");
    drop(index);
    let (again, opened) = PassageIndex::open(&place).unwrap();
    assert_eq!((opened, again.len()), (Opened::Existing, 3));
    drop(again);
    std::fs::write(place.join("meta.json"), "{").unwrap();
    let (empty, opened) = PassageIndex::open(&place).unwrap();
    assert_eq!((opened, empty.len()), (Opened::Empty, 0));
}

#[test]
fn a_question_without_words_and_a_very_long_one_are_answered() {
    let (_directory, index) = index(&PERMITS);
    assert!(paths(&index, "?! …").is_empty());
    assert!(paths(&index, "").is_empty());
    let long = format!("{} night permit", "filler words of every kind ".repeat(20_000));
    assert!(!paths(&index, &long).is_empty());
}
