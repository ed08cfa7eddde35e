//! Hostile nodes cost their own documents and a bounded amount of memory, and nobody is told that another said it.

use serde_json::{Value, json};

use super::tempers::Hostile;
use super::{Alone, LOCAL, chat, events, question};

/// Sources, the documents that are counted of each, and what is told of it; a source that fails has none.
const SOURCES: [(&str, u64, &str); 23] = [
    ("good", 1, ""),
    ("endless", 0, "Unexpected error: the endpoint's answer is too large"),
    ("endless-documents", 0, "Unexpected error: the endpoint's answer is too large"),
    ("endless-headers", 0, "Network error: "),
    ("endless-header", 0, "Network error: "),
    ("endless-promises", 0, "Request timed out"),
    ("endless-chunk", 0, "Unexpected error: the endpoint's answer is too large"),
    ("endless-error", 0, "HTTP 500: Internal Server Error"),
    ("drips", 0, "Request timed out"),
    ("bomb", 0, "Unexpected error: the endpoint's answer is too large"),
    ("brackets", 0, "Unexpected error: the endpoint's answer has too many parts"),
    ("deep", 0, "Unexpected error: the endpoint answered something other than JSON"),
    ("many", 5, ""),
    ("metadata", 1, ""),
    ("scores", 4, ""),
    ("liar", 1, ""),
    ("no-text", 0, "Unexpected error: the endpoint answered something other than JSON"),
    ("page", 0, "Unexpected error: the endpoint answered with a web page instead of JSON"),
    ("events", 0, "Unexpected error: the endpoint answered something other than JSON"),
    ("short", 0, "Network error: "),
    ("hangs-up", 0, "Network error: "),
    ("noise", 0, "Network error: "),
    ("nobody", 0, "HTTP 404: no such endpoint"),
];

const SETTINGS: [(&str, &str); 3] =
    [LOCAL, ("AGGREGATOR_RETRIEVAL_TIMEOUT", "4"), ("AGGREGATOR_MAX_DATA_SOURCES", "50")];

/// The most memory that a process has had, in bytes.
fn most_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says so");
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024
}

#[tokio::test]
async fn every_hostile_source_is_told_for_what_it_is_and_memory_stays_bounded() {
    let home = tempfile::tempdir().unwrap();
    let (alone, node) = (Alone::start(home.path(), &SETTINGS).await, Hostile::sources().await);
    let mut asked = question(&node.url, "model", &SOURCES.map(|(slug, ..)| slug));
    asked["retrieval_only"] = json!(true);
    asked["similarity_threshold"] = json!(0.0);
    let before = most_memory(alone.pid());
    let (status, answer) = chat(&alone, "/api/v1/chat", &asked).await;
    let grown = most_memory(alone.pid()) - before;
    assert_eq!(status, 200, "{answer}");
    for ((slug, documents, told), info) in
        SOURCES.iter().zip(answer["retrieval_info"].as_array().unwrap())
    {
        assert_eq!(info["path"], format!("ada/{slug}"));
        assert_eq!(info["documents_retrieved"], *documents, "{info}");
        let said = info["error_message"].as_str().unwrap_or_default();
        assert_eq!(said.is_empty(), told.is_empty(), "{info}");
        assert!(said.starts_with(told) && !said.contains("secret"), "{info}");
    }
    is_attributed(&answer["sources"]);
    assert!(grown < 96 << 20, "{} MiB", grown >> 20);
    assert_eq!(node.asked(), SOURCES.len(), "nothing that was sent is sent again");
}

/// Every text is under the name of the source that sent it.
fn is_attributed(sources: &Value) {
    for source in sources.as_object().expect("an object").values() {
        let text = source["content"].as_str().expect("a text");
        let from = match text {
            "The lighthouse is made of granite." => "ada/good",
            "I am of the good source." => "ada/liar",
            "Few words." => "ada/metadata",
            text if text.starts_with("Number 4") => "ada/many",
            "Null." | "A lie." => "ada/scores",
            other => panic!("nobody said {other:?} with a score that counts"),
        };
        assert_eq!(source["slug"], from, "{text}");
    }
}

