//! Lists of endpoints, organizations, members and transactions: filters, pages and streams.

use std::marker::PhantomData;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, Stream};
use serde::de::DeserializeOwned;
use syfthub_core::model::{EndpointType, OrgRole, Role, Visibility};
use syfthub_core::wire::accounting::AccountingTransaction;
use syfthub_core::wire::discovery::{OwnerGroup, PublicOwner};
use syfthub_core::wire::endpoint::{Endpoint, EndpointPublic};
use syfthub_core::wire::ledger::{Entry, Grant};
use syfthub_core::wire::organization::{Member, Organization};
use syfthub_core::wire::user::User;

use crate::client::Client;
use crate::error::Error;
use crate::page;
use crate::transport::Call;

/// Which list it is: that decides what is in it, and what it can be filtered by.
pub trait Scope: Send + Sync + 'static {
    /// What the list consists of.
    type Item: DeserializeOwned + Send + 'static;
}

/// The signed-in user's own endpoints.
#[derive(Debug)]
pub enum Own {}

/// Everybody's public endpoints.
#[derive(Debug)]
pub enum Public {}

/// Everybody's public endpoints by their stars.
#[derive(Debug)]
pub enum Trending {}

/// Public endpoints that guests can use.
#[derive(Debug)]
pub enum GuestAccessible {}

/// Who has public endpoints.
#[derive(Debug)]
pub enum Owners {}

/// One owner's endpoints that the caller may see.
#[derive(Debug)]
pub enum OfOwner {}

/// The signed-in user's organizations.
#[derive(Debug)]
pub enum Memberships {}

/// One organization's members.
#[derive(Debug)]
pub enum Members {}

/// The signed-in user's transactions.
#[derive(Debug)]
pub enum Transactions {}

/// The grants that the signed-in user gave.
#[derive(Debug)]
pub enum Grants {}

/// The lines of the signed-in user's account.
#[derive(Debug)]
pub enum Entries {}

/// All users of the hub.
#[derive(Debug)]
pub enum Accounts {}

/// Owners with the public endpoints that they edited last.
#[derive(Debug)]
pub enum Grouped {}

/// One owner's public endpoints.
#[derive(Debug)]
pub enum PublicOf {}

impl Scope for Own {
    type Item = Endpoint;
}

impl Scope for Public {
    type Item = EndpointPublic;
}

impl Scope for Trending {
    type Item = EndpointPublic;
}

impl Scope for GuestAccessible {
    type Item = EndpointPublic;
}

impl Scope for Owners {
    type Item = PublicOwner;
}

impl Scope for OfOwner {
    type Item = EndpointPublic;
}

impl Scope for Accounts {
    type Item = User;
}

impl Scope for Grouped {
    type Item = OwnerGroup;
}

impl Scope for PublicOf {
    type Item = EndpointPublic;
}

impl Scope for Memberships {
    type Item = Organization;
}

impl Scope for Members {
    type Item = Member;
}

impl Scope for Transactions {
    type Item = AccountingTransaction;
}

impl Scope for Grants {
    type Item = Grant;
}

impl Scope for Entries {
    type Item = Entry;
}

/// A list that has not been fetched yet; from [`Endpoints`](crate::endpoints::Endpoints),
/// [`Organizations`](crate::organizations::Organizations) or [`Ledger`](crate::ledger::Ledger).
#[must_use = "nothing is sent before `send`, `pages` or `stream`"]
pub struct List<'a, S> {
    client: &'a Client,
    call: Call,
    skip: u64,
    limit: Option<u32>,
    scope: PhantomData<fn() -> S>,
}

impl<'a, S: Scope> List<'a, S> {
    pub(crate) fn new(client: &'a Client, call: Call) -> Self {
        Self { client, call, skip: 0, limit: None, scope: PhantomData }
    }

    fn filter(mut self, name: &str, value: &str) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    /// Leaves out the first `count`.
    pub fn skip(mut self, count: u64) -> Self {
        self.skip = count;
        self
    }

    /// The size of a page, 1 to 100; 10 for `send` and 100 for `pages` and `stream` unless set.
    pub fn limit(mut self, size: u32) -> Self {
        self.limit = Some(size.clamp(1, page::LARGEST));
        self
    }

    /// One page.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// for endpoint in hub.endpoints().public().skip(20).limit(20).send().await? {
    ///     println!("{}/{}", endpoint.owner_username, endpoint.slug);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the hub refuses, or cannot be asked.
    pub async fn send(self) -> Result<Vec<S::Item>, Error> {
        fetch(self.client, self.call, self.skip, self.limit.unwrap_or(10)).await
    }

