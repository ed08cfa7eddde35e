//! One simulation: who is in it, what befalls them, and how it ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use syfthub_core::{Clock, Money, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Rule;
use super::bank::{Bank, Line};
use super::books;
use super::dice::{Chronicle, Dice};
use super::network::{Network, Place};
use super::person;
use super::process::Process;
use super::space::Space;
use super::start::{EPOCH, START, Start};
use super::truth::Truth;
use crate::db::Db;
use crate::db::testing::Pause;

/// What an answer may cost, in millionths.
const PRICES: [i64; 4] = [0, 1, 250_000, 1_000_000];

/// Longer than a reservation lives.
const LONG: Duration = Duration::from_hours(25);

/// How often it is looked at whether everything has come to its end, and how many times.
const LOOK: Duration = Duration::from_mins(1);
const LOOKS: usize = 60;

pub(super) struct World {
    pub(super) start: &'static Start,
    pub(super) dice: Dice,
    pub(super) chronicle: Chronicle,
    pub(super) network: Network,
    pub(super) bank: Arc<Bank>,
    pub(super) books: Db,
    pub(super) spaces: Vec<Arc<Space>>,
    pub(super) truth: Truth,
    pub(super) clock: Arc<dyn Clock>,
    broken: Mutex<Vec<String>>,
}

/// The calendar, by the simulation's runtime.
struct Calendar(Instant);

impl Clock for Calendar {
    fn now(&self) -> Timestamp {
        EPOCH.after(self.0.elapsed())
    }
}

impl World {
    fn new(seed: u64, rule: Rule) -> Arc<Self> {
        let (dice, chronicle, truth) = (Dice::of(seed), Chronicle::begin(), Truth::default());
        let network = Network::new(dice.clone());
        let clock: Arc<dyn Clock> = Arc::new(Calendar(Instant::now()));
        let books = Db::inline(&START.hub, pauses(&dice));
        let bank = Arc::new(Bank::new(books.clone(), Arc::clone(&clock), chronicle.clone()));
        let spaces = 1 + dice.below(START.owners.len());
        let space = |number: usize| {
            let place = Place::Space(number);
            let (network, bank) = (network.clone(), Arc::clone(&bank));
            Arc::new(Space {
                place,
                payee: START.owners[number].payee.clone(),
                prices: [(); 2].map(|()| Money::from_micros(PRICES[dice.below(PRICES.len())])),
                db: Db::inline(&START.space, pauses(&dice)),
                process: Process::default(),
                chronicle: chronicle.clone(),
                truth: truth.clone(),
                dice: dice.clone(),
                clock: Arc::clone(&clock),
                way: Arc::new(Line { from: place, network, bank }),
                rule,
                journal: Mutex::default(),
                delivered: Notify::new(),
            })
        };
        let spaces = (0..spaces).map(space).collect();
        let (start, broken) = (&*START, Mutex::default());
        Arc::new(Self {
            start,
            dice,
            chronicle,
            network,
            bank,
            books,
            spaces,
            truth,
            clock,
            broken,
        })
    }

    /// Notes that something is not as it must be.
    pub(super) fn break_rule(&self, what: String) {
        self.chronicle.note(format_args!("BROKEN: {what}"));
        self.broken.lock().unwrap().push(what);
    }
}

/// A process does not do one thing right after another.
fn pauses(dice: &Dice) -> Pause {
    let dice = dice.clone();
    Arc::new(move || if dice.one_in(4) { dice.span(1, 30) } else { Duration::ZERO })
}

/// What came of a simulation.
pub(super) struct Report {
    /// What happened.
    pub(super) lines: Vec<String>,
    /// What is not as it must be.
    pub(super) broken: Vec<String>,
}

/// Simulates the world of `seed`, on a thread of its own making and with time of its own.
pub(super) fn simulate(seed: u64, rule: Rule) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().start_paused(true).build().unwrap();
    let world = runtime.block_on(async {
        let world = World::new(seed, rule);
        live(&world).await;
        world
    });
    drop(runtime);
    let broken = std::mem::take(&mut *world.broken.lock().unwrap());
    Report { lines: world.chronicle.clone().into_lines(), broken }
}

