//! Calling an endpoint through its hub, which finds it and says who asks (contract hub 6.3).

use futures_util::{Stream, StreamExt as _};
use serde_json::Value;
use syfthub_core::ids::EndpointPath;

use crate::endpoints::Endpoints;
use crate::error::{Error, ErrorKind};
use crate::idle;
use crate::sse::{self, SseEvent};
use crate::transport::{Call, Caller, Incoming};

impl Endpoints<'_> {
    /// Calls the endpoint at `path` through the hub with `body` as it is, and gives its answer as it is.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none that the caller may see, [`ErrorKind::Forbidden`] when it denies the
    /// caller, and [`ErrorKind::Server`] or [`ErrorKind::Timeout`] when it does not answer.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let question = serde_json::json!({ "messages": "What grows near the river?", "limit": 3 });
    /// let answer = hub.endpoints().invoke(&"ada/field-notes".parse()?, &question).await?;
    /// println!("{}", answer["references"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn invoke(&self, path: &EndpointPath, body: &Value) -> Result<Value, Error> {
        let call = self.calling(path, body).deadline(self.client.answer_deadline());
        self.client.transport().json(call).await
    }

    /// The same for an endpoint that answers in events, as it does when `body` says `"stream": true`. Dropping the stream
    /// cancels the call.
    ///
    /// # Errors
    /// As [`Endpoints::invoke`]; [`ErrorKind::Interrupted`] when the connection breaks in between.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt as _;
    ///
    /// let turns = serde_json::json!([{ "role": "user", "content": "What grows near the river?" }]);
    /// let body = serde_json::json!({ "messages": turns, "stream": true });
    /// let events = hub.endpoints().invoke_stream(&"ada/extractive".parse()?, &body).await?;
    /// let mut events = std::pin::pin!(events);
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{}: {}", event.name, event.data);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn invoke_stream(
        &self,
        path: &EndpointPath,
        body: &Value,
    ) -> Result<impl Stream<Item = Result<SseEvent, Error>> + Send + use<>, Error> {
        let call = self.calling(path, body).accept("text/event-stream");
        let call = call.deadline(self.client.answer_deadline());
        let Incoming { response, correlation_id } = self.client.transport().open(call).await?;
        let bytes = idle::with_limit(response.bytes_stream(), self.client.stream_idle());
        Ok(sse::events(bytes, sse::MAX_EVENT).map(move |event| {
            event.map_err(|cause| {
                let message = format!("the answer broke off: {cause}");
                Error::new(ErrorKind::Interrupted, message).correlated(&*correlation_id)
            })
        }))
    }

    fn calling(self, path: &EndpointPath, body: &Value) -> Call {
        let url = self.client.root(&[path.owner.as_str(), path.slug.as_str()]);
        Call::post(url, Caller::UserIfAny).json(body)
    }
}