    /// The whole list, page by page, none of them empty. The first page alone costs one request; from the second on, the
    /// next two are fetched while the caller works on this one. Dropping the stream cancels what is on its way.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use std::pin::pin;
    /// use futures_util::TryStreamExt as _;
    ///
    /// let mut pages = pin!(hub.endpoints().public().limit(50).pages());
    /// while let Some(page) = pages.try_next().await? {
    ///     println!("{} more endpoints", page.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(self) -> impl Stream<Item = Result<Vec<S::Item>, Error>> + Send + use<S> {
        let size = self.limit.unwrap_or(page::LARGEST);
        page::pages(self.skip, size, fetching(self.client.clone(), self.call, size))
    }

    /// The whole list, item by item, fetched as [`List::pages`] are.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), syfthub_client::Error> {
    /// use std::pin::pin;
    /// use futures_util::TryStreamExt as _;
    ///
    /// let mut endpoints = pin!(hub.endpoints().public().stream());
    /// while let Some(endpoint) = endpoints.try_next().await? {
    ///     println!("{}/{}", endpoint.owner_username, endpoint.slug);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> impl Stream<Item = Result<S::Item, Error>> + Send + use<S> {
        let size = self.limit.unwrap_or(page::LARGEST);
        page::items(self.skip, size, fetching(self.client.clone(), self.call, size))
    }
}

/// Fetches the pages of one list, each by where it begins.
fn fetching<T: DeserializeOwned + Send + 'static>(
    client: Client,
    call: Call,
    size: u32,
) -> impl Fn(u64) -> BoxFuture<'static, Result<Vec<T>, Error>> + Send {
    move |skip| {
        let (client, call) = (client.clone(), call.clone());
        async move { fetch(&client, call, skip, size).await }.boxed()
    }
}

async fn fetch<T: DeserializeOwned>(
    client: &Client,
    call: Call,
    skip: u64,
    limit: u32,
) -> Result<Vec<T>, Error> {
    let call = call.query("skip", &skip.to_string()).query("limit", &limit.to_string());
    client.transport().json(call).await
}

impl List<'_, Own> {
    /// Only those with this visibility.
    pub fn visibility(self, visibility: Visibility) -> Self {
        self.filter("visibility", visibility.as_str())
    }

    /// Only those with `text` in their name or description, in any case.
    pub fn search(self, text: &str) -> Self {
        self.filter("search", text)
    }
}

impl List<'_, Public> {
    /// Only those of this type.
    pub fn kind(self, kind: EndpointType) -> Self {
        self.filter("endpoint_type", kind.as_str())
    }

    /// Only those that have every word of `text` in their name, tags, description or owner, the best fitting ones first.
    pub fn search(self, text: &str) -> Self {
        self.filter("search", text)
    }
}

impl List<'_, Trending> {
    /// Only those of this type.
    pub fn kind(self, kind: EndpointType) -> Self {
        self.filter("endpoint_type", kind.as_str())
    }

    /// Only those with so many stars at least.
    pub fn min_stars(self, count: u32) -> Self {
        self.filter("min_stars", &count.to_string())
    }
}

impl List<'_, Grouped> {
    /// The most endpoints of each owner, 1 to 20; 5 unless set.
    pub fn per_owner(self, count: u32) -> Self {
        self.filter("max_per_owner", &count.clamp(1, 20).to_string())
    }
}

impl List<'_, Accounts> {
    /// Only those with `text` in their username, address or full name, in any case.
    pub fn search(self, text: &str) -> Self {
        self.filter("search", text)
    }

    /// Only those with this role.
    pub fn role(self, role: Role) -> Self {
        self.filter("role", role.as_str())
    }

    /// Only accounts that are switched on, or off.
    pub fn active(self, is_active: bool) -> Self {
        self.filter("is_active", if is_active { "true" } else { "false" })
    }
}

impl List<'_, GuestAccessible> {
    /// Only those of this type.
    pub fn kind(self, kind: EndpointType) -> Self {
        self.filter("endpoint_type", kind.as_str())
    }
}

impl List<'_, Memberships> {
    /// Only those in which the user has this role.
    pub fn role(self, role: OrgRole) -> Self {
        self.filter("role", role.as_str())
    }
}

impl List<'_, Members> {
    /// Only those with this role.
    pub fn role(self, role: OrgRole) -> Self {
        self.filter("role", role.as_str())
    }
}
