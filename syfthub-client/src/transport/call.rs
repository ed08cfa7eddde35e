//! One request, before it is sent.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde::Serialize;
use url::Url;

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// Nobody's: no token is sent.
    Anybody,
    /// The signed-in user's, if there is one.
    UserIfAny,
    /// The signed-in user's.
    User,
}

/// One request, ready to be sent any number of times.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(super) method: Method,
    pub(crate) url: Url,
    pub(crate) caller: Caller,
    pub(super) body: Option<(&'static str, Bytes)>,
    pub(super) accept: &'static str,
    pub(super) header: Option<(HeaderName, HeaderValue)>,
    pub(super) deadline: Option<Duration>,
}

impl Call {
    pub(crate) fn new(method: Method, url: Url, caller: Caller) -> Self {
        Self {
            method,
            url,
            caller,
            body: None,
            accept: "application/json",
            header: None,
            deadline: None,
        }
    }

    pub(crate) fn get(url: Url, caller: Caller) -> Self {
        Self::new(Method::GET, url, caller)
    }

    pub(crate) fn post(url: Url, caller: Caller) -> Self {
        Self::new(Method::POST, url, caller)
    }

    /// Appends `name=value` to the query.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Appends `name=value` to the query when there is a value.
    pub(crate) fn query_if(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, &value.to_string()),
            None => self,
        }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        let text = serde_json::to_vec(body).expect("wire types have text keys and become JSON");
        self.body = Some(("application/json", text.into()));
        self
    }

    pub(crate) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let text =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body = Some(("application/x-www-form-urlencoded", text.into()));
        self
    }

    pub(crate) fn accept(mut self, kind: &'static str) -> Self {
        self.accept = kind;
        self
    }

    /// Sends one more header.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Sets another deadline than the client's.
    pub(crate) fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    pub(super) fn has_no_effect(&self) -> bool {
        self.method.is_safe()
    }
}
