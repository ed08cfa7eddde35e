//! Callers' tokens, judged by a service without asking the hub.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use syfthub_calls::Spelling;
use syfthub_calls::verifier::{self, VerifierSettings};

use crate::cancellation::Cancellation;
use crate::{failure, target};

/// Judges satellite tokens for one audience.
#[napi]
pub struct Verifier {
    verifier: syfthub_client::Verifier,
}

#[napi]
impl Verifier {
    /// A verifier as the settings, a JSON object, describe it. Nothing is fetched yet.
    #[napi(constructor, catch_unwind)]
    pub fn new(settings: String) -> napi::Result<Self> {
        let settings = VerifierSettings::parse_in(Spelling::Camel, &settings);
        let verifier = settings.and_then(VerifierSettings::verifier).map_err(failure::told)?;
        Ok(Self { verifier })
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
        target::call(env, verifier::operation(&name), &self.verifier, arguments, cancellation)
    }
}
