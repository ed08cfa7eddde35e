//! One operation: its name, what it serves, and how it is run.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use serde::Serialize;

use crate::camel;
use crate::failure::Failure;

/// How the JSON of arguments and answers spells the names of fields; the keys of maps are data in either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spelling {
    /// As the wire does: `correlation_id`.
    #[default]
    Snake,
    /// As JavaScript does: `correlationId`.
    Camel,
}

/// JSON texts, one after the other: the pages of a list, or the events of a stream.
pub type Texts = BoxStream<'static, Result<String, Failure>>;

/// One entry of a table of operations on `T`.
pub struct Operation<T: 'static> {
    /// Its name, such as `endpoints.create`.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// The routes it calls, such as `POST /api/v1/endpoints`, as the OpenAPI documents spell them.
    pub routes: &'static [&'static str],
    /// The names of its arguments; `body` stands for the properties of a request.
    pub parameters: &'static [&'static str],
    pub(crate) run: Run<T>,
}

/// How an operation is run: once for one answer, or as a stream of texts.
pub(crate) enum Run<T> {
    Call(fn(T, &str, Spelling) -> BoxFuture<'static, Result<String, Failure>>),
    Stream(fn(T, &str, Spelling) -> Result<Texts, Failure>),
}

impl<T: Clone + Send + 'static> Operation<T> {
    /// Whether it gives several texts, from [`Operation::open`], and not one, from [`Operation::call`].
    pub fn is_stream(&self) -> bool {
        matches!(self.run, Run::Stream(_))
    }

    /// Runs it with `arguments`, a JSON object, and gives its answer as JSON; `null` when there is nothing to tell.
    ///
    /// # Errors
    /// When the arguments do not fit, or the call fails; a panic is an error too.
    pub async fn call(&self, target: &T, arguments: &str) -> Result<String, Failure> {
        self.call_in(Spelling::Snake, target, arguments).await
    }

    /// As [`Operation::call`], with arguments and answer in that spelling.
    ///
    /// # Errors
    /// As [`Operation::call`].
    pub async fn call_in(
        &self,
        spelling: Spelling,
        target: &T,
        arguments: &str,
    ) -> Result<String, Failure> {
        let Run::Call(run) = self.run else { return Err(misused(self.name, "is a stream")) };
        let answer = AssertUnwindSafe(async { run(target.clone(), arguments, spelling).await });
        answer.catch_unwind().await.unwrap_or_else(|panic| Err(panicked(&*panic)))
    }

    /// Opens its stream; nothing is sent before the first text is asked for.
    ///
    /// # Errors
    /// When the arguments do not fit.
    pub fn open(&self, target: &T, arguments: &str) -> Result<Texts, Failure> {
        self.open_in(Spelling::Snake, target, arguments)
    }

    /// As [`Operation::open`], with arguments and texts in that spelling.
    ///
    /// # Errors
    /// As [`Operation::open`].
    pub fn open_in(
        &self,
        spelling: Spelling,
        target: &T,
        arguments: &str,
    ) -> Result<Texts, Failure> {
        let Run::Stream(run) = self.run else { return Err(misused(self.name, "is one call")) };
        let run = AssertUnwindSafe(|| run(target.clone(), arguments, spelling));
        let texts = std::panic::catch_unwind(run).unwrap_or_else(|panic| Err(panicked(&*panic)))?;
        let caught = AssertUnwindSafe(texts).catch_unwind();
        Ok(caught.map(|text| text.unwrap_or_else(|panic| Err(panicked(&*panic)))).boxed())
    }
}

/// The name of an argument without the mark that lets it be a word of Rust.
pub(crate) const fn plain(name: &'static str) -> &'static str {
    match name.split_at_checked(2) {
        Some((mark, name)) if matches!(mark.as_bytes(), b"r#") => name,
        _ => name,
    }
}

pub(crate) fn text(answer: &impl Serialize, spelling: Spelling) -> String {
    let written = match spelling {
        Spelling::Snake => serde_json::to_string(answer),
        Spelling::Camel => serde_json::to_string(&camel::written(answer)),
    };
    written.expect("wire types have text keys and become JSON")
}

fn misused(name: &str, what: &str) -> Failure {
    Failure::Panic(format!("`{name}` {what}"))
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    Failure::Panic(said.unwrap_or("no reason was given").to_owned())
}

/// Writes a table: each entry is a sentence, `call` or `stream`, the name, its routes, its arguments, and an async block
/// (or an expression that is a stream) over the target and the arguments. An answer is of a type with fields, and no JSON value
/// made by hand: each language spells the names of fields in its own way, and the keys of a value are data.
macro_rules! operations {
    ($(#[$doc:meta])* $table:ident on $target:ty; $(
        $(#[doc = $about:literal])+
        $kind:ident $name:literal $routes:expr, ($($argument:ident: $type:ty),* $(,)?) |$on:ident| $body:block
    )*) => {
        $(#[$doc])*
        pub(crate) const $table: &[$crate::Operation<$target>] = &[$(
            $crate::Operation {
                name: $name,
                about: concat!($($about),+).trim_ascii(),
                routes: &$routes,
                parameters: &[$($crate::operation::plain(stringify!($argument))),*],
                run: $crate::operation::operations!(@run $kind $target, ($($argument: $type),*) |$on| $body),
            },
        )*];
    };
    (@run call $target:ty, ($($argument:ident: $type:ty),*) |$on:ident| $body:block) => {
        $crate::operation::Run::Call(|$on: $target, text, spelling| {
            $crate::operation::operations!(@arguments ($($argument: $type),*));
            let parsed = $crate::arguments::read::<Arguments>(text, spelling);
            Box::pin(async move {
                let Arguments { $($argument),* } = parsed?;
                let answer: Result<_, $crate::Failure> = async move { $body }.await;
                answer.map(|answer| $crate::operation::text(&answer, spelling))
            })
        })
    };
    (@run stream $target:ty, ($($argument:ident: $type:ty),*) |$on:ident| $body:block) => {
        $crate::operation::Run::Stream(|$on: $target, text, spelling| {
            use futures_util::StreamExt as _;
            $crate::operation::operations!(@arguments ($($argument: $type),*));
            let Arguments { $($argument),* } = $crate::arguments::read(text, spelling)?;
            let stream = $body;
            Ok(stream
                .map(move |item| {
                    item.map(|item| $crate::operation::text(&item, spelling)).map_err($crate::Failure::from)
                })
                .boxed())
        })
    };
    (@arguments ($($argument:ident: $type:ty),*)) => {
        #[derive(serde::Deserialize)]
        struct Arguments {
            $($argument: $type),*
        }
    };
}
pub(crate) use operations;
