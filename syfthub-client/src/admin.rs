//! The whole hub as its administrators see it.

use syfthub_core::Timestamp;
use syfthub_core::model::Role;
use syfthub_core::wire::admin::{Overview, UserPage};
use syfthub_core::wire::error_report::{ErrorPage, Level};

use crate::client::Client;
use crate::error::Error;
use crate::transport::{Call, Caller};

/// The operations of administrators; from [`Client::admin`].
#[derive(Debug, Clone, Copy)]
pub struct Admin<'a> {
    pub(crate) client: &'a Client,
}

/// Which accounts; all of them unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Only those with this text in their username, address or full name, in any case.
    pub search: Option<String>,
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those that are switched on, or off.
    pub is_active: Option<bool>,
}

/// Which reports of errors; all of them unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct ReportFilter {
    /// Only those of this service.
    pub service: Option<String>,
    /// Only those that are so bad.
    pub level: Option<Level>,
    /// Only those of this kind of event.
    pub event: Option<String>,
    /// Only those of this request.
    pub correlation_id: Option<String>,
    /// Only those that arrived at this moment or later.
    pub since: Option<Timestamp>,
    /// Only those that arrived before this moment.
    pub until: Option<Timestamp>,
}

impl Admin<'_> {
    /// How much the hub holds.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`](crate::ErrorKind::Forbidden) when the caller is no administrator.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// println!("{} users", hub.admin().overview().await?.users.total);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn overview(&self) -> Result<Overview, Error> {
        self.client.transport().json(self.get(&["overview"])).await
    }

    /// A page of users, at most 100, and how many there are on all pages.
    ///
    /// # Errors
    /// As [`Admin::overview`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::admin::AccountFilter;
    ///
    /// let off = AccountFilter { is_active: Some(false), ..AccountFilter::default() };
    /// let page = hub.admin().users(&off, 0, 20).await?;
    /// println!("{} of {}", page.users.len(), page.total);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn users(
        &self,
        filter: &AccountFilter,
        skip: u64,
        limit: u32,
    ) -> Result<UserPage, Error> {
        let call = filtered(self.get(&["users"]), &filter.fields());
        self.client.transport().json(paged(call, skip, limit)).await
    }

    /// All users that match, as a table in CSV (RFC 4180) with a line of names.
    ///
    /// # Errors
    /// As [`Admin::overview`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::admin::AccountFilter;
    ///
    /// std::fs::write("users.csv", hub.admin().export_users(&AccountFilter::default()).await?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn export_users(&self, filter: &AccountFilter) -> Result<String, Error> {
        let call = self.get(&["users", "export"]).accept("text/csv");
        self.client.transport().text(filtered(call, &filter.fields())).await
    }

    /// A page of reports of errors, at most 100 and newest first, and how many there are on all pages.
    ///
    /// # Errors
    /// As [`Admin::overview`].
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use syfthub_client::admin::ReportFilter;
    ///
    /// let of_hub = ReportFilter { service: Some("hub".to_owned()), ..ReportFilter::default() };
    /// for report in hub.admin().errors(&of_hub, 0, 20).await?.errors {
    ///     println!("{} {}", report.at, report.message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn errors(
        &self,
        filter: &ReportFilter,
        skip: u64,
        limit: u32,
    ) -> Result<ErrorPage, Error> {
        let call = filtered(self.get(&["errors"]), &filter.fields());
        self.client.transport().json(paged(call, skip, limit)).await
    }

    fn get(self, place: &[&str]) -> Call {
        Call::get(self.client.api(&[&["admin"], place].concat()), Caller::User)
    }
}

impl AccountFilter {
    fn fields(&self) -> [(&'static str, Option<String>); 3] {
        [
            ("search", self.search.clone()),
            ("role", self.role.map(|role| role.to_string())),
            ("is_active", self.is_active.map(|is_active| is_active.to_string())),
        ]
    }
}

impl ReportFilter {
    fn fields(&self) -> [(&'static str, Option<String>); 6] {
        [
            ("service", self.service.clone()),
            ("level", self.level.map(|level| level.as_str().to_owned())),
            ("event", self.event.clone()),
            ("correlation_id", self.correlation_id.clone()),
            ("since", self.since.map(|since| since.to_string())),
            ("until", self.until.map(|until| until.to_string())),
        ]
    }
}

fn filtered(call: Call, fields: &[(&str, Option<String>)]) -> Call {
    let given = fields.iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    given.fold(call, |call, (name, value)| call.query(name, value))
}

fn paged(call: Call, skip: u64, limit: u32) -> Call {
    call.query("skip", &skip.to_string()).query("limit", &limit.to_string())
}
