//! A simulated space: the journal of charges, the bodies and the streams are those of real ones; searching and writing are
//! pauses.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_stream::stream;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::StatusCode;
use serde_json::json;
use syfthub_core::wire::space::{
    Document, PolicyEntry, PolicyMetadata, PolicyTransaction, QueryResponse, References,
};
use syfthub_core::{Clock, Money, Secret};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use super::Rule;
use super::dice::{Chronicle, Dice};
use super::network::Place;
use super::process::Process;
use super::truth::Truth;
use crate::db::Db;
use crate::http::sse;
use crate::space::simulated::{
    Bill, ChargeError, Exchange, Journal, NoPayee, Payee, Payees, Reservation, body, complete,
};
use crate::space::{MarketplaceId, TenantId};

/// What is asked of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Documents.
    Notes,
    /// A model.
    Words,
}

impl Endpoint {
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::Notes => "notes",
            Self::Words => "words",
        }
    }
}

/// A question to one endpoint of a space, as part of a person's question.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The person's question.
    pub(super) number: usize,
    /// Which of the endpoints it is put to this is.
    pub(super) part: usize,
    pub(super) owner: String,
    pub(super) endpoint: Endpoint,
    /// The person's address.
    pub(super) payer: String,
    pub(super) token: Secret,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} to {}/{}", self.number, self.part, self.owner, self.endpoint.slug())
    }
}

/// The space of one owner. Its tables survive its process.
pub(super) struct Space {
    pub(super) place: Place,
    pub(super) payee: Payee,
    pub(super) prices: [Money; 2],
    pub(super) db: Db,
    pub(super) process: Process,
    pub(super) chronicle: Chronicle,
    pub(super) truth: Truth,
    pub(super) dice: Dice,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) way: Arc<dyn Exchange>,
    pub(super) rule: Rule,
    pub(super) journal: Mutex<Option<Journal>>,
    /// Something was delivered.
    pub(super) delivered: Notify,
}

/// The owner's account, which no hub has to be asked for.
#[derive(Clone)]
struct Owner(Payee);

impl Payees for Owner {
    async fn payee(&self, _: MarketplaceId) -> Result<Payee, NoPayee> {
        Ok(self.0.clone())
    }

    fn forget_payee(&self, _: MarketplaceId) {}
}

impl Space {
    /// Starts the process: what the last one left is brought to its end.
    pub(super) fn start(&self) {
        self.chronicle.note(format_args!("{} starts", self.place));
        let (clock, way) = (Arc::clone(&self.clock), Arc::clone(&self.way));
        let journal = Journal::new(self.db.clone(), clock, way);
        *self.journal.lock().unwrap() = Some(journal.clone());
        self.process.start();
        if self.rule != Rule::NothingIsRecovered {
            self.process.spawn(journal.rounds(self.owner(), CancellationToken::new()));
        }
    }

    pub(super) fn crash(&self) {
        self.chronicle.note(format_args!("{} crashes", self.place));
        self.process.crash();
    }

    fn owner(&self) -> Owner {
        Owner(self.payee.clone())
    }

    pub(super) fn price(&self, endpoint: Endpoint) -> Money {
        self.prices[usize::from(endpoint == Endpoint::Words)]
    }

    fn journal(&self) -> Journal {
        self.journal.lock().unwrap().clone().expect("it has been started")
    }

    /// Answers as a real space does: reserve, work, hand over.
    pub(super) async fn answer(self: Arc<Self>, question: Question) -> Response {
        let price = self.price(question.endpoint);
        let mut reserved = Vec::new();
        let reservations =
            if price.is_zero() { 0 } else { 1 + usize::from(self.rule == Rule::ConfirmedTwice) };
        for _ in 0..reservations {
            match self.reserve(&question, price).await {
                Ok(reservation) => reserved.push(reservation),
                Err(refused) => {
                    self.chronicle.note(format_args!("{question}: not reserved, {refused}"));
                    return refused.into_response();
                }
            }
        }
        let mut entries = Vec::new();
        entries.extend(reserved.first().map(|reservation| charged(price, reservation)));
        if self.rule == Rule::ConfirmedBeforeDelivery {
            for reservation in reserved.drain(..) {
                reservation.delivered(&self.owner()).await.ok();
            }
        }
        tokio::time::sleep(self.dice.span(1, 2_000)).await;
        if self.dice.one_in(10) {
            self.chronicle.note(format_args!("{question}: the space fails"));
            return StatusCode::BAD_GATEWAY.into_response();
        }
        match question.endpoint {
            Endpoint::Notes => self.documents(&question, entries, reserved),
            Endpoint::Words => self.words(&question, entries, reserved),
        }
    }

