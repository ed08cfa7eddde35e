//! `metrics.md`: the series of `/metrics`.

use std::fmt::Write as _;

use super::cell;

const HEAD: &str = "# Metrics

Every series at `/metrics`, in the text format of Prometheus. Labels never hold what strangers choose: `route` is the template of
the path, or `unmatched`. Series whose names end in `_seconds` are histograms, those that end in `_total` only grow.

| series | labels | what it counts |
|---|---|---|
";

/// A series, its labels, and what it counts.
type Series = (&'static str, &'static str, &'static str);

#[rustfmt::skip]
const SERIES: &[Series] = &[
    ("aggregator_open_answers", "", "Answers that the aggregator makes, streamed or whole, now"),
    ("aggregator_refused_total", "`limit`", "Questions refused because too many answers were under way, for the caller or altogether"),
    ("answer_first_token_seconds", "", "Time from a question to the first piece of its answer"),
    ("answer_phase_seconds", "`phase`", "Time that the phases of answers took: `retrieval`, `rerank`, `generation`, and `total`"),
    ("answer_source_seconds", "`status`", "Time that data sources of answers took, by how they did"),
    ("answer_sources_total", "`status`", "Data sources asked for answers, by how they did"),
    ("answer_tokens_total", "", "Pieces of answers passed on as the model wrote them"),
    ("answers_total", "`outcome`", "Answers of the aggregator, by how they ended"),
    ("error_reports_total", "`outcome`", "Reports of what went wrong, by what became of them"),
    ("health_probe_duration_seconds", "", "Time that a probe of a space took"),
    ("health_probes_total", "`finding`", "Probes of spaces that sent no sign of life"),
    ("http_request_duration_seconds", "`role`, `route`, `method`", "Time from a request's header to the end of its answer's header"),
    ("http_requests_total", "`role`, `route`, `method`, `status`", "Requests answered"),
    ("invocation_duration_seconds", "", "Time that endpoints took to answer through the hub"),
    ("invocations_total", "`outcome`", "Endpoints asked through the hub, by how that ended"),
    ("job_duration_seconds", "`job`", "Time that a run of one of the hub's own jobs took"),
    ("job_runs_total", "`job`, `outcome`", "Runs of the hub's own jobs"),
    ("ledger_held_units", "", "Money that is set aside for pending transactions, at the last look"),
    ("ledger_pending_transactions", "", "Transactions that wait to be confirmed, at the last look"),
    ("ledger_transactions_total", "`outcome`", "What became of transactions at the hub's own ledger"),
    ("mail_letters_total", "`outcome`", "Letters handed to the mail server, or given up"),
    ("news_gaps_total", "", "Times that this instance heard others again after a gap; it then forgot what it kept"),
    ("news_unconfirmed_total", "", "Changes that other instances may hear late"),
    ("password_queue_length", "", "Passwords that wait to be checked, now"),
    ("password_queue_refusals_total", "", "Sign-ins refused because too many passwords waited"),
    ("rate_limit_fallbacks_total", "", "Tries that were counted by this instance alone, because Redis was away"),
    ("rate_limited_total", "`rule`", "Requests refused because there were too many"),
    ("redis_failures_total", "", "Calls of Redis that failed"),
    ("space_charges_lost_total", "", "Answers of a space that were delivered and whose price could not be charged any more"),
    ("space_decisions_lost_total", "", "Decisions of a space that could not be recorded"),
    ("space_embedder_failures_total", "", "Questions that were searched by words alone, because the embedding server was away"),
    ("space_open_charges", "", "Charges of a space that have yet to be settled or released, now"),
    ("space_questions_total", "`outcome`", "Questions to a space, by how they ended"),
    ("space_search_seconds", "", "Time to search a space's index"),
    ("space_verifications_total", "", "Times that a space asked a hub for a caller's address"),
    ("trace_spans_total", "`outcome`", "Spans of traces: `exported`, `failed` at the collector, or `dropped` because too many waited"),
    ("tunnel_bytes_total", "`direction`", "Bytes of requests and answers that went through tunnels"),
    ("tunnel_request_duration_seconds", "", "Time that spaces behind tunnels took to begin their answers"),
    ("tunnel_requests_total", "`outcome`", "Requests for spaces behind tunnels, by how that ended"),
    ("tunnels_open", "", "Tunnels that end at this instance, now"),
];

/// The page.
pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    for (name, labels, what) in SERIES {
        let what = cell(what);
        writeln!(page, "| `{name}` | {labels} | {what} |").expect("a String takes everything");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::super::source;

    #[test]
    fn the_page_names_the_series_that_the_code_keeps_and_no_others() {
        let mut kept: Vec<String> =
            ["counter!(", "histogram!(", "gauge!("].into_iter().flat_map(source::words).collect();
        kept.sort();
        kept.dedup();
        let named: Vec<&str> = super::SERIES.iter().map(|(name, ..)| *name).collect();
        assert_eq!(named, kept, "in the order of the alphabet");
    }
}
