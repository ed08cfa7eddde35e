use proptest::prelude::*;
use serde_json::json;
use syfthub_core::wire::filter::Filter;

use super::*;
use crate::space::embed::Scale;
use crate::space::passage::Passage;

/// What a test says of a passage; the rest follows.
fn passage(path: &str, title: &str, text: &str) -> Passage {
    Passage {
        id: format!("{path}_0"),
        title: title.to_owned(),
        path: path.to_owned(),
        text: text.to_owned(),
        chunk_count: 1,
        file_type: path.rsplit('.').next().unwrap_or_default().to_owned(),
        file_size: text.len() as u64,
        ..Passage::default()
    }
}

fn index(files: &[(&str, &str, &str)]) -> (tempfile::TempDir, PassageIndex) {
    let directory = tempfile::tempdir().unwrap();
    let index = PassageIndex::open(&directory.path().join("i"), None).unwrap();
    let mut writer = index.writer().unwrap();
    for (path, title, text) in files {
        writer.replace(path, &[passage(path, title, text)], &[]).unwrap();
    }
    writer.commit().unwrap();
    (directory, index)
}

fn words(question: &str) -> Asked {
    Asked::words(question)
}

fn found(index: &PassageIndex, asked: &Asked) -> Vec<String> {
    index.search(asked).unwrap().into_iter().map(|hit| hit.passage.path).collect()
}

fn paths(index: &PassageIndex, question: &str) -> Vec<String> {
    found(index, &words(question))
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
    let hits = index.search(&words("Which permit covers night work?")).unwrap();
    assert_eq!(hits[0].passage.path, "night.md");
    assert!(hits[0].score > 0.6, "{}", hits[0].score);
    assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert!(hits.iter().all(|hit| (0.0..=1.0).contains(&hit.score)));
}

#[test]
fn the_default_threshold_keeps_the_answer_and_drops_the_noise() {
    let (_directory, index) = index(&PERMITS);
    let asked = |question| Asked { threshold: 0.5, ..words(question) };
    assert_eq!(found(&index, &asked("Which permit covers night work?")), ["night.md"]);
    assert!(found(&index, &asked("How do I install Kubernetes on a mainframe?")).is_empty());
}

#[test]
fn a_replaced_file_leaves_no_old_passage() {
    let (_directory, index) = index(&PERMITS);
    let mut writer = index.writer().unwrap();
    let passages = [passage("night.md", "Night work", "Nothing is allowed at night.")];
    writer.replace("night.md", &passages, &[]).unwrap();
    writer.remove("fees.md");
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
    let again = PassageIndex::open(&place, None).unwrap();
    assert_eq!(again.len(), 3);
    drop(again);
    std::fs::write(place.join("meta.json"), "{").unwrap();
    assert_eq!(PassageIndex::open(&place, None).unwrap().len(), 0);
}

#[test]
fn a_question_without_words_and_a_very_long_one_are_answered() {
    let (_directory, index) = index(&PERMITS);
    assert!(paths(&index, "?! …").is_empty());
    assert!(paths(&index, "").is_empty());
    let long = format!("{} night permit", "filler words of every kind ".repeat(20_000));
    assert!(!paths(&index, &long).is_empty());
}

fn chunks(path: &str, texts: &[&str]) -> Vec<Passage> {
    let chunk = |(text, n): (&&str, u64)| Passage {
        id: format!("{path}_{n}"),
        chunk_index: n,
        chunk_count: texts.len() as u64,
        pages: Some((1, 1)).filter(|_| n == 0).or(Some((2, 3))),
        metadata: json!({"author": "Ada", "year": 2020 + n}).as_object().cloned().unwrap(),
        ..passage(path, "", text)
    };
    texts.iter().zip(0..).map(chunk).collect()
}

