//! The real ledger, as a server that crashes; its tables survive it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use syfthub_core::Clock;
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use super::dice::Chronicle;
use super::network::{Network, Place};
use super::process::Process;
use crate::config::{HttpSettings, LedgerSettings};
use crate::db::Db;
use crate::http as kit;
use crate::ledger::{self, Ledger};
use crate::space::simulated::{Away, Exchange};

/// How long a space waits for the ledger.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

pub(super) struct Bank {
    db: Db,
    clock: Arc<dyn Clock>,
    pub(super) process: Process,
    chronicle: Chronicle,
    running: Mutex<Option<(Ledger, Router)>>,
}

impl Bank {
    /// With these tables; it does not run yet.
    pub(super) fn new(db: Db, clock: Arc<dyn Clock>, chronicle: Chronicle) -> Self {
        Self { db, clock, process: Process::default(), chronicle, running: Mutex::default() }
    }

    pub(super) fn start(&self) {
        self.chronicle.note("ledger starts");
        let clock = Arc::clone(&self.clock);
        let ledger = ledger::testing::ledger(&self.db, clock, &LedgerSettings::default());
        let router = ledger::testing::router(&ledger);
        let router = kit::edge(router, "simulation", &HttpSettings::default(), None);
        *self.running.lock().unwrap() = Some((ledger, router));
        self.process.start();
    }

    pub(super) fn crash(&self) {
        self.chronicle.note("ledger crashes");
        self.process.crash();
    }

    /// The ledger as programs beside it use it.
    pub(super) fn ledger(&self) -> Ledger {
        self.running.lock().unwrap().as_ref().expect("it has been started").0.clone()
    }

    /// Answers a request; nothing when it is down, or goes down meanwhile. It goes on when whoever asked goes away.
    async fn handle(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let router = self.running.lock().unwrap().as_ref().map(|(_, router)| router.clone())?;
        let (done, outcome) = oneshot::channel();
        self.process.spawn(async move {
            let Ok(response) = router.oneshot(request.map(Body::from)).await;
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.expect("it is in memory").to_bytes();
            done.send(Response::from_parts(parts, bytes)).ok();
        });
        outcome.await.ok()
    }
}

/// The way from a space to the ledger.
pub(super) struct Line {
    pub(super) from: Place,
    pub(super) network: Network,
    pub(super) bank: Arc<Bank>,
}

impl Line {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Away> {
        if !self.network.carry(self.from, Place::Ledger).await {
            std::future::pending::<()>().await;
        }
        if let Some(later) = self.network.doubles() {
            let (bank, again) = (Arc::clone(&self.bank), request.clone());
            tokio::spawn(async move {
                tokio::time::sleep(later).await;
                bank.handle(again).await;
            });
        }
        let answer = self.bank.handle(request).await;
        let answer = answer.ok_or_else(|| Away("the connection broke".to_owned()))?;
        if !self.network.carry(Place::Ledger, self.from).await {
            std::future::pending::<()>().await;
        }
        Ok(answer)
    }
}

impl Exchange for Line {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Away>> {
        let what = format!("{} {}", request.method(), request.uri().path());
        async move {
            let told = tokio::time::timeout(PATIENCE, self.send(request)).await;
            let told = told.unwrap_or_else(|_| Err(Away("it took too long".to_owned())));
            // Ids differ from run to run.
            let what: String = what.chars().filter(|c| !c.is_ascii_digit()).take(24).collect();
            let outcome = match &told {
                Ok(answer) => answer.status().to_string(),
                Err(away) => away.to_string(),
            };
            self.bank.chronicle.note(format_args!("{} {what}: {outcome}", self.from));
            told
        }
        .boxed()
    }
}
