//! A proxy between Signet and PostgreSQL that breaks a connection in a chosen moment. It reads the frames of the protocol and nothing in them
//! but whether a query is COMMIT.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What happens to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It breaks instead of any message.
    Cut,
    /// Its backend is terminated before any message.
    Terminate,
    /// It breaks instead of a COMMIT.
    BeforeCommit,
    /// The COMMIT reaches the server, its answer does not reach the client.
    AfterCommit,
}

/// The proxy; stops with its runtime.
pub struct Proxy {
    port: u16,
    plan: Arc<Plan>,
}

struct Plan {
    server: AtomicU16,
    fault: Mutex<Option<Fault>>,
    /// Counts down with each moment; the fault comes at zero.
    left: AtomicI64,
    admin: String,
}

impl Proxy {
    /// Stands before the server at `port`; `admin` is a database address for terminating backends.
    pub async fn start(server: u16, admin: String) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let plan = Arc::new(Plan { server: server.into(), fault: Mutex::default(), left: AtomicI64::new(0), admin });
        let shared = plan.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, shared.clone()));
            }
        });
        Self { port, plan }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// One fault, at the `moment`th of its kind from now on; the first is 0.
    pub fn plan(&self, fault: Fault, moment: i64) {
        self.plan.left.store(moment, Ordering::SeqCst);
        *self.plan.fault.lock().unwrap() = Some(fault);
    }

    /// Calls the fault off; whether it had come.
    pub fn came(&self) -> bool {
        self.plan.fault.lock().unwrap().take().is_none()
    }
}

impl Plan {
    /// Whether the fault comes now.
    fn comes(&self, is_commit: bool) -> Option<Fault> {
        let mut fault = self.fault.lock().unwrap();
        let planned = (*fault)?;
        let concerns = is_commit || matches!(planned, Fault::Cut | Fault::Terminate);
        if !concerns || self.left.fetch_sub(1, Ordering::SeqCst) > 0 {
            return None;
        }
        fault.take()
    }
}

async fn serve(client: TcpStream, plan: Arc<Plan>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, plan.server.load(Ordering::SeqCst))).await else { return };
    for stream in [&client, &server] {
        stream.set_nodelay(true).unwrap();
    }
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (process, cut) = (Arc::new(AtomicI64::new(0)), Arc::new(Notify::new()));
    // Set while the answer to a COMMIT must not come through.
    let deaf = Arc::new(AtomicI64::new(0));
    let back = tokio::spawn(answers(from_server, to_client, process.clone(), deaf.clone(), cut.clone()));
    tokio::select! {
        () = questions(from_client, to_server, &plan, &process, &deaf) => {}
        () = cut.notified() => {}
    }
    // Both halves go, so both sides see the connection end.
    back.abort();
}

async fn questions(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, plan: &Plan, process: &AtomicI64, deaf: &AtomicI64) {
    // The first message has no kind.
    let Some(start) = frame(&mut from, None).await else { return };
    if to.write_all(&start).await.is_err() {
        return;
    }
    loop {
        let Ok(kind) = from.read_u8().await else { return };
        let Some(message) = frame(&mut from, Some(kind)).await else { return };
        let is_commit = kind == b'Q' && message[5..].eq_ignore_ascii_case(b"COMMIT\0");
        match plan.comes(is_commit) {
            Some(Fault::Cut | Fault::BeforeCommit) => return,
            Some(Fault::Terminate) => terminate(&plan.admin, process.load(Ordering::SeqCst)).await,
            Some(Fault::AfterCommit) => deaf.store(1, Ordering::SeqCst),
            None => {}
        }
        if to.write_all(&message).await.is_err() {
            return;
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, process: Arc<AtomicI64>, deaf: Arc<AtomicI64>, cut: Arc<Notify>) {
    while let Ok(kind) = from.read_u8().await {
        let Some(message) = frame(&mut from, Some(kind)).await else { break };
        if kind == b'K' {
            process.store(i64::from(u32::from_be_bytes([message[5], message[6], message[7], message[8]])), Ordering::SeqCst);
        }
        // The server has answered, so what it was asked is done.
        if deaf.load(Ordering::SeqCst) == 1 || to.write_all(&message).await.is_err() {
            break;
        }
    }
    cut.notify_one();
}

async fn frame(from: &mut OwnedReadHalf, kind: Option<u8>) -> Option<Vec<u8>> {
    let length = from.read_u32().await.ok()?;
    let mut message: Vec<u8> = kind.into_iter().collect();
    message.extend(length.to_be_bytes());
    let start = message.len();
    message.resize(start + (length as usize).checked_sub(4)?, 0);
    from.read_exact(&mut message[start..]).await.ok()?;
    Some(message)
}

async fn terminate(admin: &str, process: i64) {
    use sqlx::{Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(admin).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("SELECT pg_terminate_backend({process})"))).await.unwrap();
    connection.close().await.ok();
}
