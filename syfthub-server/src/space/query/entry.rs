//! What a question holds while it is answered, and how that ends.

use axum::response::{IntoResponse, Response};

use super::gates::Inner;
use crate::http::ApiError;
use crate::space::policies::{Admission, Due, Receipt};
use crate::telemetry::Trace;

/// A question's place among those that are answered at the same time, and what its policies reserved for it. The owner's own
/// questions have neither. Dropping it releases both.
pub(super) struct Entry {
    admission: Option<Admission>,
    _place: Option<Inner>,
}

impl Entry {
    /// A caller's.
    pub(super) fn of(admission: Admission, place: Inner) -> Self {
        Self { admission: Some(admission), _place: Some(place) }
    }

    /// The owner's.
    pub(super) fn owner() -> Self {
        Self { admission: None, _place: None }
    }

    /// What the trace shows of the question.
    pub(super) fn trace(&self) -> Trace {
        self.admission.as_ref().and_then(Admission::trace).cloned().unwrap_or_default()
    }

    /// There is an answer: what it says it costs, and what is due once it is delivered. The place is free.
    pub(super) async fn answered(self) -> (Receipt, Option<Due>) {
        match self.admission {
            Some(admission) => admission.answered().await,
            None => (Receipt::default(), None),
        }
    }

    /// The space could not answer, for this reason, which becomes the answer.
    pub(super) async fn fail(self, error: ApiError) -> Response {
        let reason = format!("{error:?}");
        let response = error.into_response();
        if let Some(admission) = self.admission {
            admission.fail(response.status(), &reason).await;
        }
        response
    }
}
