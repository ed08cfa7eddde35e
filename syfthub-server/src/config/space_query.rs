//! How a space takes questions: what they may use, how callers are known, and what is remembered of them.

use std::time::Duration;

use super::values;

/// What questions may use.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Questions")]
pub struct QuerySettings {
    /// Questions that one endpoint answers at the same time; further ones hear 503
    #[arg(long, env = "SPACE_ENDPOINT_QUESTIONS", value_name = "SPACE_ENDPOINT_QUESTIONS", default_value = "64", value_parser = values::count)]
    pub endpoint_questions: usize,

    /// Questions that all endpoints of one tenant answer at the same time; further ones hear 503
    #[arg(long, env = "SPACE_TENANT_QUESTIONS", value_name = "SPACE_TENANT_QUESTIONS", default_value = "256", value_parser = values::count)]
    pub tenant_questions: usize,

    /// The most documents of an answer, whatever a question asks for
    #[arg(long, env = "SPACE_MAX_DOCUMENTS", value_name = "SPACE_MAX_DOCUMENTS", default_value = "100", value_parser = values::few)]
    pub max_documents: u32,

    /// The most tokens of a model's answer, whatever a question asks for
    #[arg(long, env = "SPACE_MAX_TOKENS", value_name = "SPACE_MAX_TOKENS", default_value = "8192", value_parser = values::few)]
    pub max_tokens: u32,

    /// The most characters of a question with its conversation
    #[arg(long, env = "SPACE_MAX_QUESTION_CHARS", value_name = "SPACE_MAX_QUESTION_CHARS", default_value = "400000", value_parser = values::count)]
    pub max_question_chars: usize,

    /// The most tokens of documents that a model is given, by estimate
    #[arg(long, env = "SPACE_CONTEXT_TOKENS", value_name = "SPACE_CONTEXT_TOKENS", default_value = "12000", value_parser = values::count)]
    pub context_tokens: usize,
}

/// How callers are known, and what is remembered of their questions.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Policies")]
pub struct PolicySettings {
    /// Seconds for which a caller's e-mail address is not asked for again
    #[arg(long, env = "SPACE_CALLER_CACHE", value_name = "SPACE_CALLER_CACHE", default_value = "300", value_parser = values::seconds)]
    pub caller_cache: Duration,

    /// Seconds for which a caller's last known address counts while their hub cannot be asked
    #[arg(long, env = "SPACE_HUB_GRACE", value_name = "SPACE_HUB_GRACE", default_value = "3600", value_parser = values::seconds)]
    pub hub_grace: Duration,

    /// Days for which decisions are kept
    #[arg(long, env = "SPACE_DECISION_DAYS", value_name = "SPACE_DECISION_DAYS", default_value = "90", value_parser = values::days)]
    pub decision_retention: Duration,

    /// Seconds within which the accounting service has to answer
    #[arg(id = "space_accounting_timeout", long = "space-accounting-timeout", env = "SPACE_ACCOUNTING_TIMEOUT", value_name = "SPACE_ACCOUNTING_TIMEOUT", default_value = "10", value_parser = values::seconds)]
    pub accounting_timeout: Duration,
}
