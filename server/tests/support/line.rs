//! A line between Signet and a real FTP server that breaks on demand. It speaks just enough of the protocol to stand in the way of the data
//! as well: it names a port of its own in the answer to EPSV.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How a line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// An orderly end.
    End,
    /// A reset.
    Reset,
    /// Silence, for ever.
    Silence,
}

/// Where a line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// Each new connection.
    Connect,
    /// The control connection, before the server hears this command.
    Before(&'static str),
    /// The control connection, after the server heard this command and before the client hears the reply.
    After(&'static str),
    /// The data, this many bytes on their way up.
    Up(usize),
    /// The data, this many bytes on their way down.
    Down(usize),
    /// The data connection, before its first byte.
    Data,
}

/// One fault of the line.
#[derive(Clone, Copy, Debug)]
pub struct Break {
    pub at: Where,
    pub cut: Cut,
    pub times: u32,
}

/// A running proxy.
pub struct Proxy {
    pub port: u16,
    line: Arc<Line>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Line {
    server: u16,
    state: Mutex<(Option<Break>, u32)>,
    restarts: watch::Sender<u32>,
}

impl Proxy {
    /// In front of the server on the port `server`.
    pub async fn start(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::new(Line { server, state: Mutex::default(), restarts: watch::Sender::new(0) });
        let shared = line.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let line = shared.clone();
                tokio::spawn(async move {
                    let mut restarted = line.restarts.subscribe();
                    restarted.mark_unchanged();
                    tokio::select! {
                        _ = control(client, &line) => {}
                        _ = restarted.changed() => {}
                    }
                });
            }
        });
        Self { port, line, accepting }
    }

    /// From now on the line breaks so, or not at all; how often it did before. `afresh` ends all connections.
    pub fn set(&self, fault: Option<Break>, afresh: bool) -> u32 {
        let struck = std::mem::replace(&mut *self.line.state.lock().unwrap(), (fault, 0)).1;
        if afresh {
            self.line.restarts.send_modify(|count| *count += 1);
        }
        struck
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.line.restarts.send_modify(|count| *count += 1);
    }
}

impl Line {
    fn strike(&self, at: impl Fn(Where) -> bool) -> Option<Break> {
        let mut state = self.state.lock().unwrap();
        let fault = state.0.as_mut().filter(|fault| fault.times > 0 && at(fault.at))?;
        fault.times -= 1;
        let fault = *fault;
        state.1 += 1;
        Some(fault)
    }
}

/// Both ways of one control connection, in step: FTP never has two commands on their way.
async fn control(client: TcpStream, line: &Arc<Line>) -> io::Result<()> {
    if let Some(fault) = line.strike(|at| at == Where::Connect) {
        return broken(fault.cut, vec![client]).await;
    }
    client.set_nodelay(true)?;
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, line.server)).await?;
    server.set_nodelay(true)?;
    let (from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let (mut from_client, mut from_server) = (BufReader::new(from_client), BufReader::new(from_server));
    let (mut command, mut reply) = (Vec::new(), Vec::new());
    loop {
        tokio::select! {
            count = from_client.read_until(b'\n', &mut command) => {
                if count? == 0 {
                    return Ok(());
                }
                let verb = String::from_utf8_lossy(&command).split_ascii_whitespace().next().unwrap_or_default().to_owned();
                if let Some(fault) = line.strike(|at| matches!(at, Where::Before(named) if named == verb)) {
                    return broken(fault.cut, whole(from_client, to_client)).await;
                }
                to_server.write_all(&command).await?;
                command.clear();
                if let Some(fault) = line.strike(|at| matches!(at, Where::After(named) if named == verb)) {
                    // Heard and answered; the answer goes no further.
                    from_server.read_until(b'\n', &mut reply).await?;
                    return broken(fault.cut, whole(from_client, to_client)).await;
                }
            }
            count = from_server.read_until(b'\n', &mut reply) => {
                if count? == 0 {
                    return Ok(());
                }
                let text = String::from_utf8_lossy(&reply).into_owned();
                match text.starts_with("229").then(|| text.split('|').nth(3).and_then(|port| port.parse().ok())).flatten() {
                    Some(port) => to_client.write_all(format!("229 Entering Extended Passive Mode (|||{}|)\r\n", data(port, line).await?).as_bytes()).await?,
                    None => to_client.write_all(&reply).await?,
                }
                reply.clear();
            }
        }
    }
}

fn whole(reader: BufReader<OwnedReadHalf>, writer: OwnedWriteHalf) -> Vec<TcpStream> {
    reader.into_inner().reunite(writer).into_iter().collect()
}

async fn broken(cut: Cut, sockets: Vec<TcpStream>) -> io::Result<()> {
    match cut {
        Cut::End => {}
        Cut::Reset => {
            for socket in &sockets {
                socket.set_zero_linger()?;
            }
        }
        // Longer than anybody waits; the restart of a test ends it.
        Cut::Silence => tokio::time::sleep(Duration::from_mins(10)).await,
    }
    drop(sockets);
    Ok(())
}

/// A port for one data connection to the server's `port`.
async fn data(port: u16, line: &Arc<Line>) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let own = listener.local_addr()?.port();
    let line = line.clone();
    tokio::spawn(async move {
        let accepted = tokio::time::timeout(Duration::from_secs(30), listener.accept()).await;
        let (client, _) = accepted.map_err(io::Error::other)??;
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        if let Some(fault) = line.strike(|at| at == Where::Data) {
            return broken(fault.cut, vec![client, server]).await;
        }
        pass(client, server, &line).await
    });
    Ok(own)
}

/// Passes bytes in both directions until one ends, or the line breaks.
async fn pass(mut client: TcpStream, mut server: TcpStream, line: &Line) -> io::Result<()> {
    let (mut up, mut down) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    let (mut gone_up, mut gone_down) = (0, 0);
    loop {
        tokio::select! {
            count = client.read(&mut up) => {
                let count = count?;
                if count == 0 {
                    return server.shutdown().await;
                }
                gone_up += count;
                if let Some(fault) = line.strike(|at| matches!(at, Where::Up(most) if gone_up > most)) {
                    return broken(fault.cut, vec![client, server]).await;
                }
                server.write_all(&up[..count]).await?;
            }
            count = server.read(&mut down) => {
                let count = count?;
                if count == 0 {
                    return client.shutdown().await;
                }
                gone_down += count;
                if let Some(fault) = line.strike(|at| matches!(at, Where::Down(most) if gone_down > most)) {
                    return broken(fault.cut, vec![client, server]).await;
                }
                client.write_all(&down[..count]).await?;
            }
        }
    }
}
