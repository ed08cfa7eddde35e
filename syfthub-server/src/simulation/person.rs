//! Somebody who asks, through the real orchestrator, and perhaps hangs up.

use std::sync::Arc;
use std::time::Duration;

use async_stream::stream;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use http::StatusCode;
use serde_json::Value;
use syfthub_core::rag::port::Found;
use syfthub_core::rag::{
    self, Answer, AnswerEvent, Chunk, DataSource, GenerateError, GenerationStream, Generator,
    Limits, Plan, Prompt, Retrieval, Retrieved, SourceError,
};
use syfthub_core::wire::chat::{ChatRequest, EndpointRef};
use syfthub_core::wire::space::{PolicyEntry, QueryResponse};
use syfthub_core::{Money, Timer};
use tokio::time::Instant;

use super::connection::{Broken, Reply, ask};
use super::network::Place;
use super::space::{Endpoint, Question, Space};
use super::world::World;

/// How long a source and a model may take: some of what the network delays is given up.
const PATIENCE: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(25)];

/// Time as the simulation's runtime has it.
struct Now(Instant);

impl Timer for Now {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(span).boxed()
    }
}

/// One endpoint, as somebody asks it.
#[derive(Clone)]
struct Port {
    world: Arc<World>,
    space: Arc<Space>,
    person: Place,
    question: Question,
}

impl Port {
    async fn ask(&self) -> Result<Reply, Broken> {
        let price = self.space.price(self.question.endpoint);
        if !price.is_zero() {
            self.world.truth.ask(&self.question.to_string(), self.space.place, price);
        }
        ask(&self.world.network, &self.space, self.person, self.question.clone()).await
    }
}

impl DataSource for Port {
    async fn retrieve(&self, _: &Retrieval) -> Result<Found, SourceError> {
        let broken = |_| SourceError::Network("the connection broke".to_owned());
        let reply = self.ask().await.map_err(broken)?;
        match reply.status {
            StatusCode::OK => {}
            StatusCode::PAYMENT_REQUIRED => {
                return Err(SourceError::PaymentRequired {
                    refusal: "too poor".into(),
                    challenge: None,
                });
            }
            status => {
                return Err(SourceError::Http { status: status.as_u16(), refusal: "no".into() });
            }
        }
        let bytes = reply.all().await;
        let told: QueryResponse = serde_json::from_slice(&bytes)
            .map_err(|_| SourceError::Network("the connection broke".to_owned()))?;
        let documents = told.references.unwrap_or_default().documents;
        let documents = documents.into_iter().map(|document| Retrieved {
            document_id: document.document_id,
            content: document.content,
            metadata: document.metadata,
            score: Some(document.similarity_score),
        });
        let entries = told.policy_metadata.unwrap_or_default().entries;
        Ok(Found { documents: documents.collect(), entries })
    }
}

impl Generator for Port {
    async fn generate(&self, _: Prompt) -> Result<GenerationStream, GenerateError> {
        let broken = || GenerateError::Network("the connection broke".to_owned());
        let mut reply = self.ask().await.map_err(|_| broken())?;
        if reply.status != StatusCode::OK {
            let status = reply.status.as_u16();
            return Err(GenerateError::Http { status, refusal: "no".into() });
        }
        Ok(stream! {
            let mut read = String::new();
            while let Some(piece) = reply.next().await {
                read.push_str(std::str::from_utf8(&piece).unwrap());
                while let Some((event, rest)) = read.split_once("\n\n") {
                    let data = event.strip_prefix("data: ").unwrap_or_default();
                    if data == "[DONE]" {
                        return;
                    }
                    let told: Value = serde_json::from_str(data).unwrap_or_default();
                    read = rest.to_owned();
                    if let Some(text) = told["content"].as_str() {
                        yield Ok(Chunk::Text(text.to_owned()));
                    }
                    let entries = told["policy_metadata"]["entries"].clone();
                    if let Ok(entries) = serde_json::from_value::<Vec<PolicyEntry>>(entries) {
                        yield Ok(Chunk::Entries(entries));
                    }
                }
            }
            yield Err(broken());
        }
        .boxed())
    }
}

