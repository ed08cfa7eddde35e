//! Calling an operation on whatever has a table of them.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use syfthub_calls::{Failure, Operation, Spelling};

use crate::cancellation::{Cancellation, unless_cancelled};
use crate::failure;
use crate::texts::Texts;

/// Calls `operation` away from Node's own thread; the promise settles there.
pub(crate) fn call<'env, T>(
    env: &'env Env,
    operation: Option<&'static Operation<T>>,
    target: &T,
    arguments: String,
    cancellation: Option<&Cancellation>,
) -> napi::Result<PromiseRaw<'env, String>>
where
    T: Clone + Send + Sync + 'static,
{
    let operation = known(operation)?;
    let target = target.clone();
    let token = cancellation.map(Cancellation::token);
    env.spawn_future(unless_cancelled(token, async move {
        operation.call_in(Spelling::Camel, &target, &arguments).await
    }))
}

/// Opens the stream of `operation`; each crossing carries `most` texts at most.
pub(crate) fn open<T>(
    operation: Option<&'static Operation<T>>,
    target: &T,
    arguments: &str,
    most: u32,
) -> napi::Result<Texts>
where
    T: Clone + Send + 'static,
{
    let texts = known(operation)?.open_in(Spelling::Camel, target, arguments);
    Ok(Texts::new(texts.map_err(failure::told)?, most))
}

fn known<T>(operation: Option<&'static Operation<T>>) -> napi::Result<&'static Operation<T>> {
    operation.ok_or_else(|| failure::told(Failure::Panic("there is no such operation".to_owned())))
}
