//! `syfthub query` and `syfthub trace`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use syfthub_core::EndpointPath;
use syfthub_core::wire::chat::OnDenied;
use syfthub_core::wire::space::Message;
use url::Url;

pub(super) const QUERY_EXAMPLES: &str = "Examples:
  syfthub query ada/extractive \"When was the lighthouse built?\" -s ada/notes -s bob/archive
  syfthub query ada/extractive \"Which is older?\" -s ada/notes=lighthouse -s ada/notes=ferry
  syfthub query ada/extractive \"And who built it?\" -s ada/notes --turn \"user:When was the lighthouse built?\" --turn assistant:1873
  syfthub query ada/extractive lighthouse -s ada/notes --retrieve-only
  syfthub query ada/extractive - -s ada/notes --direct --json-stream < question.txt";

pub(super) const TRACE_EXAMPLES: &str = "At a terminal the phases are drawn while they last; elsewhere, or with NO_COLOR set, they are told line by line.

Examples:
  syfthub trace ada/extractive \"When was the lighthouse built?\" -s ada/notes -s bob/archive
  syfthub trace ada/extractive \"When was the lighthouse built?\" -s ada/notes --direct --json";

/// A question: whom it goes to, and on which terms.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct AskArgs {
    /// The model that answers, written OWNER/SLUG
    pub(crate) model: EndpointPath,

    /// The question; - reads it from standard input
    pub(crate) prompt: String,

    /// A data source to ask, written OWNER/SLUG, or OWNER/SLUG=QUESTION to search it for something else; repeat for
    /// more
    #[arg(short, long = "source", value_name = "OWNER/SLUG[=QUESTION]")]
    pub(crate) sources: Vec<Source>,

    /// Stop when the documents are found: the model is not asked
    #[arg(long)]
    pub(crate) retrieve_only: bool,

    /// Address of the aggregator [default: the hub's own]
    #[arg(short, long, value_name = "URL")]
    pub(crate) aggregator: Option<Url>,

    /// Ask the spaces from here, without an aggregator
    #[arg(long, conflicts_with = "aggregator")]
    pub(crate) direct: bool,

    /// With --direct, also ask spaces on this machine and in its networks [default: when the hub is there too]
    #[arg(long, requires = "direct")]
    pub(crate) allow_private: bool,

    /// Documents from each source
    #[arg(short = 'k', long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) top_k: u32,

    /// Longest answer, in tokens
    #[arg(short, long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: u32,

    /// How freely the model words its answer, 0 to 2
    #[arg(short, long, value_name = "T", default_value_t = 0.7, value_parser = temperature)]
    pub(crate) temperature: f64,

    /// Least score of a document, 0 to 1
    #[arg(long, value_name = "SCORE", default_value_t = 0.5, value_parser = threshold)]
    pub(crate) threshold: f64,

    /// Instructions to the model, in place of the aggregator's own
    #[arg(long, value_name = "TEXT")]
    pub(crate) system: Option<String>,

    /// A turn before the question, written ROLE:TEXT where ROLE is user, assistant or system; repeat for more, oldest
    /// first
    #[arg(long = "turn", value_name = "ROLE:TEXT", value_parser = turn)]
    pub(crate) turns: Vec<Message>,

    /// File with turns before these: a JSON list of {"role", "content"}
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,

    /// What becomes of the answer when a source refuses you
    #[arg(long, value_name = "THEN", value_enum, default_value_t = Denied::Continue)]
    pub(crate) on_denied: Denied,

    /// Pay nobody: endpoints that charge refuse
    #[arg(long)]
    pub(crate) no_pay: bool,

    /// Give up after this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: Option<u64>,
}

/// `syfthub query`
#[derive(Debug, Args)]
#[command(after_help = QUERY_EXAMPLES)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,

    /// Print every event as one line of JSON as it happens; the last is `done` or `error`
    #[arg(long, conflicts_with_all = ["json", "verbose"])]
    pub(crate) json_stream: bool,

    /// Say what happens meanwhile
    #[arg(short = 'V', long)]
    pub(crate) verbose: bool,
}

/// `syfthub trace`
#[derive(Debug, Args)]
#[command(after_help = TRACE_EXAMPLES)]
pub(crate) struct TraceArgs {
    #[command(flatten)]
    pub(crate) ask: AskArgs,
}

/// A data source and, where it is not the prompt, what it is asked.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: EndpointPath,
    pub(crate) question: Option<String>,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, question) = match text.split_once('=') {
            Some((_, question)) if question.trim().is_empty() => {
                return Err("a question is expected after =".to_owned());
            }
            Some((path, question)) => (path, Some(question.to_owned())),
            None => (text, None),
        };
        let path = path.parse().map_err(|refusal: syfthub_core::Invalid| refusal.to_string())?;
        Ok(Self { path, question })
    }
}

/// What to do when a source refuses the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Denied {
    Continue,
    Fail,
}

impl From<Denied> for OnDenied {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Continue => Self::Continue,
            Denied::Fail => Self::Fail,
        }
    }
}

fn turn(text: &str) -> Result<Message, String> {
    match text.split_once(':') {
        Some((role @ ("user" | "assistant" | "system"), content)) => {
            Ok(Message::new(role, content.trim()))
        }
        _ => Err("user:TEXT, assistant:TEXT or system:TEXT is expected".to_owned()),
    }
}

fn temperature(text: &str) -> Result<f64, String> {
    number_within(text, 2.0)
}

pub(super) fn threshold(text: &str) -> Result<f64, String> {
    number_within(text, 1.0)
}

fn number_within(text: &str, max: f64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=max).contains(&number) => Ok(number),
        _ => Err(format!("a number from 0 to {max} is expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_may_be_asked_something_of_its_own() {
        let source: Source = "ada/notes=where = here".parse().unwrap();
        assert_eq!(
            (source.path.to_string().as_str(), source.question.as_deref()),
            ("ada/notes", Some("where = here"))
        );
        assert_eq!("ada/notes".parse::<Source>().unwrap().question, None);
        for wrong in ["ada/notes=", "ada", "=x"] {
            assert!(wrong.parse::<Source>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_turn_names_who_said_it() {
        assert_eq!(turn("user: a: b").unwrap(), Message::new("user", "a: b"));
        for wrong in ["hello", "Ada: hello", ""] {
            assert!(turn(wrong).is_err(), "{wrong}");
        }
    }
}