/// Asks question `number` and follows its answer.
pub(super) async fn converse(world: Arc<World>, number: usize) {
    let dice = &world.dice;
    tokio::time::sleep(dice.span(0, 30_000)).await;
    let payer = dice.below(world.start.people.len());
    let person = Place::Person(payer);
    let mut ports = Vec::new();
    for part in 0..=dice.below(world.spaces.len() + 1) {
        ports.push(port(&world, number, part, payer, Endpoint::Notes));
    }
    let model = port(&world, number, ports.len(), payer, Endpoint::Words);
    let mut request = ChatRequest::new("Well?", reference(&model));
    request.data_sources = ports.iter().map(reference).collect();
    request.retrieval_only = dice.one_in(6);
    let limits = Limits { retrieval: PATIENCE[0], generation: PATIENCE[1], ..Limits::default() };
    let plan = Plan::new(&request, limits).unwrap();
    // Some wait for any answer there is.
    let leaves = if dice.one_in(4) { dice.span(1, 9_000) } else { Duration::from_hours(1) };
    world.chronicle.note(format_args!("{number}: {person} asks"));
    let mut events = std::pin::pin!(rag::answer(plan, ports, model, Now(Instant::now())));
    let mut leaving = std::pin::pin!(tokio::time::sleep(leaves));
    let mut terminals = 0;
    loop {
        let event = tokio::select! {
            biased;
            () = &mut leaving => {
                world.chronicle.note(format_args!("{number}: {person} hangs up"));
                return;
            }
            event = events.next() => event,
        };
        let Some(event) = event else { break };
        if terminals > 0 {
            world.break_rule(format!("{number}: something follows the terminal event"));
        }
        terminals += usize::from(event.is_terminal());
        follow(&world, number, &event);
    }
    if terminals != 1 {
        world.break_rule(format!("{number}: {terminals} terminal events"));
    }
}

fn follow(world: &World, number: usize, event: &AnswerEvent) {
    match event {
        AnswerEvent::SourceComplete { path, status, documents, .. } => {
            world.chronicle.note(format_args!("{number}: {path} {status:?} {documents}"));
        }
        AnswerEvent::Done(answer) => {
            world
                .chronicle
                .note(format_args!("{number}: done, {} documents", answer.sources.0.len()));
            is_attributed(world, number, answer);
        }
        AnswerEvent::Error { error, .. } => {
            world.chronicle.note(format_args!("{number}: {error}"));
        }
        _ => {}
    }
}

/// Every document is said to be of the source that gave it.
fn is_attributed(world: &World, number: usize, answer: &Answer) {
    for (title, entry) in &answer.sources.0 {
        let of_question = entry.content.starts_with(&format!("{number}."));
        let of_source = entry.content.contains(&format!(" to {} document ", entry.slug));
        if !of_question || !of_source {
            world.break_rule(format!("{number}: {title} of {} is {:?}", entry.slug, entry.content));
        }
    }
    let said = answer.billing.iter().flat_map(|billing| &billing.entries);
    let charged: Money = said
        .filter_map(|said| said.entry.amount)
        .fold(Money::ZERO, |sum, amount| sum.plus(Money::from_units(amount).unwrap()));
    let total = answer.billing.as_ref().and_then(|billing| billing.total_cost).unwrap_or(0.0);
    if Money::from_units(total).ok() != Some(charged) {
        world.break_rule(format!("{number}: the bill says {total}, its entries {charged}"));
    }
}

fn port(world: &Arc<World>, number: usize, part: usize, payer: usize, endpoint: Endpoint) -> Port {
    let place = world.dice.below(world.spaces.len());
    let space = Arc::clone(&world.spaces[place]);
    let person = &world.start.people[payer];
    let question = Question {
        number,
        part,
        owner: world.start.owners[place].name.clone(),
        endpoint,
        payer: person.email.as_str().to_owned(),
        token: person.tokens[place].clone(),
    };
    Port { world: Arc::clone(world), space, person: Place::Person(payer), question }
}

fn reference(port: &Port) -> EndpointRef {
    EndpointRef {
        slug: port.question.endpoint.slug().to_owned(),
        owner_username: Some(port.question.owner.clone()),
        ..EndpointRef::default()
    }
}
