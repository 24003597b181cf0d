//! Places where the process can be told to die, so that a test can kill it at each step of an act and look at what is left.
//!
//! `SIGNET_CRASH_AT=create.number:after` ends the process right after that step as kill -9 would: no destructor runs, nothing is
//! flushed. `#2` behind it waits for the second passage. Without the variable a point costs one relaxed load.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

macro_rules! points {
    ($($point:ident $name:literal)*) => {
        /// Every place. The same name may be passed by several acts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Point { $(#[doc = $name] $point,)* }

        impl Point {
            /// All of them, in the order of an act.
            pub const ALL: &[Self] = &[$(Self::$point),*];

            /// What `SIGNET_CRASH_AT` calls it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$point => $name,)* }
            }
        }
    };
}

points! {
    // a creation
    CreateDraft "create.draft"
    CreateNumber "create.number"
    CreateRender "create.render"
    CreateCommit "create.commit"
    CreateKey "create.key"
    CreateDocument "create.document"
    CreateEvent "create.event"
    // a correction
    CorrectDraft "correct.draft"
    CorrectRender "correct.render"
    CorrectCommit "correct.commit"
    CorrectLock "correct.lock"
    CorrectKey "correct.key"
    CorrectDocument "correct.document"
    CorrectEvent "correct.event"
    // file first
    KeepIntent "keep.intent"
    KeepPut "keep.put"
    KeepGiveUp "keep.give_up"
    StoreFolder "store.folder"
    StoreUpload "store.upload"
    StoreSize "store.size"
    StoreHash "store.hash"
    StoreRename "store.rename"
    StoreRead "store.read"
    StoreDelete "store.delete"
    // the embedded server's side of it
    DiskWrite "disk.write"
    DiskSync "disk.sync"
    DiskRename "disk.rename"
    // rows of an edition and of a revision
    EditionRow "edition.row"
    FileIntent "file.intent"
    FileRow "file.row"
    RouteRows "route.rows"
    // a signature
    SignAccept "sign.accept"
    SignLevel "sign.level"
    SignCommit "sign.commit"
    SignUsed "sign.used"
    LevelStamp "level.stamp"
    LevelEvidence "level.evidence"
    LevelSeal "level.seal"
    RejectCommit "reject.commit"
    DecideLock "decide.lock"
    DecideDocument "decide.document"
    DecideRow "decide.row"
    DecideEvent "decide.event"
    DecideOffers "decide.offers"
    DecideStep "decide.step"
    DecideNext "decide.next"
    DecideEnd "decide.end"
    DecidePlan "decide.plan"
    DecideWake "decide.wake"
    // the way back
    DeliverPosition "deliver.position"
    DeliverRow "deliver.row"
    DeliverReturned "deliver.returned"
    MailboxLook "mailbox.look"
    MailboxSend "mailbox.send"
    MailboxRead "mailbox.read"
    // a withdrawal
    WithdrawCommit "withdraw.commit"
    WithdrawLock "withdraw.lock"
    WithdrawDocument "withdraw.document"
    WithdrawSteps "withdraw.steps"
    WithdrawEvent "withdraw.event"
    // a raise
    RaiseTake "raise.take"
    RaiseMake "raise.make"
    RaiseCommit "raise.commit"
    RaiseLock "raise.lock"
    RaiseDocument "raise.document"
    RaiseDelivery "raise.delivery"
    RaiseEvent "raise.event"
    // keys
    EnrolIssue "enrol.issue"
    EnrolCommit "enrol.commit"
    EnrolRow "enrol.row"
    RevokeCommit "revoke.commit"
    RevokeRow "revoke.row"
    // what a request is answered
    OnceClaim "once.claim"
    OnceKeep "once.keep"
    OnceRelease "once.release"
    AnswerSend "answer.send"
    // the sweep
    SweepExpired "sweep.expired"
    SweepFile "sweep.file"
    SweepForget "sweep.forget"
}

/// Does a step between its two points.
pub async fn step<T>(point: Point, step: impl Future<Output = T>) -> T {
    before(point);
    let done = step.await;
    after(point);
    done
}

/// The step begins.
pub fn before(point: Point) {
    pass(point, Side::Before);
}

/// The step is done.
pub fn after(point: Point) {
    pass(point, Side::After);
}

/// Reads `SIGNET_CRASH_AT` once.
///
/// # Errors
/// A value that names no point, in one line.
pub fn arm_from_environment() -> Result<(), String> {
    match std::env::var(VARIABLE) {
        Ok(value) if !value.is_empty() => arm(&value),
        _ => Ok(()),
    }
}

fn arm(value: &str) -> Result<(), String> {
    let wrong = || format!("{VARIABLE}: {value:?} is not a point as keep.intent:before or keep.intent:after#2; server/src/crash.rs lists them");
    let (place, passage) = value.split_once('#').unwrap_or((value, "1"));
    let passage: u32 = passage.parse().ok().filter(|passage| *passage > 0).ok_or_else(wrong)?;
    let (name, side) = place.split_once(':').ok_or_else(wrong)?;
    let side = match side {
        "before" => Side::Before,
        "after" => Side::After,
        _ => return Err(wrong()),
    };
    let point = Point::ALL.iter().find(|point| point.name() == name).ok_or_else(wrong)?;
    LEFT.store(passage, Ordering::Relaxed);
    ARMED.store(place_of(*point, side), Ordering::Relaxed);
    Ok(())
}

/// What the environment calls it.
pub const VARIABLE: &str = "SIGNET_CRASH_AT";

#[derive(Clone, Copy)]
enum Side {
    Before = 0,
    After = 1,
}

fn pass(point: Point, side: Side) {
    if ARMED.load(Ordering::Relaxed) == place_of(point, side) && LEFT.fetch_sub(1, Ordering::Relaxed) == 1 {
        // By a signal, like kill -9: nothing in this process has another word.
        std::process::abort();
    }
}

fn place_of(point: Point, side: Side) -> u32 {
    point as u32 * 2 + side as u32
}

/// The place that is armed; none at first.
static ARMED: AtomicU32 = AtomicU32::new(u32::MAX);
/// Passages until the process dies there.
static LEFT: AtomicU32 = AtomicU32::new(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_a_wrong_one_is_told() {
        let mut names: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Point::ALL.len());
        for wrong in ["", "create.number", "create.nummer:before", "create.number:between", "create.number:after#0", "create.number:after#x"] {
            assert!(arm(wrong).is_err_and(|text| text.starts_with(VARIABLE)), "{wrong}");
        }
        assert_eq!(ARMED.load(Ordering::Relaxed), u32::MAX);
    }
}