#[tokio::test]
async fn the_same_sources_leave_a_streamed_answer_whole() {
    let home = tempfile::tempdir().unwrap();
    let (alone, node) = (Alone::start(home.path(), &SETTINGS).await, Hostile::sources().await);
    let mut asked = question(&node.url, "tight", &SOURCES.map(|(slug, ..)| slug));
    asked["similarity_threshold"] = json!(0.0);
    let told = events(&alone, "/api/v1/chat/stream", &asked).await;
    let count = |name: &str| told.iter().filter(|(event, _)| event == name).count();
    assert_eq!((count("source_complete"), count("done"), count("error")), (SOURCES.len(), 1, 0));
    is_attributed(&told.last().unwrap().1["sources"]);
}

/// Models, the text that reaches the caller (its beginning, of a long one), and the error that ends it.
const MODELS: [(&str, &str, &str); 11] = [
    ("tight", "Granite.", ""),
    ("early", "Granite.", ""),
    ("silent", "", ""),
    ("breaks", "Gra", "Model stream failed: out of memory"),
    ("endless-tokens", "aaaa", "Model stream failed: the endpoint's answer is too large"),
    ("endless-comments", "", "Model generation failed: the endpoint's answer is too large"),
    ("endless-line", "", "Model generation failed: a line of the endpoint's answer is too long"),
    ("no-text", "", "Model generation failed: the endpoint answered text that is not UTF-8"),
    ("brackets", "", "Model generation failed: a line of the endpoint's answer has too many parts"),
    ("page", "", "Model generation failed: Model request failed: HTTP 502 - Bad Gateway"),
    ("nobody", "", "Model generation failed: Model request failed: HTTP 404 - no such endpoint"),
];

#[tokio::test]
async fn every_hostile_model_ends_the_stream_with_one_word_about_it() {
    let home = tempfile::tempdir().unwrap();
    let (alone, node) = (Alone::start(home.path(), &SETTINGS).await, Hostile::models().await);
    for (slug, text, error) in MODELS {
        let told = events(&alone, "/api/v1/chat/stream", &question(&node.url, slug, &[])).await;
        let said: String = told.iter().filter_map(|(_, data)| data["content"].as_str()).collect();
        let is_said = if said.len() > 100 { said.starts_with(text) } else { said == text };
        assert!(is_said, "{slug}: {said:.100}");
        let terminal: Vec<_> =
            told.iter().filter(|(name, _)| ["done", "error"].contains(&name.as_str())).collect();
        assert_eq!(terminal.len(), 1, "{slug}");
        let message = terminal[0].1["message"].as_str().unwrap_or_default();
        assert_eq!(message, error, "{slug}");
    }
    assert!(most_memory(alone.pid()) < 128 << 20, "{} MiB", most_memory(alone.pid()) >> 20);
}

#[tokio::test]
async fn all_answers_together_hold_only_so_much_of_what_nodes_send() {
    let home = tempfile::tempdir().unwrap();
    let settings = [LOCAL, ("AGGREGATOR_MAX_HELD_BYTES", "100000")];
    let (alone, node) = (Alone::start(home.path(), &settings).await, Hostile::sources().await);
    let mut asked = question(&node.url, "model", &["metadata", "good"]);
    asked["retrieval_only"] = json!(true);
    for _ in 0..3 {
        let (_, answer) = chat(&alone, "/api/v1/chat", &asked).await;
        let told = &answer["retrieval_info"];
        let full = "there is no room for the endpoint's answer now, try again later";
        assert_eq!(told[0]["error_message"], format!("Unexpected error: {full}"));
    }
    asked["data_sources"].as_array_mut().unwrap().remove(0);
    let (_, answer) = chat(&alone, "/api/v1/chat", &asked).await;
    assert_eq!(answer["retrieval_info"][0]["status"], "success", "what was held is free again");
}
