//! The FTP server inside the process: no set-up, on loopback only, under a password that nobody knows.

use std::collections::HashMap;
use std::fmt;
use std::net::{Ipv4Addr, Shutdown, TcpStream as Socket};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use libunftp::ServerBuilder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use unftp_core::auth::{AuthenticationError, Authenticator, Credentials, Principal};
use zeroize::Zeroizing;

use super::backend::Disk;
use super::config::StoreConfig;
use super::error::{Refusal, StoreError};

/// Connections served at a time; the store opens at most 8.
const CONNECTIONS: usize = 32;
/// A client that says nothing for longer is hung up on. Above the pool's own limit.
const IDLE_SECONDS: u64 = 600;
/// How long stopping waits for uploads.
const GRACE: Duration = Duration::from_secs(5);

/// A running embedded server. Dropping it stops it at once; [`Self::stop`] lets uploads finish first.
pub struct EmbeddedServer {
    port: u16,
    login: Arc<Login>,
    disk: Disk,
    sessions: Arc<Sessions>,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl EmbeddedServer {
    /// Serves `folder` (made if need be, for the owner only) on a free port of 127.0.0.1, under a new random user and password.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the folder cannot be used or no port can be had.
    pub async fn start(folder: &Path) -> Result<Self, StoreError> {
        let refused = |problem: std::io::Error| StoreError::Refused {
            refusal: Refusal::Configuration,
            cause: format!("the embedded file server cannot serve {}: {problem}", folder.display()),
        };
        let disk = open(folder).map_err(refused)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        let login = Arc::new(Login::random().map_err(refused)?);
        let sessions = Arc::new(Sessions::default());
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, login.clone(), disk.clone(), sessions.clone(), stopped));
        Ok(Self { port, login, disk, sessions, stop, accepting })
    }

    /// How the store reaches this server.
    pub fn config(&self) -> StoreConfig {
        StoreConfig::loopback(self.port, &self.login.user, &self.login.password, self.disk.clone())
    }

    /// The same as `SIGNET_FTP_URL` says it: for programs beside this one, on the same machine.
    pub fn url(&self) -> String {
        format!("ftp://{}:{}@127.0.0.1:{}/", self.login.user, self.login.password.as_str(), self.port)
    }

    /// Takes no new connection, lets running uploads reach the disk for a few seconds, then hangs up.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(GRACE, self.disk.quiet()).await.is_err() {
            tracing::warn!("an upload was still running when the embedded file server stopped; it was not acknowledged");
        }
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        self.accepting.abort();
        self.sessions.hang_up();
    }
}

impl fmt::Debug for EmbeddedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedServer").field("port", &self.port).finish_non_exhaustive()
    }
}

fn open(folder: &Path) -> std::io::Result<Disk> {
    if !folder.is_dir() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    Disk::open(folder)
}

/// Our own accept loop: the library's sets no TCP_NODELAY (40 ms for every reply) and cannot report a free port.
async fn accept(listener: TcpListener, login: Arc<Login>, disk: Disk, sessions: Arc<Sessions>, mut stopped: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            _ = stopped.changed() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) if peer.ip().is_loopback() => serve(stream, login.clone(), disk.clone(), sessions.clone()),
            Ok(_) => {}
            Err(error) => {
                // Out of file handles, most likely: do not spin.
                tracing::warn!(%error, "the embedded file server could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn serve(stream: TcpStream, login: Arc<Login>, disk: Disk, sessions: Arc<Sessions>) {
    let Some((stream, session)) = sessions.begin(stream) else { return };
    let server = ServerBuilder::with_authenticator(Box::new(move || disk.clone()), login).greeting("Signet").idle_session_timeout(IDLE_SECONDS).build();
    match server {
        Ok(server) => {
            tokio::spawn(async move {
                let _session = session;
                if let Err(error) = server.service(stream).await {
                    tracing::debug!(%error, "a connection to the embedded file server ended");
                }
            });
        }
        Err(error) => tracing::error!(%error, "the embedded file server cannot serve"),
    }
}

/// The open control connections, kept so that they can be hung up: the library runs each in a task of its own.
#[derive(Default)]
struct Sessions {
    sockets: Mutex<(u64, HashMap<u64, Socket>)>,
}

struct Session {
    id: u64,
    sessions: Arc<Sessions>,
}

impl Sessions {
    /// None when the socket is broken or too many are open.
    fn begin(self: &Arc<Self>, stream: TcpStream) -> Option<(TcpStream, Session)> {
        stream.set_nodelay(true).ok()?;
        let socket = stream.into_std().ok()?;
        let copy = socket.try_clone().ok()?;
        let stream = TcpStream::from_std(socket).ok()?;
        let mut sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        if sockets.1.len() >= CONNECTIONS {
            return None;
        }
        sockets.0 += 1;
        let id = sockets.0;
        sockets.1.insert(id, copy);
        Some((stream, Session { id, sessions: self.clone() }))
    }

    fn hang_up(&self) {
        let sockets = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        for socket in sockets.1.values() {
            // Fails only when the client hung up first.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.sessions.sockets.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&self.id);
    }
}

/// The only user there is.
struct Login {
    user: String,
    password: Zeroizing<String>,
}

impl Login {
    fn random() -> std::io::Result<Self> {
        let mut bytes = Zeroizing::new([0u8; 40]);
        getrandom::fill(&mut bytes[..]).map_err(|problem| std::io::Error::other(problem.to_string()))?;
        Ok(Self { user: format!("signet-{}", hex::encode(&bytes[..8])), password: Zeroizing::new(hex::encode(&bytes[8..])) })
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

#[async_trait]
impl Authenticator for Login {
    async fn authenticate(&self, user: &str, credentials: &Credentials) -> Result<Principal, AuthenticationError> {
        let password = credentials.password.as_deref().unwrap_or_default();
        if same(user, &self.user) & same(password, &self.password) {
            Ok(Principal { username: user.to_owned() })
        } else {
            Err(AuthenticationError::BadPassword)
        }
    }
}

/// Compares in a time that does not tell where the texts part.
fn same(given: &str, right: &str) -> bool {
    given.len() == right.len() && given.bytes().zip(right.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