async fn live(world: &Arc<World>) {
    world.bank.start();
    world.spaces.iter().for_each(|space| space.start());
    let people = (0..2 + world.dice.below(4)).map(|n| person::converse(Arc::clone(world), n));
    let people: Vec<_> = people.map(tokio::spawn).collect();
    let faults = (0..world.dice.below(6)).map(|_| tokio::spawn(befall(Arc::clone(world))));
    let faults: Vec<_> = faults.collect();
    let auditor = tokio::spawn(books::watch(Arc::clone(world)));
    for ended in join_all(people.into_iter().chain(faults)).await {
        ended.expect("nobody in the simulation panics");
    }
    auditor.abort();
    if world.dice.one_in(8) {
        stay_away(world).await;
    }
    world.chronicle.note("the storm is over");
    world.network.calm();
    let mut looks = 0;
    while books::open_charges(world).await > 0 && looks < LOOKS {
        tokio::time::sleep(LOOK).await;
        looks += 1;
    }
    tokio::time::sleep(LONG).await;
    expire(world).await;
    books::verify(world).await;
}

/// Something goes wrong, and is right again some time later.
async fn befall(world: Arc<World>) {
    let dice = &world.dice;
    tokio::time::sleep(dice.span(0, 40_000)).await;
    let number = dice.below(world.spaces.len());
    let place = Place::Space(number);
    match dice.below(8) {
        0..3 => {
            kill(&world, number).await;
            tokio::time::sleep(dice.span(10, 30_000)).await;
            revive(&world, number);
        }
        3 => {
            if world.bank.process.is_up() {
                world.bank.crash();
            }
            tokio::time::sleep(dice.span(10, 15_000)).await;
            if !world.bank.process.is_up() {
                world.bank.start();
            }
        }
        4 => {
            // It dies right after a delivery, before it may have noted that.
            let delivered = world.spaces[number].delivered.notified();
            if tokio::time::timeout(dice.span(10_000, 40_000), delivered).await.is_ok() {
                tokio::time::sleep(dice.span(0, 40)).await;
                kill(&world, number).await;
                tokio::time::sleep(dice.span(10, 10_000)).await;
                revive(&world, number);
            }
        }
        5 => apart(&world, place, Place::Ledger).await,
        6 => apart(&world, place, Place::Person(dice.below(world.start.people.len()))).await,
        _ => cheat(&world).await,
    }
}

async fn apart(world: &World, one: Place, other: Place) {
    world.chronicle.note(format_args!("{one} and {other} are cut off"));
    world.network.cut(one, other);
    tokio::time::sleep(world.dice.span(100, 40_000)).await;
    world.chronicle.note(format_args!("{one} and {other} reach each other"));
    world.network.mend(one, other);
}

/// A space is dead for longer than a reservation lives.
async fn stay_away(world: &World) {
    let number = world.dice.below(world.spaces.len());
    kill(world, number).await;
    tokio::time::sleep(LONG).await;
    expire(world).await;
    revive(world, number);
}

async fn kill(world: &World, number: usize) {
    let space = &world.spaces[number];
    if space.process.is_up() {
        space.crash();
        let noted = books::noted(space).await;
        for name in world.truth.die(space.place, |name| noted.contains(name)) {
            world.chronicle.note(format_args!("{name}: delivered, and never noted"));
        }
    }
}

fn revive(world: &World, number: usize) {
    let space = &world.spaces[number];
    if !space.process.is_up() {
        space.start();
    }
}

/// A payer cancels what is pending, which the ledger allows to both sides.
async fn cheat(world: &World) {
    let person = &world.start.people[world.dice.below(world.start.people.len())];
    let ledger = world.bank.ledger();
    let Ok(history) = ledger.history(&person.party, 0, 10).await else { return };
    for transfer in history {
        let id = &transfer.transaction.id;
        if ledger.cancel(&person.party, id, None).await.is_ok() {
            world.chronicle.note("a payer cancels");
        }
    }
}

async fn expire(world: &World) {
    let expired = world.bank.ledger().expire_due(world.clock.now()).await;
    let expired = expired.expect("the tables are in memory");
    world.chronicle.note(format_args!("{expired} reservations expire"));
}
