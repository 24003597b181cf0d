//! One fault, three acts: what must hold while it lasts, and after.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use app::error::{AppError, Code};
use app::model::{Document, SignatureDecision};
use server::store::hash;
use support::line::Proxy;
use support::machine;
use support::scripted::Scripted;
use support::vsftpd::Vsftpd;
use support::world::{Key, World, claim};
use tempfile::TempDir;

use crate::ftp_faults::kinds::Kind;

/// What `SIGNET_FTP_PATIENCE` says, seconds.
const PATIENCE: &str = "1";
/// Longest that an act may take: a read and a write, each four times the patience, with a moment to tidy up; and a slow machine.
const LONGEST: Duration = Duration::from_secs(20);

/// A Signet over a server that does as it is told.
pub struct Site {
    world: World,
    server: Server,
    certificates: Option<TempDir>,
    key: Key,
    /// Matters so far.
    matters: AtomicU32,
    /// Acts that succeeded while the fault lasted.
    pub spite: AtomicU32,
}

/// What the files lie on.
enum Server {
    Scripted(Scripted, TempDir),
    Vsftpd(Proxy, Vsftpd),
}

/// A broken promise, in words.
type Broken = String;

impl Site {
    /// Over the scripted server.
    pub async fn scripted(tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Scripted::start(folder.path()).await;
        let certificates = tls.then(|| {
            let own = tempfile::tempdir().unwrap();
            machine::make_certificates(own.path());
            server.certify(own.path());
            own
        });
        let (scheme, host) = if tls { ("ftps", "localhost") } else { ("ftp", "127.0.0.1") };
        let url = format!("{scheme}://user:word@{host}:{}/signet", server.port);
        Self::over(&url, Server::Scripted(server, folder), certificates).await
    }

