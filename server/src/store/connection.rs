//! One control connection: signed in, binary, every step with a time limit, and honest about whether it can still be trusted.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use suppaftp::tokio::{AsyncRustlsConnector, AsyncRustlsFtpStream, AsyncRustlsStream, TransferStream};
use suppaftp::types::FileType;
use suppaftp::{FtpError, FtpResult, Mode, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::config::{Limits, StoreConfig};
use super::content::Content;
use super::fault::Fault;
use super::receiver::{PIECE, Received, Receiver, Sink};

/// How long a server may take to close its side of an encrypted upload.
const CLOSING: Duration = Duration::from_secs(1);

/// A connection that has signed in. After any doubt (time-out, cancelled call, broken stream, unexpected reply) it is
/// `dirty` for good: an unread reply would be taken for the answer to the next command.
pub(super) struct Connection {
    stream: AsyncRustlsFtpStream,
    limits: Limits,
    secure: bool,
    dirty: bool,
    /// The server hashes files itself (`XSHA256`).
    hashes: bool,
}

impl Connection {
    /// Connects, upgrades to TLS where configured (before any password is sent, never falling back), signs in and asks for
    /// binary transfers: the default type is ASCII, which silently rewrites line ends inside PDFs.
    pub(super) async fn open(config: &StoreConfig) -> Result<Self, Fault> {
        let limit = config.limits.connect;
        let addresses = resolve(config).await?;
        let tcp = timed(limit, async { TcpStream::connect(&addresses[..]).await.map_err(FtpError::ConnectionError) }).await?;
        tcp.set_nodelay(true).map_err(|problem| Fault::Doubt(problem.to_string()))?;
        let mut stream = timed(limit, AsyncRustlsFtpStream::connect_with_stream(tcp)).await.map_err(Fault::at_login)?;
        if let Some(tls) = &config.tls {
            // Its own session cache: servers demand that a data connection resumes the session of *its* control connection.
            let mut tls = rustls::ClientConfig::clone(tls);
            tls.resumption = Resumption::in_memory_sessions(8);
            let connector = AsyncRustlsConnector::from(TlsConnector::from(Arc::new(tls)));
            stream = timed(limit, stream.into_secure(connector, &config.host)).await.map_err(Fault::at_tls)?;
        }
        timed(limit, stream.login(config.user.as_str(), config.password.as_str())).await.map_err(Fault::at_login)?;
        timed(limit, stream.transfer_type(FileType::Binary)).await?;
        // Extended passive mode takes no address from the server, so it cannot send us anywhere else.
        stream.set_mode(Mode::ExtendedPassive);
        Ok(Self { stream, limits: config.limits, secure: config.tls.is_some(), dirty: false, hashes: false })
    }

    /// True when nothing more may be asked on this connection.
    pub(super) fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Asks what the server can do; true when it hashes files itself.
    pub(super) async fn offers_hash(&mut self) -> Result<bool, Fault> {
        let limit = self.limits.command;
        self.dirty = true;
        let features = timed(limit, self.stream.feat()).await;
        match self.settle(features) {
            Ok(features) => Ok(features.keys().any(|key| key.trim().eq_ignore_ascii_case("XSHA256"))),
            Err(Fault::Reply { .. }) => Ok(false),
            Err(doubt) => Err(doubt),
        }
    }

    /// Remembers what [`Self::offers_hash`] said on an earlier connection.
    pub(super) fn set_hashes(&mut self, hashes: bool) {
        self.hashes = hashes;
    }

    /// Is anybody there?
    pub(super) async fn noop(&mut self, limit: Duration) -> Result<(), Fault> {
        self.dirty = true;
        let reply = timed(limit, self.stream.noop()).await;
        self.settle(reply)
    }

    /// Makes one folder; true when it is new. False means that it exists *or* cannot be made: the next upload tells.
    pub(super) async fn make_folder(&mut self, path: &str) -> Result<bool, Fault> {
        let limit = self.limits.command;
        self.dirty = true;
        let reply = timed(limit, self.stream.mkdir(path)).await;
        match self.settle(reply) {
            Ok(()) => Ok(true),
            Err(Fault::Reply { .. }) => Ok(false),
            Err(doubt) => Err(doubt),
        }
    }

    /// Uploads `content` to `path`; the digest of what was read where it came from the disk. A positive reply does not prove that
    /// all arrived: read it back.
    pub(super) async fn store(&mut self, path: &str, content: &Content) -> Result<Option<String>, Fault> {
        let Limits { command, stall, .. } = self.limits;
        self.dirty = true;
        // The library's own upload forgets the server's reply when the data connection broke, and with it why ("no space").
        let opened = self.stream.custom_data_command(format!("STOR {path}"), &[Status::AlreadyOpen, Status::AboutToSend]);
        let opened = timed(command, opened).await;
        let (_, mut data) = self.settle(opened)?;
        self.dirty = true;
        let mut pieces = content.pieces();
        while let Some(piece) = pieces.next().await? {
            match tokio::time::timeout(stall, data.write_all(&piece)).await {
                Ok(Ok(())) => {}
                Ok(Err(problem)) => return Err(hung_up(data, problem, command).await),
                Err(_) => return Err(Fault::silence(stall)),
            }
        }
        match tokio::time::timeout(stall, data.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => return Err(hung_up(data, problem, command).await),
            Err(_) => return Err(Fault::silence(stall)),
        }
        if self.secure {
            // Closing with unread bytes (session tickets) resets the connection, which may overtake the end of the data.
            let _ = tokio::time::timeout(CLOSING, tokio::io::copy(&mut data, &mut tokio::io::sink())).await;
        }
        // A failed transfer leaves the connection dirty even when the reply was clean; some servers send a second one.
        timed(command, data.finish()).await?;
        self.dirty = false;
        Ok(pieces.digest())
    }

    /// Downloads `path` into `sink`, at most one byte more than `expected`; the number of bytes seen, and what was kept of them.
    /// None when there is no such file.
    pub(super) async fn retrieve(&mut self, path: &str, expected: u64, sink: Sink) -> Result<Option<(u64, Received)>, Fault> {
        let Limits { command, stall, .. } = self.limits;
        self.dirty = true;
        let opened = timed(command, self.stream.retr_as_stream(path)).await;
        let mut data: TransferStream<AsyncRustlsStream> = match self.settle(opened) {
            Err(Fault::Reply { status: Status::FileUnavailable, .. }) => return Ok(None),
            other => other?,
        };
        self.dirty = true;
        let mut receiver = Receiver::new(sink, expected);
        let mut seen = 0;
        let mut buffer = vec![0; PIECE.min(usize::try_from(expected.saturating_add(1)).unwrap_or(PIECE))];
        loop {
            let filled = fill(&mut data, &mut buffer, stall).await?;
            if filled == 0 {
                break;
            }
            buffer = receiver.take(buffer, filled).await?;
            seen += filled as u64;
            if seen > expected {
                // Too long already; the rest is not wanted, and the connection stays dirty.
                return Ok(Some((seen, receiver.finish().await?)));
            }
        }
        match timed(command, data.finish()).await {
            Ok(()) => self.dirty = false,
            // The embedded server opens the transfer first and then finds that there is no such file.
            Err(Fault::Reply { status: Status::FileUnavailable, .. }) if seen == 0 => return Ok(None),
            Err(fault) => return Err(fault),
        }
        Ok(Some((seen, receiver.finish().await?)))
    }

    /// The lines of NLST; none where there is no such folder.
    pub(super) async fn list(&mut self, path: &str) -> Result<Vec<String>, Fault> {
        let limit = self.limits.command + self.limits.stall;
        self.dirty = true;
        let lines = timed(limit, self.stream.nlst(Some(path))).await;
        match self.settle(lines) {
            Err(Fault::Reply { status: Status::FileUnavailable | Status::RequestFileActionIgnored, .. }) => Ok(Vec::new()),
            other => other,
        }
    }

    /// The size of a file; None when there is none.
    pub(super) async fn size(&mut self, path: &str) -> Result<Option<u64>, Fault> {
        let limit = self.limits.command;
        self.dirty = true;
        let reply = timed(limit, self.stream.size(path)).await;
        match self.settle(reply) {
            Ok(size) => Ok(Some(size as u64)),
            Err(Fault::Reply { status: Status::FileUnavailable, .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// The SHA-256 the server itself computes, in lower-case hexadecimal; None when it cannot.
    pub(super) async fn server_hash(&mut self, path: &str) -> Result<Option<String>, Fault> {
        if !self.hashes {
            return Ok(None);
        }
        let limit = self.limits.stall;
        self.dirty = true;
        let reply = timed(limit, self.stream.custom_command(format!("XSHA256 {path}"), &[Status::RequestedFileActionOk])).await;
        match self.settle(reply) {
            Ok(reply) => {
                let body = String::from_utf8_lossy(&reply.body).to_ascii_lowercase();
                let is_digest = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
                Ok(body.split_ascii_whitespace().find(is_digest).map(str::to_owned))
            }
            Err(Fault::Reply { .. }) => Ok(None),
            Err(doubt) => Err(doubt),
        }
    }

    /// Renames; every server replaces an existing target without a word.
    pub(super) async fn rename(&mut self, from: &str, to: &str) -> Result<(), Fault> {
        let limit = self.limits.command;
        self.dirty = true;
        let reply = timed(limit, self.stream.rename(from, to)).await;
        self.settle(reply)
    }

    /// Deletes a file; false when the server has none of that name or will not.
    pub(super) async fn delete(&mut self, path: &str) -> Result<bool, Fault> {
        let limit = self.limits.command;
        self.dirty = true;
        let reply = timed(limit, self.stream.rm(path)).await;
        match self.settle(reply) {
            Ok(()) => Ok(true),
            Err(Fault::Reply { status: Status::FileUnavailable, .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Clean again only after the expected reply or a plain refusal.
    fn settle<T>(&mut self, result: Result<T, Fault>) -> Result<T, Fault> {
        self.dirty = !matches!(result, Ok(_) | Err(Fault::Reply { .. }));
        result
    }
}

/// Why the server ended the data connection: what it says, or else what broke.
async fn hung_up(data: TransferStream<AsyncRustlsStream>, problem: std::io::Error, limit: Duration) -> Fault {
    match timed(limit, data.finish()).await {
        Err(reply @ Fault::Reply { .. }) => reply,
        _ => FtpError::ConnectionError(problem).into(),
    }
}

/// Fills `buffer` as far as the stream goes, so that what is behind handles few large pieces and not many small ones.
async fn fill(data: &mut TransferStream<AsyncRustlsStream>, buffer: &mut [u8], stall: Duration) -> Result<usize, Fault> {
    let mut filled = 0;
    while filled < buffer.len() {
        let count = timed(stall, async { data.read(&mut buffer[filled..]).await.map_err(FtpError::ConnectionError) }).await?;
        if count == 0 {
            break;
        }
        filled += count;
    }
    Ok(filled)
}

async fn resolve(config: &StoreConfig) -> Result<Vec<SocketAddr>, Fault> {
    let lookup = tokio::net::lookup_host((config.host.as_str(), config.port));
    let found = timed(config.limits.connect, async { lookup.await.map_err(FtpError::ConnectionError) }).await?;
    let addresses: Vec<_> = found.filter(|address| config.may_connect(address.ip())).collect();
    if addresses.is_empty() {
        return Err(Fault::Doubt(format!("{} has no address that Signet may connect to", config.host)));
    }
    Ok(addresses)
}

/// One step with its time limit. The library has none of its own.
async fn timed<T>(limit: Duration, step: impl Future<Output = FtpResult<T>>) -> Result<T, Fault> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => result.map_err(Fault::from),
        Err(_) => Err(Fault::silence(limit)),
    }
}
