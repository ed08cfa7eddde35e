//! Telling a hub what went wrong (contract hub 3.7, 8.3).

use reqwest::header::{AUTHORIZATION, HeaderValue};
use syfthub_core::Secret;
use syfthub_core::wire::error_report::{ErrorReport, ReportReceived, ServiceErrorReport};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::transport::{Call, Caller};

/// The operations on reports of errors; from [`Client::reports`].
#[derive(Debug, Clone, Copy)]
pub struct Reports<'a> {
    pub(crate) client: &'a Client,
}

impl Reports<'_> {
    /// Tells the hub of an error that a user's program noticed. Secrets in it are blanked before anything is kept.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] when this address told of too many.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::error_report::ErrorReport;
    ///
    /// let report = ErrorReport::new("the list of models stayed empty", "TypeError");
    /// println!("kept as {}", hub.reports().send(&report).await?.correlation_id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(&self, report: &ErrorReport) -> Result<ReportReceived, Error> {
        let url = self.client.api(&["errors", "report"]);
        self.client.transport().json(Call::post(url, Caller::UserIfAny).json(report)).await
    }

    /// Tells the hub of an error of a service of the same operator, with the operator's internal token.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the hub has no such token, and [`ErrorKind::NotSignedIn`] when it is another one.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::wire::error_report::ServiceErrorReport;
    ///
    /// let report = ServiceErrorReport::new("aggregator", "answer.failed", "no model answered");
    /// hub.reports().send_as_service(&"internal token".into(), &report).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_as_service(
        &self,
        internal_token: &Secret,
        report: &ServiceErrorReport,
    ) -> Result<ReportReceived, Error> {
        let bearer = HeaderValue::try_from(format!("Bearer {}", internal_token.expose()));
        let mut bearer = bearer.map_err(|_| {
            Error::new(ErrorKind::Usage, "the internal token has characters that no header holds")
        })?;
        bearer.set_sensitive(true);
        let url = self.client.api(&["errors", "service-report"]);
        let call = Call::post(url, Caller::Anybody).header(AUTHORIZATION, bearer).json(report);
        self.client.transport().json(call).await
    }
}
