//! One run: actors in the order that the seed decides, promises looked at on the way, and a calm end in which nothing may be left over.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::task::noop_waker_ref;
use server::index::MEMORY;
use server::service::keep::LEASE;
use server::service::sweep;

use crate::world::{Bug, Rates, World, orphans};
use crate::{actors, ledger};

/// Steps after which a run that does not end counts as stuck.
const MOST: u64 = 60_000;

/// What happened in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub steps: u64,
    pub created: u64,
    pub decided: u64,
    pub corrected: u64,
    pub withdrawn: u64,
    pub raised: u64,
    pub crashes: u64,
    pub lost: u64,
    pub stalls: u64,
    pub swept: u64,
}

impl Told {
    pub fn plus(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            created: self.created + other.created,
            decided: self.decided + other.decided,
            corrected: self.corrected + other.corrected,
            withdrawn: self.withdrawn + other.withdrawn,
            raised: self.raised + other.raised,
            crashes: self.crashes + other.crashes,
            lost: self.lost + other.lost,
            stalls: self.stalls + other.stalls,
            swept: self.swept + other.swept,
        }
    }
}

/// Plays a seed, with a planted bug or none; the first promise that was broken.
pub fn run(seed: u64, bug: Option<Bug>, aloud: bool) -> Result<Told, String> {
    let world = World::new(seed, bug, aloud);
    let mut clients = actors::clients(&world);
    let mut background = actors::background(&world);
    let mut context = Context::from_waker(noop_waker_ref());
    let mut steps: u64 = 0;
    while !clients.is_empty() {
        steps += 1;
        if steps > MOST {
            return Err("the actors come to no end".to_owned());
        }
        let place = {
            let mut guard = world.state();
            let state = &mut *guard;
            // Time goes on, now and then by much, and now and then back.
            state.now += state.chance.below(40) as i64;
            match state.chance.below(600) {
                0 => state.now += LEASE / 2,
                1 => state.now += 2 * LEASE,
                2 => state.now -= 3000,
                _ => {}
            }
            state.chance.below((clients.len() + background.len()) as u64) as usize
        };
        if place < clients.len() {
            if clients[place].as_mut().poll(&mut context).is_ready() {
                drop(clients.swap_remove(place));
            }
        } else {
            let done = background[place - clients.len()].as_mut().poll(&mut context);
            assert!(done.is_pending(), "what runs in the background has no end");
        }
        let mut state = world.state();
        if steps.is_multiple_of(8) {
            ledger::check(&mut state);
        }
        if let Some(broken) = state.broken.clone() {
            return Err(broken);
        }
    }
    drop(background);
    ends_calmly(&world)?;
    let mut state = world.state();
    state.told.steps = steps;
    Ok(state.told)
}

/// Without faults everything left under way ends: files without rows go, intents end, levels rise, and every result has been heard once.
fn ends_calmly(world: &World) -> Result<(), String> {
    world.state().rates = Rates::default();
    later(world, 3 * LEASE);
    alone(sweep::files(world))?.map_err(|error| error.to_string())?;
    while alone(actors::raise_one(world.clone()))?.map_err(|error| error.to_string())? {}
    for _ in 0..2 {
        later(world, MEMORY + LEASE);
        alone(sweep::files(world))?.map_err(|error| error.to_string())?;
    }
    alone(actors::everyone_listens(world.clone()))?;
    let mut state = world.state();
    ledger::check(&mut state);
    if let Some(broken) = state.broken.clone() {
        return Err(broken);
    }
    if let Some(intent) = state.tables.intents.values().next() {
        return Err(format!("the intent of {} does not end", intent.path));
    }
    if let Some(orphan) = orphans(&state).first() {
        return Err(format!("{orphan} is left over"));
    }
    for (creator, deliveries) in &state.tables.deliveries {
        let sent: Vec<_> = deliveries.iter().map(|one| (one.position, one.number.clone(), one.edition)).collect();
        if state.ledger.heard.get(creator) != Some(&sent) {
            return Err(format!("{creator} did not hear of everything once and in order"));
        }
    }
    Ok(())
}

fn later(world: &World, milliseconds: i64) {
    world.state().now += milliseconds;
}

/// Nobody else runs.
fn alone<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(future);
    let mut context = Context::from_waker(noop_waker_ref());
    for _ in 0..MOST {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Ok(done);
        }
    }
    Err("it comes to no end".to_owned())
}