    /// In a task of its own, as in a real space: a caller who goes away meanwhile leaves no call half made.
    async fn reserve(
        self: &Arc<Self>,
        question: &Question,
        amount: Money,
    ) -> Result<Reservation, StatusCode> {
        let bill = Bill {
            tenant: TenantId::ROOT,
            endpoint_slug: question.endpoint.slug().to_owned(),
            marketplace: MarketplaceId::new(),
            correlation_id: question.to_string(),
            payer: question.payer.clone(),
            amount,
        };
        let (done, outcome) = oneshot::channel();
        let (journal, owner, token) = (self.journal(), self.owner(), question.token.clone());
        self.process.spawn(async move {
            // Nobody may be there any more to hear of it.
            done.send(journal.reserve(&owner, bill, token).await).ok();
        });
        match outcome.await {
            Ok(Ok(reservation)) => Ok(reservation),
            Ok(Err(ChargeError::Refused(_))) => Err(StatusCode::PAYMENT_REQUIRED),
            Ok(Err(ChargeError::Away(_))) => Err(StatusCode::SERVICE_UNAVAILABLE),
            Ok(Err(ChargeError::Store(_))) | Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn documents(
        self: &Arc<Self>,
        question: &Question,
        entries: Vec<PolicyEntry>,
        reserved: Vec<Reservation>,
    ) -> Response {
        let document = |n: usize| Document {
            document_id: format!("{n}"),
            content: format!("{question} document {n}"),
            metadata: serde_json::Map::new(),
            similarity_score: 0.9,
        };
        let documents = (0..self.dice.below(4)).map(document).collect();
        let references = References { documents, ..References::default() };
        let policy_metadata = Some(PolicyMetadata { outcome: "success".to_owned(), entries });
        let answer = QueryResponse {
            references: Some(references),
            policy_metadata,
            ..QueryResponse::default()
        };
        let bytes = serde_json::to_vec(&answer).unwrap();
        Response::new(body(bytes.into(), self.due(question, reserved)))
    }

    fn words(
        self: &Arc<Self>,
        question: &Question,
        entries: Vec<PolicyEntry>,
        reserved: Vec<Reservation>,
    ) -> Response {
        let due = self.due(question, reserved);
        let space = Arc::clone(self);
        sse::answer(stream! {
            for word in 0..space.dice.below(5) {
                tokio::time::sleep(space.dice.span(1, 400)).await;
                yield sse::data(&json!({"content": format!("word {word} ")}));
            }
            let last = json!({"done": true, "policy_metadata": {"outcome": "success", "entries": entries}});
            let mut end = std::pin::pin!(complete(last, Some(due)));
            while let Some(event) = end.next().await {
                yield event;
            }
        })
    }

    /// What is to be done when the answer was delivered.
    fn due(
        self: &Arc<Self>,
        question: &Question,
        reserved: Vec<Reservation>,
    ) -> impl FnOnce() + Send + Unpin + 'static {
        let (space, name) = (Arc::clone(self), question.to_string());
        move || {
            if space.rule == Rule::ReleasedAfterDelivery {
                return;
            }
            for reservation in reserved {
                let (server, name) = (Arc::clone(&space), name.clone());
                space.process.spawn(async move {
                    let fate = reservation.delivered(&server.owner()).await;
                    let fate = fate.expect("the tables are in memory");
                    server.chronicle.note(format_args!("{name}: charged, {fate:?}"));
                });
            }
        }
    }
}

fn charged(price: Money, reservation: &Reservation) -> PolicyEntry {
    PolicyEntry {
        policy_type: "accounting".to_owned(),
        kind: "payment".to_owned(),
        status: "charged".to_owned(),
        amount: Some(price.to_units()),
        transaction: Some(PolicyTransaction {
            rail: "accounting".to_owned(),
            id: reservation.transaction().to_owned(),
        }),
        ..PolicyEntry::default()
    }
}
