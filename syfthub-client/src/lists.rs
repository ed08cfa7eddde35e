//! Lists of endpoints: filters, pages and streams.

use futures_util::Stream;
use syfthub_core::model::{EndpointType, Visibility};
use syfthub_core::wire::endpoint::{Endpoint, EndpointPublic};

use crate::client::Client;
use crate::error::Error;
use crate::page;
use crate::transport::Call;

/// A list that is fetched in pages: the call without its place in the list.
#[derive(Clone)]
pub(crate) struct Pages<'a> {
    client: &'a Client,
    call: Call,
    skip: u64,
    limit: Option<u32>,
}

impl<'a> Pages<'a> {
    pub(crate) fn new(client: &'a Client, call: Call) -> Self {
        Self { client, call, skip: 0, limit: None }
    }

    fn filter(mut self, name: &str, value: &str) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    async fn send<T: serde::de::DeserializeOwned>(self) -> Result<Vec<T>, Error> {
        let limit = self.limit.unwrap_or(10).to_string();
        let call = self.call.query("skip", &self.skip.to_string()).query("limit", &limit);
        self.client.transport().json(call).await
    }

    fn stream<T>(self) -> impl Stream<Item = Result<T, Error>> + Send + use<'a, T>
    where
        T: serde::de::DeserializeOwned + Send + 'a,
    {
        let size = self.limit.unwrap_or(page::LARGEST);
        page::items(self.skip, size, move |skip| {
            Self { skip, limit: Some(size), ..self.clone() }.send()
        })
    }
}

/// A list of the caller's own endpoints; from [`Endpoints::list`](crate::endpoints::Endpoints::list).
#[must_use = "nothing is sent before `send` or `stream`"]
#[derive(Clone)]
pub struct ListOwn<'a> {
    pub(crate) page: Pages<'a>,
}

impl<'a> ListOwn<'a> {
    /// Only those with this visibility.
    pub fn visibility(mut self, visibility: Visibility) -> Self {
        self.page = self.page.filter("visibility", visibility.as_str());
        self
    }

    /// Only those with `text` in their name or description, in any case.
    pub fn search(mut self, text: &str) -> Self {
        self.page = self.page.filter("search", text);
        self
    }

    /// Leaves out the first `count`.
    pub fn skip(mut self, count: u64) -> Self {
        self.page.skip = count;
        self
    }

    /// The size of a page, 1 to 100; 10 for `send` and 100 for `stream` unless set.
    pub fn limit(mut self, size: u32) -> Self {
        self.page.limit = Some(size.clamp(1, page::LARGEST));
        self
    }

    /// One page.
    ///
    /// # Errors
    /// [`ErrorKind::NotSignedIn`](crate::ErrorKind::NotSignedIn) when nobody is.
    pub async fn send(self) -> Result<Vec<Endpoint>, Error> {
        self.page.send().await
    }

    /// The whole list, page after page.
    pub fn stream(self) -> impl Stream<Item = Result<Endpoint, Error>> + Send + use<'a> {
        self.page.stream()
    }
}

/// A list of endpoints as everybody sees them; from [`Endpoints::public`](crate::endpoints::Endpoints::public) and
/// [`Endpoints::of`](crate::endpoints::Endpoints::of).
#[must_use = "nothing is sent before `send` or `stream`"]
#[derive(Clone)]
pub struct ListPublic<'a> {
    pub(crate) page: Pages<'a>,
}

impl<'a> ListPublic<'a> {
    /// Only those of this type. The list of one owner comes whole.
    pub fn kind(mut self, kind: EndpointType) -> Self {
        self.page = self.page.filter("endpoint_type", kind.as_str());
        self
    }

    /// Leaves out the first `count`.
    pub fn skip(mut self, count: u64) -> Self {
        self.page.skip = count;
        self
    }

    /// The size of a page, 1 to 100; 10 for `send` and 100 for `stream` unless set.
    pub fn limit(mut self, size: u32) -> Self {
        self.page.limit = Some(size.clamp(1, page::LARGEST));
        self
    }

    /// One page.
    ///
    /// # Errors
    /// When the hub cannot be asked.
    pub async fn send(self) -> Result<Vec<EndpointPublic>, Error> {
        self.page.send().await
    }

    /// The whole list, page after page.
    pub fn stream(self) -> impl Stream<Item = Result<EndpointPublic, Error>> + Send + use<'a> {
        self.page.stream()
    }
}
