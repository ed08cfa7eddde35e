//! Counts and latencies of requests by route template, for `/metrics`.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{Counter, Histogram};

/// The series of one role. Their handles are kept, since making one anew costs more than counting.
pub(super) struct Requests {
    role: &'static str,
    routes: RwLock<HashMap<String, Series>>,
}

type Series = HashMap<(Method, StatusCode), (Counter, Histogram)>;

impl Requests {
    pub(super) fn of(role: &'static str) -> Self {
        Self { role, routes: RwLock::default() }
    }

    /// Counts one answered request. `route` is the template, never the path, which strangers choose.
    pub(super) fn record(
        &self,
        route: Option<&str>,
        method: &Method,
        status: StatusCode,
        elapsed: Duration,
    ) {
        let route = route.unwrap_or("unmatched");
        let method = known(method);
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        let key = (method, status);
        if let Some((count, seconds)) = routes.get(route).and_then(|series| series.get(&key)) {
            count.increment(1);
            seconds.record(elapsed);
            return;
        }
        drop(routes);
        let (count, seconds) = self.register(route, &key);
        count.increment(1);
        seconds.record(elapsed);
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.entry(route.to_owned()).or_default().insert(key, (count, seconds));
    }

    fn register(
        &self,
        route: &str,
        (method, status): &(Method, StatusCode),
    ) -> (Counter, Histogram) {
        let labels = [
            ("role", self.role.to_owned()),
            ("route", route.to_owned()),
            ("method", method.to_string()),
            ("status", status.as_str().to_owned()),
        ];
        let count = metrics::counter!("http_requests_total", &labels);
        (count, metrics::histogram!("http_request_duration_seconds", &labels[..3]))
    }
}

/// The method when it is a usual one; strangers can make up any number of others.
fn known(method: &Method) -> Method {
    const OTHER: &[u8] = b"OTHER";
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.clone(),
        _ => Method::from_bytes(OTHER).unwrap_or_default(),
    }
}
