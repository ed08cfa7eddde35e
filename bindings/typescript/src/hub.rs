//! A hub, as the operations on it see it.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use syfthub_calls::{Changes, Settings, Spelling, hub};
use syfthub_client::Client;

use crate::cancellation::Cancellation;
use crate::texts::Texts;
use crate::{failure, target};

/// A hub, seen by one user.
#[napi]
pub struct Hub {
    client: Client,
}

#[napi]
impl Hub {
    /// A hub as the settings, a JSON object, describe it. Nothing is sent yet.
    #[napi(constructor, catch_unwind)]
    pub fn new(settings: String) -> napi::Result<Self> {
        let client = Settings::parse_in(Spelling::Camel, &settings).and_then(Settings::client);
        client.map(|client| Self { client }).map_err(failure::told)
    }

    /// The same hub, session and connections with changes, a JSON object.
    #[napi(catch_unwind)]
    pub fn with(&self, changes: String) -> napi::Result<Self> {
        let changes = Changes::parse_in(Spelling::Camel, &changes);
        let client = changes.and_then(|changes| changes.of(&self.client)).map_err(failure::told)?;
        Ok(Self { client })
    }

    /// The answer of an operation, as JSON.
    #[napi(catch_unwind)]
    pub fn call<'env>(
        &self,
        env: &'env Env,
        name: String,
        arguments: String,
        cancellation: Option<&Cancellation>,
    ) -> napi::Result<PromiseRaw<'env, String>> {
        target::call(env, hub::operation(&name), &self.client, arguments, cancellation)
    }

    /// The texts of an operation that is a stream, at most so many at a time.
    #[napi(catch_unwind)]
    pub fn open(&self, name: String, arguments: String, most: u32) -> napi::Result<Texts> {
        target::open(hub::operation(&name), &self.client, &arguments, most)
    }
}