    /// Over vsftpd, with a proxy before it; None where it cannot be had.
    pub async fn vsftpd() -> Option<Self> {
        // Silence leaves sessions behind for as long as the server waits.
        let server = Vsftpd::start(false, &["max_clients=0", "data_connection_timeout=5"])?;
        let proxy = Proxy::start(server.port()).await;
        let url = server.url().replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port));
        Some(Self::over(&url, Server::Vsftpd(proxy, server), None).await)
    }

    async fn over(url: &str, server: Server, certificates: Option<TempDir>) -> Self {
        let authority = certificates.as_ref().map(|own| own.path().join("ca.pem").display().to_string());
        let mut more = vec![("SIGNET_FTP_URL", url), ("SIGNET_FTP_PATIENCE", PATIENCE)];
        more.extend(authority.as_deref().map(|file| ("SIGNET_FTP_CA", file)));
        let world = World::with(&more).await;
        let key = world.key("wang.jianguo").await;
        Self { world, server, certificates, key, matters: AtomicU32::new(0), spite: AtomicU32::new(0) }
    }

    /// Creates, reads and signs while the fault lasts, each followed by the same act without it.
    pub async fn try_out(&self, kind: &Kind) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut struck = 0;
        for (act, outcome) in [("create", self.create(kind).await), ("read", self.read(kind).await), ("sign", self.sign(kind).await)] {
            match outcome {
                Ok(count) => struck += count,
                Err(why) => broken.push(format!("{} · {act}: {why}", kind.name)),
            }
        }
        if struck == 0 && kind.certificate.is_none() && broken.is_empty() {
            broken.push(format!("{}: never struck, so this tested nothing", kind.name));
        }
        if let Err(why) = self.tidy().await {
            broken.push(format!("{} · afterwards: {why}", kind.name));
        }
        // What is still silent is not kept for the next kind.
        match &self.server {
            Server::Scripted(server, _) => server.set(None, true),
            Server::Vsftpd(proxy, _) => proxy.set(None, true),
        };
        broken
    }

    async fn create(&self, kind: &Kind) -> Result<u32, Broken> {
        let desk = self.world.desk("li.na").await;
        let matter = self.matter();
        let new = || claim(&matter, "10");
        let began = self.begin(kind);
        let result = desk.submit(new(), None, None).await;
        let struck = self.end(kind);
        self.judge(began, result.as_ref().map(|_| ()).map_err(Clone::clone))?;
        let document = match result {
            Ok(submitted) => submitted.document,
            Err(_) => desk.submit(new(), None, None).await.map_err(|error| format!("still fails without the fault: {error:?}"))?.document,
        };
        self.stored(&document)?;
        Ok(struck)
    }

    async fn read(&self, kind: &Kind) -> Result<u32, Broken> {
        let document = self.world.claim(&self.matter(), "10").await;
        let desk = self.world.desk("li.na").await;
        let began = self.begin(kind);
        let result = desk.file(document.number.clone(), None).await;
        let struck = self.end(kind);
        self.judge(began, result.as_ref().map(|_| ()).map_err(Clone::clone))?;
        for file in [result.ok(), Some(desk.file(document.number.clone(), None).await.map_err(|error| format!("still fails without the fault: {error:?}"))?)] {
            if file.is_some_and(|file| hash(&file.bytes) != document.sha256) {
                return Err("wrong bytes were handed on".to_owned());
            }
        }
        Ok(struck)
    }

    async fn sign(&self, kind: &Kind) -> Result<u32, Broken> {
        let document = self.world.claim(&self.matter(), "10").await;
        let desk = self.world.desk("wang.jianguo").await;
        let offer = desk.offer(document.number.clone(), 0, self.key.serial.clone(), None).await.unwrap();
        let cms = self.key.cms(&*desk, &offer).await;
        let decision = SignatureDecision { number: document.number.clone(), offer: offer.id, cms };
        let began = self.begin(kind);
        let result = desk.sign(decision.clone()).await;
        let struck = self.end(kind);
        self.judge(began, result.as_ref().map(|_| ()).map_err(Clone::clone))?;
        let signed = match result {
            Ok(signed) => signed,
            Err(_) => {
                let before = desk.document(document.number.clone()).await.map_err(|error| format!("{error:?}"))?;
                if before != document {
                    return Err(format!("an act that failed changed the document: {before:?}"));
                }
                desk.sign(decision).await.map_err(|error| format!("still fails without the fault: {error:?}"))?
            }
        };
        if signed.revision != 1 {
            return Err(format!("revision {} after one signature", signed.revision));
        }
        self.stored(&signed)?;
        Ok(struck)
    }

    fn matter(&self) -> String {
        format!("F-{}", self.matters.fetch_add(1, Ordering::Relaxed))
    }

    fn begin(&self, kind: &Kind) -> Instant {
        match &self.server {
            Server::Scripted(server, _) => {
                if let Some((names, days)) = kind.certificate {
                    let other = tempfile::tempdir().unwrap();
                    machine::certificates(other.path(), names, days);
                    server.certify(other.path());
                }
                server.set(kind.fault, kind.afresh);
            }
            Server::Vsftpd(proxy, _) => {
                proxy.set(kind.line, kind.afresh);
            }
        }
        Instant::now()
    }

    /// The fault is gone; how often it struck.
    fn end(&self, kind: &Kind) -> u32 {
        match &self.server {
            Server::Scripted(server, _) => {
                if let (Some(_), Some(own)) = (kind.certificate, &self.certificates) {
                    server.certify(own.path());
                }
                server.set(None, false)
            }
            Server::Vsftpd(proxy, _) => proxy.set(None, false),
        }
    }

    /// A typed error in time, or success.
    fn judge(&self, began: Instant, result: Result<(), AppError>) -> Result<(), Broken> {
        let took = began.elapsed();
        if took > LONGEST {
            return Err(format!("it took {took:?}"));
        }
        match result {
            Ok(()) => {
                self.spite.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) if error.code == Code::StoreUnavailable && error.next.is_some() => Ok(()),
            Err(error) => Err(format!("not the store's error: {error:?}")),
        }
    }

    /// What was acknowledged is on the server's disk, byte for byte.
    fn stored(&self, document: &Document) -> Result<(), Broken> {
        let bytes = fs::read(self.files().join(&document.store_path)).map_err(|error| format!("acknowledged and not there: {error}"))?;
        if hash(&bytes) == document.sha256 { Ok(()) } else { Err(format!("acknowledged with wrong bytes: {} of {}", bytes.len(), document.size)) }
    }

    /// After the sweep every file has its row and every row its file, and nothing else is there.
    async fn tidy(&self) -> Result<(), Broken> {
        self.world.clock.advance(11 * 60 * 1000);
        server::service::sweep::once(&self.world.app).await.map_err(|error| format!("the sweep: {error}"))?;
        let mut named = BTreeSet::new();
        let mut after = None;
        loop {
            let rows = self.world.app.index.files(after, 200).await.map_err(|error| error.to_string())?;
            let Some(last) = rows.last() else { break };
            after = Some((last.database.clone(), last.file.store_path.clone()));
            named.extend(rows.into_iter().map(|row| self.files().join(row.file.store_path)));
        }
        for database in self.world.app.index.database_names() {
            let mut after = String::new();
            loop {
                let records = self.world.app.index.records(&database, &after, 200).await.map_err(|error| error.to_string())?;
                let Some(last) = records.last() else { break };
                after.clone_from(&last.store_path);
                named.extend(records.into_iter().map(|record| self.files().join(record.store_path)));
            }
        }
        let mut there = BTreeSet::new();
        files(&self.files(), &mut there);
        // The trail's segments are written in their own time, perhaps between the two looks.
        let trail = self.files().join("records/trail");
        named.retain(|path| !path.starts_with(&trail));
        // Beside them lies the store's mark.
        there.retain(|path| !path.starts_with(&trail) && *path != self.files().join(server::service::ownership::MARK));
        // Said once, not again for each kind that follows.
        there.difference(&named).for_each(|path| fs::remove_file(path).unwrap());
        match there.symmetric_difference(&named).next() {
            None => Ok(()),
            Some(path) => Err(format!("{} {}", path.display(), if named.contains(path) { "is missing" } else { "was left behind" })),
        }
    }

    fn files(&self) -> PathBuf {
        match &self.server {
            Server::Scripted(_, folder) => folder.path().join("signet"),
            Server::Vsftpd(_, server) => server.files(),
        }
    }
}

fn files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), found);
        } else {
            found.insert(entry.path());
        }
    }
}
