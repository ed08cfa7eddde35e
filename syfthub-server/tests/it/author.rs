//! A fixture: a server with the OpenAI API whose model says one word and then, perhaps, waits.

#![expect(clippy::unwrap_used, reason = "a fixture ends where something is not as it must be")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const FIRST: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Yes\"}}]}\n\n";
const REST: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// How far the model comes with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    /// It never begins.
    Silent,
    /// It never ends.
    Endless,
    /// It says what there is to say.
    #[default]
    Helpful,
}

/// The server; clones share it.
#[derive(Clone)]
pub(crate) struct Author {
    /// The base address of its API.
    pub(crate) url: String,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Notify>,
}

impl Author {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let author = Self { url, mood: Arc::default(), asked: Arc::default() };
        let router = Router::new().fallback(answer).with_state(author.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        author
    }

    /// Answers from now on in this mood.
    pub(crate) fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Returns when it was asked.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }
}

async fn answer(State(author): State<Author>) -> Response {
    author.asked.notify_one();
    let mood = *author.mood.lock().unwrap();
    if mood == Mood::Silent {
        std::future::pending::<()>().await;
    }
    let rest = async move {
        if mood == Mood::Endless {
            std::future::pending::<()>().await;
        }
        Ok(REST)
    };
    let events = stream::iter([Ok::<_, Infallible>(FIRST)]).chain(stream::once(rest));
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
}