#[test]
fn a_hit_brings_its_neighbours_unless_they_are_hits_themselves() {
    let (_directory, index) = index(&PERMITS);
    let mut writer = index.writer().unwrap();
    let passages = chunks("book.md", &["before it all", "a walrus", "another walrus", "the end"]);
    writer.replace("book.md", &passages, &[]).unwrap();
    writer.commit().unwrap();
    let hits = index.search(&words("walrus")).unwrap();
    let first = hits.iter().find(|hit| hit.passage.chunk_index == 1).unwrap();
    let named = |id: &str, text: Option<&str>| {
        Some(Neighbour { id: id.to_owned(), text: text.map(str::to_owned) })
    };
    assert_eq!(first.previous, named("book.md_0", Some("before it all")));
    assert_eq!(first.next, named("book.md_2", None));
    let ends = index.search(&words("end")).unwrap();
    assert_eq!(
        (ends[0].previous.clone(), ends[0].next.clone()),
        (named("book.md_2", Some("another walrus")), None)
    );
}

#[test]
fn a_neighbour_in_another_segment_is_found() {
    let (_directory, index) = index(&[]);
    let passages = chunks("book.md", &["one walrus", "two"]);
    for passage in passages {
        let mut writer = index.writer().unwrap();
        let source = passage.id.clone();
        writer.replace(&source, &[passage], &[]).unwrap();
        writer.commit().unwrap();
    }
    let hits = index.search(&words("walrus")).unwrap();
    let next = hits[0].next.clone().unwrap();
    assert_eq!((next.id.as_str(), next.text.as_deref()), ("book.md_1", Some("two")));
}

#[test]
fn a_filter_is_applied_before_the_best_are_picked() {
    let (_directory, index) = index(&[]);
    let mut writer = index.writer().unwrap();
    for n in 0..50 {
        let path = format!("strong-{n}.md");
        writer.replace(&path, &[passage(&path, "Otter", "otter otter otter")], &[]).unwrap();
    }
    writer
        .replace(
            "weak.pdf",
            &chunks("weak.pdf", &["nothing", "an otter, once, in a long text"]),
            &[],
        )
        .unwrap();
    writer.commit().unwrap();
    let found = |filter: serde_json::Value| {
        let filters = syfthub_core::input::parse::<Filter>(&filter, "body").unwrap();
        found(&index, &Asked { limit: 1, filters: Some(filters), ..words("otter") })
    };
    let condition = |property: &str, op: &str, value: serde_json::Value| json!({"type": "condition", "property": property, "op": op, "value": value});
    for filter in [
        condition("file_type", "eq", json!("pdf")),
        condition("file_name", "like", json!("w*.pdf")),
        condition("page_numbers", "contains_any", json!([3, 7])),
        condition("page_numbers", "contains_all", json!([2, 3])),
        condition("year", "gte", json!(2021)),
        condition("author", "is_none", json!(false)),
        json!({"type": "group", "op": "not", "operands": [condition("author", "is_none", json!(true))]}),
    ] {
        assert_eq!(found(filter.clone()), ["weak.pdf"], "{filter}");
    }
    assert!(found(condition("year", "gt", json!(2021))).is_empty());
    assert!(found(condition("nonsense", "eq", json!(1))).is_empty());
}

const DIMENSIONS: usize = 8;

/// A unit vector along one axis, leaning a little towards the next.
fn axis(n: usize, lean: f32) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    vector[n % DIMENSIONS] = (1.0 - lean * lean).sqrt();
    vector[(n + 1) % DIMENSIONS] = lean;
    vector
}

fn meaning(vector: Vec<f32>) -> Meaning {
    Meaning { vector, scale: Scale { unrelated: 0.0, answer: 0.7 } }
}

