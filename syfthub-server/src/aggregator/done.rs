//! The last frame of an answer.

use std::collections::BTreeMap;

use serde::Serialize;
use syfthub_core::rag::{Answer, SourceReport};
use syfthub_core::wire::billing::Billing;
use syfthub_core::wire::chat::{Sources, Timings, Usage};
use syfthub_core::wire::citation::CitedSpan;

use super::bounds;
use super::profile::Profile;

/// The most bytes of the annotated text; a longer one is left out, since clients have the text already.
const RESPONSE: usize = 16 * 1024;

/// The most bytes of the citations; of more, the first are told.
const CITATIONS: usize = 12 * 1024;

/// The most bytes of the bill.
const BILLING: usize = 8 * 1024;

/// What is known at the end of an answer, without a null.
#[derive(Serialize)]
pub(super) struct Done {
    sources: Sources,
    retrieval_info: Vec<Report>,
    metadata: Timings,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    citations: Vec<CitedSpan>,
    /// The annotated text, under the name that clients know.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profit_share: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing: Option<Billing>,
}

#[derive(Serialize)]
struct Report {
    path: String,
    documents_retrieved: usize,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

impl Done {
    /// The end of `answer` for a client of `profile`, in one frame: documents get the room that the rest leaves.
    pub(super) fn of(answer: Answer, profile: Profile) -> Self {
        let report = |report: SourceReport| Report {
            status: profile.status(report.status).as_str(),
            path: report.path,
            documents_retrieved: report.documents,
            error_message: report.error_message,
        };
        let mut done = Self {
            sources: Sources::default(),
            retrieval_info: answer.retrieval_info.into_iter().map(report).collect(),
            metadata: answer.timings,
            usage: answer.usage,
            citations: bounds::citations(answer.citations, CITATIONS),
            response: answer.annotated.filter(|text| bounds::size(text) <= RESPONSE),
            profit_share: answer.profit_share,
            billing: answer.billing.map(|billing| bounds::billing(billing, BILLING)),
        };
        let left = bounds::FRAME.saturating_sub(bounds::size(&done));
        done.sources = bounds::sources(answer.sources, left);
        done
    }
}
