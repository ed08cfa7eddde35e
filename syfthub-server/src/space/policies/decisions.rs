//! What became of every question, for the owner: an append-only log, written in batches behind the answers.
//!
//! A question puts its decision into a bounded queue; one task writes what has gathered as one transaction. When the queue is
//! full, answers wait for it rather than go unrecorded. At shutdown the queue is written out; a process that is killed loses
//! at most what had not been written yet, and never anything about money, which has a journal of its own.

use serde::Serialize;
use syfthub_core::{Money, Timestamp};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::decision_store as store;
use crate::db::Db;
use crate::space::ids::{EndpointKey, PolicyId, TenantId};

/// Decisions that may wait to be written.
const QUEUE: usize = 4096;

/// Decisions written at once.
const BATCH: usize = 256;

/// How a question ended; the word is that of contract space 2.5 where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Answered.
    Success,
    /// The caller may not ask.
    AccessDenied,
    /// Asked too often.
    RateLimited,
    /// Not paid.
    PaymentRequired,
    /// A policy cannot be read, so nobody passes.
    PolicyViolation,
    /// Let in, but a part of the endpoint failed.
    Failed,
    /// Let in, but the caller went away.
    Cancelled,
}

impl Outcome {
    pub(crate) const ALL: [Self; 7] = [
        Self::Success,
        Self::AccessDenied,
        Self::RateLimited,
        Self::PaymentRequired,
        Self::PolicyViolation,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word in tables and on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::AccessDenied => "access_denied",
            Self::RateLimited => "rate_limited",
            Self::PaymentRequired => "payment_required",
            Self::PolicyViolation => "policy_violation",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// What became of one question.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(super) tenant: TenantId,
    pub(super) at: Timestamp,
    pub(super) correlation_id: String,
    pub(super) endpoint: EndpointKey,
    pub(super) endpoint_slug: String,
    /// The hub that vouched for the caller.
    pub(super) issuer: String,
    /// The caller's number there, or `guest`.
    pub(super) subject: String,
    /// The caller's address, where a policy needed it.
    pub(super) email: Option<String>,
    /// The network address that asked.
    pub(super) client: String,
    pub(super) outcome: Outcome,
    pub(super) status: u16,
    /// The policy that decided, and its type.
    pub(super) policy: Option<PolicyId>,
    pub(super) policy_type: Option<&'static str>,
    pub(super) reason_code: Option<&'static str>,
    /// For the owner alone.
    pub(super) detail: String,
    pub(super) cost: Money,
    pub(super) duration_us: i64,
}

enum Entry {
    Decision(Box<Decision>),
    Flush(oneshot::Sender<()>),
}

/// Where decisions go.
#[derive(Debug)]
pub(crate) struct DecisionLog(mpsc::Sender<Entry>);

impl DecisionLog {
    /// A log, and the task that writes it; it ends when the log is dropped.
    pub(super) fn open(db: Db) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(write(db, receiver));
        Self(sender)
    }

    /// Records a decision. Returns at once unless the queue is full.
    pub(super) async fn record(&self, decision: Decision) {
        metrics::counter!("space_questions_total", "outcome" => decision.outcome.as_str())
            .increment(1);
        // Mostly there is room, and nothing to be waited for. The task ends with the log alone, so somebody listens.
        if let Err(TrySendError::Full(entry)) = self.0.try_send(Entry::Decision(Box::new(decision)))
        {
            self.0.send(entry).await.ok();
        }
    }

    /// Returns when everything recorded before is written, or has failed to be.
    pub(super) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.0.send(Entry::Flush(done)).await.is_ok() {
            written.await.ok();
        }
    }
}

async fn write(db: Db, mut receiver: mpsc::Receiver<Entry>) {
    let mut entries = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut entries, BATCH).await > 0 {
        let mut decisions = Vec::with_capacity(entries.len());
        let mut waiting = Vec::new();
        for entry in entries.drain(..) {
            match entry {
                Entry::Decision(decision) => decisions.push(*decision),
                Entry::Flush(done) => waiting.push(done),
            }
        }
        let count = decisions.len();
        if count > 0
            && let Err(error) = store::append(&db, decisions).await
        {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                count,
                "decisions were not recorded"
            );
            metrics::counter!("space_decisions_lost_total").increment(count as u64);
        }
        for done in waiting {
            done.send(()).ok();
        }
    }
}