#[test]
fn what_means_the_same_is_found_without_a_common_word() {
    let directory = tempfile::tempdir().unwrap();
    let index = PassageIndex::open(directory.path(), Some("m")).unwrap();
    let mut writer = index.writer().unwrap();
    writer.replace("a", &[passage("a.md", "", "the physician is in")], &[axis(0, 0.1)]).unwrap();
    writer.replace("b", &[passage("b.md", "", "a doctor of letters")], &[axis(3, 0.0)]).unwrap();
    writer.commit().unwrap();
    let asked = Asked { meaning: Some(meaning(axis(0, 0.0))), ..words("doctor here?") };
    let hits = index.search(&asked).unwrap();
    assert_eq!(
        hits.iter().map(|hit| hit.passage.path.as_str()).collect::<Vec<_>>(),
        ["a.md", "b.md"]
    );
    let filters =
        json!({"type": "condition", "property": "file_name", "op": "ne", "value": "a.md"});
    let filters = syfthub_core::input::parse::<Filter>(&filters, "body").unwrap();
    assert_eq!(found(&index, &Asked { filters: Some(filters), ..asked }), ["b.md"]);
}

#[test]
fn vectors_of_another_model_are_dropped_and_words_still_find() {
    let directory = tempfile::tempdir().unwrap();
    let asked = || Asked { meaning: Some(meaning(axis(0, 0.0))), ..words("nothing in common") };
    let write = |index: &PassageIndex, vector| {
        let mut writer = index.writer().unwrap();
        writer.replace("a", &[passage("a.md", "", "some words")], &[vector]).unwrap();
        writer.commit().unwrap();
    };
    let index = PassageIndex::open(directory.path(), Some("one")).unwrap();
    write(&index, axis(0, 0.0));
    assert_eq!(found(&index, &asked()), ["a.md"]);
    drop(index);
    let index = PassageIndex::open(directory.path(), Some("one")).unwrap();
    assert_eq!(found(&index, &asked()), ["a.md"], "the same model's vectors stay");
    drop(index);
    let index = PassageIndex::open(directory.path(), Some("two")).unwrap();
    assert!(found(&index, &asked()).is_empty());
    assert_eq!(paths(&index, "words"), ["a.md"]);
    write(&index, axis(0, 0.2));
    assert_eq!(found(&index, &asked()), ["a.md"]);
}

#[test]
fn rows_without_a_commit_do_not_count_and_are_used_again() {
    let directory = tempfile::tempdir().unwrap();
    let index = PassageIndex::open(directory.path(), Some("m")).unwrap();
    let size = || std::fs::metadata(directory.path().join("vectors-0.i8")).unwrap().len();
    for round in 0..5 {
        let mut writer = index.writer().unwrap();
        let text = format!("round {round}");
        writer.replace("a", &[passage("a.md", "", &text)], &[axis(round, 0.0)]).unwrap();
        if round % 2 == 0 {
            writer.commit().unwrap();
        }
        // The others crash before their commit.
    }
    assert!(size() <= 2 * (DIMENSIONS as u64 + 4), "{}", size());
    let asked = Asked { meaning: Some(meaning(axis(4, 0.0))), ..words("nothing in common") };
    assert_eq!(index.search(&asked).unwrap()[0].passage.text, "round 4");
    drop(index);
    PassageIndex::open(directory.path(), None).unwrap();
    assert!(!directory.path().join("vectors-0.i8").exists(), "nothing is embedded any more");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn after_any_changes_search_by_meaning_finds_what_is_committed(
        changes in prop::collection::vec((0_usize..6, 0_usize..DIMENSIONS, any::<bool>()), 1..24),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let index = PassageIndex::open(directory.path(), Some("m")).unwrap();
        let mut truth: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
        for batch in changes.chunks(5) {
            let mut writer = index.writer().unwrap();
            for (file, direction, stays) in batch {
                let path = format!("{file}.md");
                if *stays {
                    let passages = [passage(&path, "", "text")];
                    writer.replace(&path, &passages, &[axis(*direction, 0.0)]).unwrap();
                    truth.insert(*file, *direction);
                } else {
                    writer.remove(&path);
                    truth.remove(file);
                }
            }
            writer.commit().unwrap();
        }
        for direction in 0..DIMENSIONS {
            let asked = Asked { meaning: Some(meaning(axis(direction, 0.0))), threshold: 0.9, ..words("") };
            let mut found = found(&index, &asked);
            found.sort();
            let expected: Vec<String> =
                truth.iter().filter(|(_, at)| **at == direction).map(|(file, _)| format!("{file}.md")).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
