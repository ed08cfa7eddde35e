//! How well a space finds, on a set of documents and questions that people judged: `quality/documents`, one subject a file,
//! and `quality/questions.json`. Many questions say in other words what their document says.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use super::bare::Bare;
use super::judged::{DEPTH, Judgements, ndcg, recall};
use crate::node::Node;
use crate::report::Section;

#[derive(Deserialize)]
struct Asked {
    question: String,
    /// Whether it avoids the words of its documents.
    #[serde(default)]
    paraphrased: bool,
    judged: Judgements,
}

/// Where the set is.
const SET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/bench/quality");

/// Measures the index library by itself, our search by words and, with a `model` directory, by meaning and by both.
pub(crate) async fn measure(
    program: &Path,
    folder: &Path,
    model: Option<&Path>,
) -> anyhow::Result<Vec<Section>> {
    let folder = folder.join("quality");
    let documents = Path::new(SET).join("documents");
    let questions: Vec<Asked> =
        serde_json::from_slice(&std::fs::read(Path::new(SET).join("questions.json"))?)?;
    let texts = texts(&documents)?;
    let files = texts.len();

    let mut cells = vec![head()];
    let bare = Bare::build(&folder.join("bare"), texts.into_iter())?;
    let rankings = questions.iter().map(|asked| bare.ask(&asked.question, DEPTH));
    cells.push(line(
        "the index library by itself",
        &questions,
        &rankings.collect::<Result<Vec<_>, _>>()?,
    ));

    let node = Node::start(program, &folder.join("state"), &[])?;
    let embedding = model.map(|model| json!({"provider": "local", "directory": model}));
    for (name, what, by) in [
        ("words", "ours, by words", "words"),
        ("meaning", "ours, by meaning", "meaning"),
        ("both", "ours, by both", "both"),
    ] {
        let more = match (by, &embedding) {
            ("words", _) => json!({}),
            (_, Some(embedding)) => json!({"searchBy": by, "embedding": embedding}),
            (_, None) => {
                cells.push(missing(what));
                continue;
            }
        };
        node.share(name, &documents, &more).await?;
        let mut rankings = Vec::new();
        for asked in &questions {
            rankings.push(node.ask(name, &asked.question, DEPTH).await?);
        }
        cells.push(line(what, &questions, &rankings));
    }
    let title = format!(
        "Quality of search: {} questions over {files} judged documents, {} of them in other words",
        questions.len(),
        questions.iter().filter(|asked| asked.paraphrased).count(),
    );
    Ok(vec![Section::of_cells(title, cells)])
}

/// The documents' names and texts.
fn texts(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        texts.push((name, std::fs::read_to_string(entry.path())?));
    }
    texts.sort();
    Ok(texts)
}

fn head() -> Vec<String> {
    ["search", "nDCG@10", "recall@10", "nDCG@10 in other words", "recall@10 in other words"]
        .map(str::to_owned)
        .into()
}

fn missing(what: &str) -> Vec<String> {
    let needs = "needs a model: --embedding-model or SYFTHUB_TEST_EMBEDDING_MODEL";
    vec![what.to_owned(), needs.to_owned(), String::new(), String::new(), String::new()]
}

fn line(what: &str, questions: &[Asked], rankings: &[Vec<String>]) -> Vec<String> {
    let judged: Vec<(&Asked, &Vec<String>)> = questions.iter().zip(rankings).collect();
    let mean = |measure: fn(&[String], &Judgements) -> f64, only: bool| {
        let chosen = judged.iter().filter(|(asked, _)| asked.paraphrased || !only);
        let values: Vec<f64> =
            chosen.map(|(asked, ranking)| measure(ranking, &asked.judged)).collect();
        #[expect(clippy::cast_precision_loss, reason = "some dozens of questions")]
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        format!("{mean:.3}")
    };
    vec![
        what.to_owned(),
        mean(ndcg, false),
        mean(recall, false),
        mean(ndcg, true),
        mean(recall, true),
    ]
}
