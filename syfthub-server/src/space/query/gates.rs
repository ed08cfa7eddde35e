//! How many questions are answered at the same time, for each endpoint and for each tenant.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;

use crate::config::QuerySettings;
use crate::http::ApiError;
use crate::space::ids::{EndpointKey, TenantId};

/// The gates of a space.
#[derive(Debug, Default)]
pub(crate) struct Gates(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    endpoints: HashMap<EndpointKey, usize>,
    tenants: HashMap<TenantId, usize>,
}

/// A place inside both gates; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Inner {
    inside: Arc<Mutex<Inside>>,
    tenant: TenantId,
    endpoint: EndpointKey,
}

impl Gates {
    /// Goes through both gates.
    ///
    /// # Errors
    /// 503 when either is full; trying again soon helps.
    pub(crate) fn enter(
        &self,
        tenant: TenantId,
        endpoint: EndpointKey,
        settings: &QuerySettings,
    ) -> Result<Inner, ApiError> {
        let mut inside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = |what: &str| {
            let detail = format!("The {what} answers as many questions as it may; try again soon");
            ApiError::later(StatusCode::SERVICE_UNAVAILABLE, detail, Duration::from_secs(1))
        };
        if inside
            .endpoints
            .get(&endpoint)
            .is_some_and(|count| *count >= settings.endpoint_questions)
        {
            return Err(busy("endpoint"));
        }
        if inside.tenants.get(&tenant).is_some_and(|count| *count >= settings.tenant_questions) {
            return Err(busy("space"));
        }
        *inside.endpoints.entry(endpoint).or_default() += 1;
        *inside.tenants.entry(tenant).or_default() += 1;
        Ok(Inner { inside: Arc::clone(&self.0), tenant, endpoint })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        leave(&mut inside.endpoints, &self.endpoint);
        leave(&mut inside.tenants, &self.tenant);
    }
}

/// One fewer; what nobody is inside of takes no memory.
fn leave<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SpaceConfig;

    #[test]
    fn a_full_gate_opens_when_somebody_leaves() {
        let mut settings = SpaceConfig::new("x").query;
        (settings.endpoint_questions, settings.tenant_questions) = (1, 2);
        let gates = Gates::default();
        let (one, other, third) = (EndpointKey::new(), EndpointKey::new(), EndpointKey::new());
        let enter = |endpoint| gates.enter(TenantId::ROOT, endpoint, &settings);
        let first = enter(one).unwrap();
        assert!(enter(one).is_err());
        let second = enter(other).unwrap();
        assert!(enter(third).is_err(), "the tenant's gate is full");
        drop(first);
        let again = enter(one).unwrap();
        drop((second, again));
        let inside = gates.0.lock().unwrap();
        assert!(inside.endpoints.is_empty() && inside.tenants.is_empty());
    }
}
