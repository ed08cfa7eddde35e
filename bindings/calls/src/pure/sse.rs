//! Server-sent events out of bytes.

use std::convert::Infallible;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Deserializer, Serialize};
use syfthub_client::sse::{MAX_EVENT, events};

use crate::operation::operations;

/// Bytes as they came in, which JSON carries as base64.
struct Chunk(Vec<u8>);

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// The events of a stream, and why it could not be read on.
#[derive(Serialize)]
struct Decoded {
    events: Vec<Event>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Event {
    event: String,
    data: String,
}

operations! {
    /// Server-sent events out of bytes.
    OPERATIONS on ();

    /// The events in these chunks of base64, and why the stream could not be read to its end, if it could not.
    call "sse.decode" [], (chunks: Vec<Chunk>, max_event: Option<usize>) |_offline| {
        let bytes = stream::iter(chunks.into_iter().map(|Chunk(bytes)| Ok::<_, Infallible>(bytes.into())));
        let mut decoded = Decoded { events: Vec::new(), error: None };
        for event in events(bytes, max_event.unwrap_or(MAX_EVENT)).collect::<Vec<_>>().await {
            match event {
                Ok(event) => decoded.events.push(Event { event: event.name, data: event.data }),
                Err(error) => decoded.error = Some(error.to_string()),
            }
        }
        Ok(decoded)
    }
}
