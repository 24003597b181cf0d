//! The connections kept open: signing in costs up to seconds on some servers, so it is done seldom.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult};

use super::config::StoreConfig;
use super::connection::Connection;
use super::error::StoreError;
use super::fault::Fault;

/// A connection unused for longer is asked whether it still lives; asking each time costs half the throughput.
const IDLE: Duration = Duration::from_secs(5);
/// How long that question may take.
const NOOP: Duration = Duration::from_secs(3);
/// Unused for longer, it is closed before the server does (vsftpd: 300 s).
const STALE: Duration = Duration::from_mins(4);
/// Between two tries while the server has no room for another connection.
const PAUSE: Duration = Duration::from_millis(200);
/// After the server's limit was met, the pool stays small for this long.
const SMALL: Duration = Duration::from_mins(1);

/// A connection on loan. Give it back with [`Pool::give_back`].
pub(super) type Lease = Object<Opener>;

/// The pool of one server.
pub(super) struct Pool {
    inner: managed::Pool<Opener>,
    shrunk: Mutex<Option<Instant>>,
}

/// Opens connections and decides whether a used one may be used again.
pub(super) struct Opener {
    config: Arc<StoreConfig>,
    open: Arc<AtomicUsize>,
    hashes: OnceLock<bool>,
}

/// A connection that is counted as long as it lives.
pub(super) struct Counted {
    connection: Connection,
    open: Arc<AtomicUsize>,
}

impl Pool {
    pub(super) fn new(config: Arc<StoreConfig>) -> Self {
        let (size, wait) = (config.connections.clamp(1, 8), config.limits.wait);
        let opener = Opener { config, open: Arc::default(), hashes: OnceLock::new() };
        let inner = managed::Pool::builder(opener)
            .max_size(size)
            .wait_timeout(Some(wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .expect("a pool with a time limit has a runtime");
        Self { inner, shrunk: Mutex::new(None) }
    }

    /// A connection that is signed in and in order, waiting for one when all are in use or the server allows no more.
    pub(super) async fn checkout(&self) -> Result<Lease, Fault> {
        let config = &self.inner.manager().config;
        let deadline = Instant::now() + config.limits.wait;
        self.grow_again(config.connections.clamp(1, 8));
        self.inner.retain(|counted, metrics| !counted.connection.is_dirty() && metrics.last_used() < STALE);
        loop {
            match self.inner.get().await {
                Ok(lease) => return Ok(lease),
                Err(PoolError::Backend(Fault::Limit(text))) => {
                    self.shrink();
                    if Instant::now() + PAUSE >= deadline {
                        return Err(Fault::Limit(text));
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Err(PoolError::Backend(fault)) => return Err(fault),
                Err(_) => return Err(Fault::Limit("all connections to the file server are in use".to_owned())),
            }
        }
    }

    /// Takes a connection back; one in doubt is closed at once and so are the idle ones, which likely share its fate
    /// (a restarted server has forgotten them all).
    pub(super) fn give_back(&self, lease: Lease) {
        if lease.connection.is_dirty() {
            drop(Object::take(lease));
            self.drop_idle();
        }
    }

    /// Closes every connection nobody uses, so that the next one is fresh.
    pub(super) fn drop_idle(&self) {
        self.inner.retain(|_, _| false);
    }

    fn shrink(&self) {
        let open = self.inner.manager().open.load(Ordering::Relaxed).max(1);
        tracing::warn!(connections = open, "the file server allows no more connections; using fewer for a while");
        self.inner.resize(open);
        *self.shrunk.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn grow_again(&self, size: usize) {
        let mut shrunk = self.shrunk.lock().unwrap_or_else(PoisonError::into_inner);
        if shrunk.is_some_and(|since| since.elapsed() > SMALL) {
            self.inner.resize(size);
            *shrunk = None;
        }
    }
}

impl managed::Manager for Opener {
    type Type = Counted;
    type Error = Fault;

    async fn create(&self) -> Result<Counted, Fault> {
        let mut connection = Connection::open(&self.config).await?;
        let hashes = if let Some(known) = self.hashes.get() {
            *known
        } else {
            let offered = connection.offers_hash().await?;
            *self.hashes.get_or_init(|| offered)
        };
        connection.set_hashes(hashes);
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(Counted { connection, open: self.open.clone() })
    }

    async fn recycle(&self, counted: &mut Counted, metrics: &Metrics) -> RecycleResult<Fault> {
        if counted.connection.is_dirty() {
            return Err(RecycleError::message("in doubt"));
        }
        if metrics.last_used() >= IDLE {
            counted.connection.noop(NOOP).await?;
        }
        Ok(())
    }
}

impl std::ops::Deref for Counted {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl std::ops::DerefMut for Counted {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The error of a whole call that ran out of time.
pub(super) fn out_of_time(limit: Duration) -> StoreError {
    StoreError::Unavailable { cause: format!("not done within {} s", limit.as_secs_f32()) }
}
