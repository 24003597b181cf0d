//! The world that the protocol runs in here: a disk, rows, a clock and chance, all in memory, and what may go wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use app::model::{Sha256, TypeCode};
use bytes::Bytes;
use server::error::Result;
use server::service::seams;
use server::store::{StoreError, StorePath, VolumeName, hash};

use crate::chance::Chance;
use crate::ledger::Ledger;
use crate::rows::Tables;
use crate::schedule::Told;

/// 2026-11-23.
const START: i64 = 1_795_428_120_000;

/// A fault that someone could write into the server, to see that the simulation notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The sweep removes files before it has given their intents up.
    SweepFirst,
    /// A commit does not ask whether its intent was given up.
    CommitWithoutIntent,
    /// A decision does not ask which revision was seen.
    DecideWithoutRevision,
    /// A raise does not ask which revision was raised.
    RaiseWithoutRevision,
    /// Two live documents may share a matter.
    MatterNotUnique,
    /// The key of a request is not written in the transaction of its document.
    KeyForgotten,
    /// The delivery is written after the decision, not with it.
    DeliveryApart,
    /// The sweep forgets an intent at once.
    ForgottenAtOnce,
    /// A file is acknowledged before it is whole.
    HalfFile,
    /// A number is read and written back in two steps.
    NumberInTwoSteps,
}

impl Bug {
    pub const ALL: &[Self] = &[
        Self::SweepFirst,
        Self::CommitWithoutIntent,
        Self::DecideWithoutRevision,
        Self::RaiseWithoutRevision,
        Self::MatterNotUnique,
        Self::KeyForgotten,
        Self::DeliveryApart,
        Self::ForgottenAtOnce,
        Self::HalfFile,
        Self::NumberInTwoSteps,
    ];
}

/// How often something goes wrong: once in so many steps; 0 is never.
#[derive(Clone, Copy, Default)]
pub struct Rates {
    pub refused: u64,
    pub lost: u64,
    pub crash: u64,
    pub stall: u64,
}

pub struct State {
    pub now: i64,
    pub chance: Chance,
    pub rates: Rates,
    pub bug: Option<Bug>,
    pub disk: BTreeMap<String, (usize, Sha256)>,
    pub tables: Tables,
    pub ledger: Ledger,
    /// How often each replica was started.
    pub epochs: [u64; 3],
    pub told: Told,
    /// The first promise that was broken.
    pub broken: Option<String>,
    pub aloud: bool,
    ids: u64,
}

/// One simulated world. Cloning shares it.
#[derive(Clone)]
pub struct World(pub Arc<Mutex<State>>, Disk, crate::rows::Rows);

impl World {
    pub fn new(seed: u64, bug: Option<Bug>, aloud: bool) -> Self {
        let mut chance = Chance::new(seed);
        // Some worlds are calm, some are not.
        let mut rate = |often: u64| [0, often * 8, often * 2, often][chance.below(4) as usize];
        let rates = Rates { refused: rate(15), lost: rate(12), crash: rate(60), stall: rate(80) };
        let state = State {
            now: START,
            chance,
            rates,
            bug,
            disk: BTreeMap::new(),
            tables: Tables::default(),
            ledger: Ledger::default(),
            epochs: [0; 3],
            told: Told::default(),
            broken: None,
            aloud,
            ids: 0,
        };
        let shared = Arc::new(Mutex::new(state));
        Self(shared.clone(), Disk(shared.clone()), crate::rows::Rows(shared))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn rows(&self) -> &crate::rows::Rows {
        &self.2
    }
}

impl State {
    /// A promise is broken.
    pub fn breaks(&mut self, promise: impl Into<String>) {
        let promise = promise.into();
        self.tell(|| format!("BROKEN {promise}"));
        self.broken.get_or_insert(promise);
    }

    pub fn tell(&self, what: impl FnOnce() -> String) {
        if self.aloud {
            println!("{:>8} {}", (self.now - START) / 1000, what());
        }
    }

    pub fn id(&mut self) -> String {
        self.ids += 1;
        format!("{:012x}", self.ids)
    }

