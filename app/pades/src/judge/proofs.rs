//! Proofs of existence (ETSI EN 319 102-1 §5.6.2.3): what a valid document time stamp covers was there at its time.

/// Times that are proven, by revision.
#[derive(Clone, Debug)]
pub(crate) struct Proofs {
    /// Index of the revision that a document time stamp closes, and its time, unix seconds.
    stamps: Vec<(usize, i64)>,
    /// Now: what is here now exists now.
    at: i64,
}

impl Proofs {
    /// Nothing but what is seen at `at`.
    pub fn new(at: i64) -> Self {
        Self { stamps: Vec::new(), at }
    }

    /// One more document time stamp that holds.
    pub fn add(&mut self, revision: usize, time: i64) {
        self.stamps.push((revision, time));
    }

    /// Since when something that `revision` brought is proven to exist; what came from outside the file since now.
    pub fn of(&self, revision: Option<usize>) -> i64 {
        let covering = self.stamps.iter().filter(|(own, _)| revision.is_some_and(|revision| *own >= revision));
        covering.map(|(_, time)| *time).chain([self.at]).min().unwrap_or(self.at)
    }

    /// Since when the signature that closes `revision` is proven to exist: its own revision's stamp leaves its value out.
    pub fn of_value(&self, revision: usize) -> Option<i64> {
        self.stamps.iter().filter(|(own, _)| *own > revision).map(|(_, time)| *time).min()
    }

    /// The revisions that document time stamps close.
    pub fn revisions(&self) -> impl Iterator<Item = usize> + '_ {
        self.stamps.iter().map(|(revision, _)| *revision)
    }
}
