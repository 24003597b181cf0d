//! Signet's server: everything behind the pages and the public API.

pub mod ca;
pub mod caller;
pub mod clock;
pub mod commands;
mod compress;
pub mod config;
pub mod crash;
pub mod desk;
pub mod error;
pub mod figures;
pub mod index;
pub mod licences;
pub mod observe;
pub mod outage;
mod pace;
mod patient;
pub mod permission;
pub mod places;
mod private;
pub mod rest;
pub mod router;
mod rpc;
pub mod security;
pub mod serve;
pub mod service;
pub mod session;
pub mod site;
pub mod store;
pub mod types;
mod typesetting;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use ca::{Authority, OutsideAuthority, Responder, TimeStampAuthority, TrailKey};
use clock::{Clock, SystemClock};
use config::Config;
use error::{Error, Result, internal};
use index::{Index, IndexError};
use render::Typesetter;
use service::password::Passwords;
use store::{EmbeddedServer, Limits, Store, StoreConfig, VolumeName};
use typesetting::Typesetting;

/// Everything a request needs. No truth is kept in it: any number of replicas may run over the same index and store.
pub struct App {
    /// The environment's values.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The databases.
    pub index: Index,
    /// The volumes of files.
    pub store: Store,
    /// Templates to PDFs.
    pub typesetting: Typesetting,
    /// The certificate authority.
    pub authority: Authority,
    /// The built-in time-stamp authority.
    pub time_stamps: TimeStampAuthority,
    /// Answers about revocation.
    pub responder: Responder,
    /// The outside time-stamp authority, where one is named: then documents are stamped by that one.
    pub outside_stamps: Option<OutsideAuthority>,
    /// Signs the audit trail's checkpoints.
    pub trail_key: TrailKey,
    /// Calls for a look at documents whose level can be raised.
    pub raising: Arc<Notify>,
    /// Which certificates were found to be issued by whom: never asked twice.
    pub issued: Arc<pades::Known>,
    /// Calls for a sweep.
    pub sweeping: Arc<Notify>,
    /// The gate of passwords.
    pub passwords: Passwords,
    /// Shows accounts to try on the sign-in page.
    pub demo: bool,
    /// Cancelled where it turns out that the server must not go on.
    pub refused: CancellationToken,
    workers: Arc<Semaphore>,
    embedded: std::sync::Mutex<Option<EmbeddedServer>>,
    closing: AtomicBool,
}

/// What a start decides besides the environment.
pub struct Options {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Accounts to try, with their passwords on the sign-in page.
    pub demo: bool,
    /// Starts the processes that typeset.
    pub typesetter: Typesetter,
}

impl Default for Options {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), demo: false, typesetter: Typesetter::of_this_program(commands::TYPESET) }
    }
}

/// Opens index, store and authority, imports the types that ship, and starts the sweep. Shared by the program and its tests.
///
/// # Errors
/// The first part that cannot be opened, with what to do.
pub async fn build(config: Config, options: Options) -> Result<Arc<App>> {
    let app = open_whole(config, options).await?;
    service::ownership::begin(&app).await?;
    // What ships, and what tidies up.
    service::types::import_shipped(&app).await?;
    if app.demo {
        service::demo::accounts(&app).await?;
    }
    tokio::spawn(service::sweep::run(Arc::downgrade(&app)));
    tokio::spawn(service::watch::run(Arc::downgrade(&app)));
    tokio::spawn(service::volumes::run(Arc::downgrade(&app)));
    tokio::spawn(service::level::later::run(Arc::downgrade(&app)));
    tokio::spawn(service::trail::run(Arc::downgrade(&app)));
    tokio::spawn(typesetting::run(Arc::downgrade(&app)));
    Ok(app)
}

/// As [`open`], for an index that is whole.
///
/// # Errors
/// As [`open`]; an index that is half made anew.
pub async fn open_whole(config: Config, options: Options) -> Result<Arc<App>> {
    let app = open(config, options).await?;
    for database in app.index.database_names() {
        if app.index.trail_head(&database).await?.restoring {
            return Err(cannot_start(format!("the database {database} is only half made anew from the store; run `signet reindex` again")));
        }
    }
    Ok(app)
}

