//! What a question holds while it is answered, and how that ends.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::gates::Inner;
use crate::http::ApiError;
use crate::space::policies::{Admission, NotAdmitted, Receipt};

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

    /// The question is answered. A refusal takes the answer's place.
    pub(super) async fn settle(self) -> Result<Receipt, Response> {
        match self.admission {
            Some(admission) => admission.settle().await.map_err(NotAdmitted::into_response),
            None => Ok(Receipt::default()),
        }
    }

    /// As [`Entry::settle`], where the text was told already; a refusal is the last event then.
    pub(super) async fn close(self) -> Result<Receipt, Value> {
        let Some(admission) = self.admission else { return Ok(Receipt::default()) };
        admission.settle().await.map_err(|error| match error {
            NotAdmitted::Refused(refusal) => refusal.body(),
            NotAdmitted::Failed(_) => json!({"detail": "The answer could not be accounted for"}),
        })
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
