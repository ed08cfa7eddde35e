//! Questions to models and data sources.

mod event;
mod question;

use syfthub_client::Client;

use self::question::Question;
use crate::operation::operations;

operations! {
    /// Questions to models and data sources.
    OPERATIONS on Client;

    /// Asks a model over data sources, and gives the complete answer.
    call "chat.complete" ["POST /aggregator/api/v1/chat"], (body: Question) |hub| {
        body.of_a_model()?.answer(&hub).await
    }

    /// Asks a model over data sources, and gives what happens meanwhile, each with its `type`; `done` has the answer.
    stream "chat.stream" ["POST /aggregator/api/v1/chat/stream"], (body: Question) |hub| {
        event::events(hub, body.of_a_model()?)
    }

    /// Asks data sources alone: an answer without a text.
    call "chat.retrieve" ["POST /aggregator/api/v1/chat"], (body: Question) |hub| {
        body.of_sources().answer(&hub).await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use crate::{Argument, Failure, hub};
    use syfthub_client::Client;

    /// The argument that `name` refuses; nobody is there who could be asked.
    async fn refused(name: &str, arguments: &str) -> Argument {
        let client = Client::builder("http://127.0.0.1:1").retries(0).build().unwrap();
        let operation = hub::operation(name).unwrap();
        let failure = if operation.is_stream() {
            match operation.open(&client, arguments) {
                Ok(mut events) => events.next().await.unwrap().unwrap_err(),
                Err(failure) => failure,
            }
        } else {
            operation.call(&client, arguments).await.unwrap_err()
        };
        let Failure::Argument(argument) = failure else { panic!("{failure:?}") };
        argument
    }

    #[tokio::test]
    async fn an_argument_that_does_not_fit_is_named_as_the_caller_wrote_it() {
        let cases = [
            (r#"{"body": {"prompt": "Why?"}}"#, "model", true),
            (r#"{"body": {"prompt": 7, "model": {"path": "ada/model"}}}"#, "prompt", true),
            (r#"{"body": {"prompt": "", "model": {"path": "ada"}}}"#, "model.path", false),
            (r#"{"body": {"prompt": "", "model": {"url": "http://s"}}}"#, "model", true),
            (
                r#"{"body": {"prompt": "", "model": {"path": "ada/model"}, "sources": [{"path": "ada/notes"}, {}]}}"#,
                "sources[1]",
                true,
            ),
            (
                r#"{"body": {"prompt": "", "model": {"path": "ada/model"}, "timeout_s": -1}}"#,
                "timeout_s",
                false,
            ),
            (r#"{"body": {"prompt": "", "modle": {}}}"#, "modle", true),
        ];
        for (arguments, field, of_type) in cases {
            for name in ["chat.complete", "chat.stream"] {
                let argument = refused(name, arguments).await;
                assert_eq!(
                    (argument.field.as_str(), argument.of_type),
                    (field, of_type),
                    "{name} {arguments}"
                );
            }
        }
    }
}
