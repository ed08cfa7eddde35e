//! Admission as a trace shows it: what each policy said, in the words of reason codes and nobody's own.

use opentelemetry::trace::SpanKind;

use super::admission::Admission;
use super::engine::{NotAdmitted, Visit};
use syfthub_core::wire::space::PolicyEntry;

use crate::space::node::Space;

impl Space {
    /// [`Space::admit`], as a part of the question's trace.
    pub(crate) async fn admit_traced(&self, visit: Visit) -> Result<Admission, NotAdmitted> {
        let mut span = visit.trace.span("admit", SpanKind::Internal);
        let admitted = self.admit(visit).await;
        match &admitted {
            Ok(admission) => {
                span.set("syfthub.verdict", "admitted");
                span.set("syfthub.policies", said(admission.entries()));
            }
            Err(NotAdmitted::Refused(refusal)) => {
                let mut said = said(&refusal.entries);
                if !said.is_empty() {
                    said.push(' ');
                }
                said.push_str(refusal.policy_type);
                said.push_str(":rejected");
                span.set("syfthub.verdict", refusal.outcome.as_str());
                span.set("syfthub.policies", said);
                span.set("syfthub.reason", refusal.reason_code);
            }
            Err(NotAdmitted::Failed(_)) => span.fail("failed"),
        }
        admitted
    }
}

/// `type:status` of every policy, in their order.
fn said(entries: &[PolicyEntry]) -> String {
    let said = entries.iter().map(|entry| format!("{}:{}", entry.policy_type, entry.status));
    said.collect::<Vec<_>>().join(" ")
}