/// Opens index, store and authority and starts nothing: for what looks at them or makes them anew.
///
/// # Errors
/// The first part that cannot be opened, with what to do.
pub async fn open(config: Config, options: Options) -> Result<Arc<App>> {
    // 1. The data folder, for its owner only.
    let data = config.data.clone();
    private::folder(&data)?;
    // 2. The index.
    let databases: Vec<(String, String)> = config.databases.iter().map(|(name, url)| (name.clone(), url.clone())).collect();
    let index = Index::open(&databases).await.map_err(|error| match error {
        // This may pass: who serves can wait for it.
        error @ IndexError::Unavailable(_) => Error::from(error),
        error => cannot_start(format!("the index cannot be opened: {error}")),
    })?;
    // 3. The store: its volumes outside, and `main` embedded where it is not named.
    let (store, embedded) = open_store(&config).await?;
    // 4. The authority.
    let passphrase = ca::read_passphrase(config.ca_passphrase_file.as_deref()).map_err(|error| cannot_start(format!("SIGNET_CA_PASSPHRASE_FILE: {error}")))?;
    let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
    let (folder, now) = (data.join("ca"), options.clock.now().div_euclid(1000));
    let closed = |error| cannot_start(format!("the certificate authority cannot be opened: {error}"));
    let alone = ca::alone(&folder).map_err(closed)?;
    let authority = Authority::open(&folder, passphrase, config.public_base(), now).map_err(closed)?;
    let time_stamps = TimeStampAuthority::open(&authority, passphrase, now).map_err(closed)?;
    let responder = Responder::open(&authority, passphrase, now).map_err(closed)?;
    let trail_key = TrailKey::open(&folder, passphrase).map_err(closed)?;
    // Whoever starts at the same moment finds every key whole.
    drop(alone);
    let outside_stamps = match (&config.tsa_url, &config.tsa_ca) {
        (Some(url), Some(anchors)) => {
            Some(OutsideAuthority::new(url.clone(), anchors, config.tsa_crls.clone()).map_err(|error| cannot_start(format!("SIGNET_TSA_CA: {error}")))?)
        }
        _ => None,
    };
    let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    Ok(Arc::new(App {
        typesetting: Typesetting::new(options.typesetter, workers),
        passwords: Passwords::new()?,
        clock: options.clock,
        demo: options.demo,
        workers: Arc::new(Semaphore::new(workers)),
        embedded: std::sync::Mutex::new(embedded),
        closing: AtomicBool::new(false),
        config,
        index,
        store,
        authority,
        time_stamps,
        responder,
        outside_stamps,
        trail_key,
        raising: Arc::default(),
        issued: Arc::default(),
        sweeping: Arc::default(),
        refused: CancellationToken::new(),
    }))
}

async fn open_store(config: &Config) -> Result<(Store, Option<EmbeddedServer>)> {
    let limits = Limits::patient(config.ftp.patience);
    let mut volumes = Vec::with_capacity(config.ftp.volumes.len() + 1);
    for (name, volume) in &config.ftp.volumes {
        let server = StoreConfig::of_volume(name, volume.url.as_str(), volume.ca.as_deref()).map_err(|error| cannot_start(error.to_string()))?;
        volumes.push((name.clone(), server.with_limits(limits)));
    }
    let main = VolumeName::main();
    let mut embedded = None;
    if let Some(folder) = config.embedded_store() {
        let server = EmbeddedServer::start(&folder).await?;
        volumes.push((main.clone(), server.config().with_limits(limits)));
        embedded = Some(server);
    }
    let active = config.ftp.active.clone().unwrap_or(main);
    Ok((Store::open(volumes, active, config.data.clone()), embedded))
}

impl App {
    /// Heavy work (PDFs, signatures) off the async threads, as much at a time as there are cores.
    ///
    /// # Errors
    /// Only when the work panics: a defect.
    pub async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = self.workers.clone().acquire_owned().await.map_err(internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(place);
            outcome
        });
        done.await.map_err(internal)
    }

    /// The address of a document's page, as QR codes say it.
    pub fn document_url(&self, number: &str) -> String {
        types::document_url(self.config.public_base(), number)
    }

    /// The address of the embedded file server with its password, for clients on this machine that are measured against the store.
    #[doc(hidden)]
    pub fn embedded_url(&self) -> Option<String> {
        self.embedded.lock().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref().map(EmbeddedServer::url)
    }

    /// Whether the server is on its way down: long streams end then.
    pub fn closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Says that the server is on its way down.
    pub fn begin_closing(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Lets what runs come to its end, then stops index and embedded file server.
    pub async fn close(&self) {
        self.begin_closing();
        service::trail::close(self).await;
        let embedded = self.embedded.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(server) = embedded {
            server.stop().await;
        }
        self.index.close().await;
    }
}

pub(crate) fn cannot_start(why: String) -> Error {
    Error::new(app::error::Code::Internal, format!("Signet cannot start: {why}"), format!("Signet 无法启动：{why}"))
}
