//! A space, as the operations on it see it.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use syfthub_calls::{SpaceSettings, Spelling, space};

use crate::cancellation::Cancellation;
use crate::texts::Texts;
use crate::{failure, target};

/// A space, as its owner sees it.
#[napi]
pub struct Space {
    space: syfthub_client::space::Space,
}

#[napi]
impl Space {
    /// A space as the settings, a JSON object, describe it. Nothing is sent yet.
    #[napi(constructor, catch_unwind)]
    pub fn new(settings: String) -> napi::Result<Self> {
        let settings = SpaceSettings::parse_in(Spelling::Camel, &settings);
        let space = settings.and_then(SpaceSettings::space).map_err(failure::told)?;
        Ok(Self { space })
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
        target::call(env, space::operation(&name), &self.space, arguments, cancellation)
    }

    /// The texts of an operation that is a stream, at most so many at a time.
    #[napi(catch_unwind)]
    pub fn open(&self, name: String, arguments: String, most: u32) -> napi::Result<Texts> {
        target::open(space::operation(&name), &self.space, &arguments, most)
    }
}
