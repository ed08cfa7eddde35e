//! `syfthub space search`: a question to an endpoint here, by its owner.

use serde_json::{Value, json};
use syfthub_client::ErrorKind;
use syfthub_client::space::endpoints::Question;
use syfthub_client::space::parts::Part;
use syfthub_core::wire::space::{Document, QueryResponse};

use super::Scene;
use crate::args::SearchArgs;
use crate::commands::asking::prompt;
use crate::failure::{Missing, advise};
use crate::suggest::did_you_mean;

/// Characters of a document that a person sees.
const SHOWN: usize = 300;

/// Asks, and shows the documents with their scores, and the model's text when the endpoint gives one.
pub(super) async fn run(scene: &Scene<'_>, args: SearchArgs) -> anyhow::Result<()> {
    let mut question = Question::new(prompt(args.question).await?);
    question.limit = args.top_k;
    question.similarity_threshold = args.threshold;
    question.max_tokens = args.max_tokens;
    let (slug, answer) = ask(scene, &args.name, &question).await?;
    if scene.printer().is_json() {
        return Ok(scene.printer().success(as_json(&slug, answer))?);
    }
    print(scene, &answer)
}

/// The answer of the endpoint called `name`, or of one that gives documents of the dataset called so.
async fn ask(
    scene: &Scene<'_>,
    name: &str,
    question: &Question,
) -> anyhow::Result<(String, QueryResponse)> {
    let endpoints = scene.space.endpoints();
    match endpoints.query(name, question).await {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        answer => return Ok((name.to_owned(), answer?)),
    }
    let slug = match scene.space.datasets().get(name).await {
        Ok(dataset) => endpoint_of(scene, &dataset).await?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(nothing(scene, name).await?);
        }
        Err(error) => return Err(error.into()),
    };
    let answer = endpoints.query(&slug, question).await?;
    Ok((slug, answer))
}

/// The endpoint of the dataset that gives its documents with the least work.
async fn endpoint_of(scene: &Scene<'_>, dataset: &Part) -> anyhow::Result<String> {
    let all = scene.space.endpoints().list().await?;
    let mut giving: Vec<_> = all
        .into_iter()
        .filter(|one| one.dataset() == Some(dataset.id) && one.response_type != "summary")
        .collect();
    giving.sort_by_key(|one| one.response_type != "raw");
    giving.into_iter().next().map(|one| one.endpoint.slug).ok_or_else(|| {
        let missing = format!("no endpoint gives documents of the dataset {}", dataset.name);
        let hint = format!("syfthub space endpoint add {0} --dataset {0}", dataset.name);
        advise(Missing(missing).into(), hint)
    })
}

async fn nothing(scene: &Scene<'_>, name: &str) -> anyhow::Result<anyhow::Error> {
    let endpoints = scene.space.endpoints().list().await?;
    let datasets = scene.space.datasets().list().await?;
    let known = endpoints.iter().map(|one| one.slug.as_str());
    let known = known.chain(datasets.iter().map(|one| one.name.as_str()));
    let missing = format!("there is no endpoint or dataset `{name}`{}", did_you_mean(name, known));
    Ok(advise(Missing(missing).into(), "syfthub space endpoint ls"))
}

fn as_json(slug: &str, answer: QueryResponse) -> Value {
    let summary = answer.summary.map(|summary| summary.message.content);
    let documents = answer.references.map(|found| found.documents).unwrap_or_default();
    json!({"endpoint": slug, "summary": summary, "documents": documents})
}

fn print(scene: &Scene<'_>, answer: &QueryResponse) -> anyhow::Result<()> {
    let printer = scene.printer();
    if let Some(summary) = &answer.summary {
        printer.line(summary.message.content.trim_end())?;
    }
    let documents = answer.references.iter().flat_map(|found| &found.documents);
    let mut shown = 0;
    for document in documents {
        if shown > 0 || answer.summary.is_some() {
            printer.line("")?;
        }
        shown += 1;
        printer.line(format_args!(
            "[{shown}] {:.2}  {}",
            document.similarity_score,
            place(document)
        ))?;
        printer.line(excerpt(&document.content))?;
    }
    if shown == 0 && answer.summary.is_none() {
        printer.say("nothing was found");
    }
    Ok(())
}

/// Where a document stands: its file, and the heading or page in it.
fn place(document: &Document) -> String {
    let text = |key: &str| document.metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    let file =
        ["file_path", "file_name", "title", "url"].into_iter().map(text).find(|t| !t.is_empty());
    let file = file.unwrap_or(&document.document_id);
    match text("headings") {
        "" => file.to_owned(),
        headings => format!("{file}  {headings}"),
    }
}

/// The beginning of a document on one indented line.
fn excerpt(content: &str) -> String {
    let text = content.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("    {}…", &text[..end]),
        None => format!("    {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line_and_ends_between_characters() {
        assert_eq!(excerpt("# A\n\n  b"), "    # A b");
        let long = excerpt(&"é".repeat(400));
        assert_eq!(long.chars().count(), 4 + SHOWN + 1);
        assert!(long.ends_with('…'));
    }
}
