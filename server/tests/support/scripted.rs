//! An FTP server of ours that keeps real files and can go wrong at every step, on demand.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::sync::watch;

#[path = "scripted_session.rs"]
mod session;

pub use session::{At, How};

/// A fault that strikes at a place, so many times.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub at: At,
    pub how: How,
    pub times: u32,
}

/// A running server.
pub struct Scripted {
    pub port: u16,
    script: Arc<Script>,
    accepting: tokio::task::JoinHandle<()>,
}

/// What its sessions share.
struct Script {
    folder: PathBuf,
    state: Mutex<State>,
    /// Sessions end when this changes.
    restarts: watch::Sender<u32>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    struck: u32,
    tls: Option<Arc<ServerConfig>>,
    heard: Vec<String>,
}

impl Scripted {
    /// Serves `folder` to everyone, over TLS too once it has a certificate.
    pub async fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Arc::new(Script { folder: folder.to_owned(), state: Mutex::default(), restarts: watch::Sender::new(0) });
        let shared = script.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = shared.clone();
                tokio::spawn(async move {
                    let mut restarted = script.restarts.subscribe();
                    restarted.mark_unchanged();
                    tokio::select! {
                        _ = session::serve(stream, script) => {}
                        _ = restarted.changed() => {}
                    }
                });
            }
        });
        Self { port, script, accepting }
    }

    /// From now on this goes wrong, or nothing does; how often the fault before struck. `afresh` ends all sessions, so that the next act
    /// has to sign in.
    pub fn set(&self, fault: Option<Fault>, afresh: bool) -> u32 {
        let struck = {
            let mut state = self.script.state();
            state.fault = fault;
            std::mem::take(&mut state.struck)
        };
        if afresh {
            self.script.restarts.send_modify(|count| *count += 1);
        }
        struck
    }

    /// Shows this certificate from now on: `both.pem` of `folder`.
    pub fn certify(&self, folder: &Path) {
        let file = folder.join("both.pem");
        let chain = CertificateDer::pem_file_iter(&file).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_file(&file).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap();
        self.script.state().tls = Some(Arc::new(config));
    }

    /// Every command so far.
    pub fn heard(&self) -> Vec<String> {
        self.script.state().heard.clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.accepting.abort();
        self.script.restarts.send_modify(|count| *count += 1);
    }
}

impl Script {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What goes wrong here, if anything does.
    fn strike(&self, at: At) -> Option<How> {
        let mut state = self.state();
        let fault = state.fault.as_mut().filter(|fault| fault.at == at && fault.times > 0)?;
        fault.times -= 1;
        let how = fault.how;
        state.struck += 1;
        Some(how)
    }

    fn heard(&self, line: &str) {
        self.state().heard.push(line.to_owned());
    }

    fn tls(&self) -> Option<Arc<ServerConfig>> {
        self.state().tls.clone()
    }

    /// Where a name of the protocol is on the disk.
    fn file(&self, name: &str) -> io::Result<PathBuf> {
        let inside = name.trim_start_matches('/');
        if inside.split('/').any(|part| part == "..") || inside.contains('\0') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(self.folder.join(inside))
    }

    fn is_file(&self, name: &str) -> bool {
        self.file(name).is_ok_and(|path| fs::metadata(path).is_ok_and(|found| found.is_file()))
    }
}