    pub fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

impl seams::World for World {
    type Files = Disk;
    type Intents = crate::rows::Rows;

    fn files(&self) -> &Disk {
        &self.1
    }

    fn intents(&self) -> &crate::rows::Rows {
        &self.2
    }

    fn now(&self) -> i64 {
        self.state().now
    }

    fn id(&self) -> String {
        self.state().id()
    }

    fn suffix(&self) -> Result<String> {
        Ok(self.state().id())
    }

    async fn wished(&self, _: &TypeCode) -> Result<Option<VolumeName>> {
        Ok(None)
    }

    async fn digest(&self, bytes: Bytes) -> Result<Sha256> {
        step().await;
        Ok(hash(&bytes))
    }
}

/// A file server: it may refuse, lose its reply, or be half-way when its caller dies.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn away(&self) -> std::result::Result<(), StoreError> {
        let mut state = self.state();
        let rate = state.rates.refused;
        if state.chance.once_in(rate) { Err(StoreError::Unavailable { cause: "simulated".to_owned() }) } else { Ok(()) }
    }

    fn lost(&self) -> std::result::Result<(), StoreError> {
        let mut state = self.state();
        let rate = state.rates.lost;
        if state.chance.once_in(rate) {
            state.told.lost += 1;
            return Err(StoreError::Unavailable { cause: "simulated: the reply was lost".to_owned() });
        }
        Ok(())
    }
}

impl seams::Files for Disk {
    /// Sometimes a second volume stands behind the first.
    fn order(&self, _: Option<&VolumeName>) -> Vec<VolumeName> {
        let second = self.state().chance.once_in(2).then(|| "second".parse().unwrap());
        [VolumeName::main()].into_iter().chain(second).collect()
    }

    async fn put(&self, path: &StorePath, bytes: Bytes, sha256: &Sha256) -> std::result::Result<(), StoreError> {
        let (name, temporary) = (path.to_string(), format!("{path}-temporary"));
        step().await;
        self.away()?;
        if self.state().has(Bug::HalfFile) {
            self.state().disk.insert(name.clone(), (bytes.len() / 2, hash(&bytes[..bytes.len() / 2])));
            self.lost()?;
            return Ok(());
        }
        // Half of it is there, then all, then under its name.
        self.state().disk.insert(temporary.clone(), (bytes.len() / 2, hash(&bytes[..bytes.len() / 2])));
        step().await;
        self.state().disk.insert(temporary.clone(), (bytes.len(), sha256.clone()));
        step().await;
        self.away()?;
        {
            let mut state = self.state();
            // A sweep may have removed it meanwhile: then there is nothing to rename.
            let Some(file) = state.disk.remove(&temporary) else {
                return Err(StoreError::Unavailable { cause: "simulated: no such file".to_owned() });
            };
            if state.disk.insert(name.clone(), file).is_some() {
                state.breaks(format!("the name {name} is used twice"));
            }
            state.tell(|| format!("stored {name}"));
        }
        step().await;
        self.lost()
    }

    async fn discard(&self, path: &StorePath) -> std::result::Result<(), StoreError> {
        step().await;
        self.away()?;
        {
            let mut state = self.state();
            let name = path.to_string();
            if state.tables.revisions.contains_key(&name) {
                state.breaks(format!("a file that a row names was removed: {name}"));
            }
            let file = state.disk.remove(&name).is_some();
            let half = state.disk.remove(&format!("{name}-temporary")).is_some();
            state.told.swept += u64::from(file || half);
            state.tell(|| format!("removed {name}"));
        }
        step().await;
        self.lost()
    }
}

/// Lets others go first: every step of an actor ends with one.
pub fn step() -> Step {
    Step(false)
}

pub struct Step(bool);

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        Poll::Pending
    }
}

/// Names on the disk that no row names.
pub fn orphans(state: &State) -> BTreeSet<String> {
    state.disk.keys().filter(|name| !state.tables.revisions.contains_key(*name)).cloned().collect()
}
