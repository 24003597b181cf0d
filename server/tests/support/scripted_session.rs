//! One session of the scripted server: what it answers when nothing is wrong, and each way to go wrong.

use std::fs;
use std::future::pending;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::Script;

/// A step at which something can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Before the client says anything.
    Greeting,
    /// A command and its (first) reply.
    Command(&'static str),
    /// The reply after the data, to STOR or RETR.
    Done(&'static str),
    /// The data of STOR.
    Upload,
    /// The data of RETR.
    Download,
    /// TLS on the control connection, after AUTH was granted.
    Handshake,
}

/// A way to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Says this and does nothing.
    Say(&'static str),
    /// Does it and says this.
    DoneSay(&'static str),
    /// Says the right thing with this before it.
    Before(&'static str),
    /// Says the right thing with this behind it.
    Behind(&'static str),
    /// Names another machine for the data, and its own port.
    Elsewhere,
    /// Says this without an end.
    Endless(&'static str),
    /// Says the right thing one byte at a time, each after so many milliseconds.
    Split(u64),
    /// Hangs up, nothing done.
    Close,
    /// Does it and hangs up.
    DoneClose,
    /// A reset instead of an end, nothing done.
    Reset,
    /// Does it and resets.
    DoneReset,
    /// Says nothing more, nothing done.
    Stall,
    /// Does it and says nothing more.
    DoneStall,
    /// Data: only so many bytes pass, and all seems well.
    Truncate(usize),
    /// Data: so many bytes pass, then a reset and a 426.
    CutReset(usize),
    /// Data: so many bytes pass, then an end and this reply.
    CutSay(usize, &'static str),
    /// Data: so many bytes pass, then nothing more.
    CutStall(usize),
    /// Data: a bit in the middle is another.
    Flip,
    /// Data: the bytes of another file of the same length.
    Other,
    /// Data: more than there should be.
    Longer,
    /// Data: a hundred bytes at a time, each after so many milliseconds.
    Drip(u64),
    /// Data: not over TLS though it was promised.
    Plain,
    /// Data: the port that was named is closed.
    Refused,
    /// TLS: these bytes instead of a handshake.
    Noise(&'static [u8]),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// How a session goes on.
enum Next {
    More,
    End,
}

struct Session {
    stream: Box<dyn Stream>,
    /// The same socket, to reset it.
    raw: Option<TcpStream>,
    script: Arc<Script>,
    buffer: Vec<u8>,
    data: Option<TcpListener>,
    secure: bool,
    rename: Option<String>,
}

pub(super) async fn serve(stream: TcpStream, script: Arc<Script>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = stream.into_std()?;
    let raw = TcpStream::from_std(socket.try_clone()?)?;
    let stream: Box<dyn Stream> = Box::new(TcpStream::from_std(socket)?);
    let mut session = Session { stream, raw: Some(raw), script, buffer: Vec::new(), data: None, secure: false, rename: None };
    let greeting = "220 ready\r\n".to_owned();
    if let Next::End = session.step(At::Greeting, |_| greeting).await? {
        return Ok(());
    }
    while let Some(line) = session.line().await? {
        session.script.heard(&line);
        let (verb, argument) = line.split_once(' ').map_or((line.as_str(), ""), |(verb, argument)| (verb, argument));
        let next = match verb {
            "STOR" | "RETR" => session.transfer(verb == "STOR", argument).await?,
            "AUTH" => session.secured().await?,
            _ => session.step(At::Command(known(verb)), |session| session.answer(verb, argument)).await?,
        };
        if let Next::End = next {
            return Ok(());
        }
    }
    Ok(())
}

fn known(verb: &str) -> &'static str {
    let all = ["USER", "PASS", "TYPE", "EPSV", "SIZE", "RNFR", "RNTO", "DELE", "MKD", "NOOP", "FEAT", "PBSZ", "PROT", "QUIT"];
    all.into_iter().find(|known| *known == verb).unwrap_or("")
}

impl Session {
    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            let mut piece = [0; 4096];
            match self.stream.read(&mut piece).await? {
                0 => return Ok(None),
                count => self.buffer.extend_from_slice(&piece[..count]),
            }
        }
    }

    /// One command whose reply is all there is to it.
    async fn step(&mut self, at: At, act: impl FnOnce(&mut Self) -> String) -> io::Result<Next> {
        let how = self.script.strike(at);
        self.step_with(how, act).await
    }

    async fn step_with(&mut self, how: Option<How>, act: impl FnOnce(&mut Self) -> String) -> io::Result<Next> {
        let Some(how) = how else {
            let reply = act(self);
            return self.say(reply.as_bytes()).await;
        };
        match how {
            How::Say(text) => self.say(text.as_bytes()).await,
            How::Close => Ok(Next::End),
            How::Reset => self.reset(),
            How::Stall => pending().await,
            How::Endless(text) => loop {
                self.stream.write_all(text.as_bytes()).await?;
            },
            done => {
                let reply = act(self);
                self.after(done, reply).await
            }
        }
    }

    /// What is said once the act is done.
    async fn after(&mut self, how: How, reply: String) -> io::Result<Next> {
        match how {
            How::DoneSay(text) => self.say(text.as_bytes()).await,
            How::Before(text) => self.say(format!("{text}{reply}").as_bytes()).await,
            How::Behind(text) => self.say(format!("{reply}{text}").as_bytes()).await,
            How::Elsewhere => self.say(reply.replace("(|||", "(|1|192.0.2.1|").as_bytes()).await,
            How::DoneClose => Ok(Next::End),
            How::DoneReset => self.reset(),
            How::DoneStall => pending().await,
            How::Split(pause) => {
                for byte in reply.as_bytes() {
                    self.say(&[*byte]).await?;
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                Ok(Next::More)
            }
            other => panic!("{other:?} is no way to answer"),
        }
    }

    async fn say(&mut self, text: &[u8]) -> io::Result<Next> {
        self.stream.write_all(text).await?;
        self.stream.flush().await?;
        Ok(Next::More)
    }

    fn reset(&mut self) -> io::Result<Next> {
        if let Some(raw) = self.raw.take() {
            raw.set_zero_linger()?;
        }
        Ok(Next::End)
    }

    fn answer(&mut self, verb: &str, argument: &str) -> String {
        let script = self.script.clone();
        let text = match verb {
            "USER" => "331 password, please",
            "PASS" => "230 welcome",
            "TYPE" | "PBSZ" | "PROT" | "NOOP" => "200 well",
            "FEAT" => "211-Features:\r\n EPSV\r\n SIZE\r\n211 End",
            "EPSV" => match std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.set_nonblocking(true).map(|()| socket)) {
                Ok(socket) => {
                    let port = socket.local_addr().map_or(0, |address| address.port());
                    self.data = TcpListener::from_std(socket).ok();
                    return format!("229 Entering Extended Passive Mode (|||{port}|)\r\n");
                }
                Err(_) => "425 no port",
            },
            "SIZE" => match script.file(argument).and_then(fs::metadata) {
                Ok(found) if found.is_file() => return format!("213 {}\r\n", found.len()),
                _ => "550 no such file",
            },
            "MKD" => match script.file(argument).and_then(fs::create_dir) {
                Ok(()) => "257 made",
                Err(_) => "550 cannot be made",
            },
            "DELE" => match script.file(argument).and_then(fs::remove_file) {
                Ok(()) => "250 deleted",
                Err(_) => "550 no such file",
            },
            "RNFR" if script.is_file(argument) => {
                self.rename = Some(argument.to_owned());
                "350 and now?"
            }
            "RNTO" => match self.rename.take().ok_or(io::ErrorKind::NotFound.into()).and_then(|from| fs::rename(script.file(&from)?, script.file(argument)?)) {
                Ok(()) => "250 renamed",
                Err(_) => "550 cannot be renamed",
            },
            "RNFR" => "550 no such file",
            "QUIT" => "221 bye",
            _ => "500 unknown",
        };
        format!("{text}\r\n")
    }

    async fn secured(&mut self) -> io::Result<Next> {
        let Some(config) = self.script.tls() else { return self.say(b"504 no TLS here\r\n").await };
        if let Next::End = self.step(At::Command("AUTH"), |_| "234 go on\r\n".to_owned()).await? {
            return Ok(Next::End);
        }
        match self.script.strike(At::Handshake) {
            Some(How::Noise(bytes)) => return self.say(bytes).await,
            Some(How::Close) => return Ok(Next::End),
            Some(How::Stall) => pending().await,
            Some(other) => panic!("{other:?} is no handshake"),
            None => {}
        }
        let plain = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        self.stream = Box::new(TlsAcceptor::from(config).accept(plain).await?);
        self.secure = true;
        Ok(Next::More)
    }

    async fn transfer(&mut self, upload: bool, name: &str) -> io::Result<Next> {
        let verb = if upload { "STOR" } else { "RETR" };
        let path = self.script.file(name)?;
        let there = if upload { path.parent().is_some_and(std::path::Path::is_dir) && !path.is_dir() } else { path.is_file() };
        if !there {
            self.data = None;
            return self.step(At::Command(verb), |_| "550 no such file or folder\r\n".to_owned()).await;
        }
        let how = self.script.strike(if upload { At::Upload } else { At::Download });
        if how == Some(How::Refused) {
            self.data = None;
            return self.say(b"425 cannot open data connection\r\n").await;
        }
        let Some(listener) = self.data.take() else { return self.say(b"425 use EPSV first\r\n").await };
        // The client connects before it reads the first reply.
        let (socket, _) = listener.accept().await?;
        let refusal = self.script.strike(At::Command(verb));
        let next = self.step_with(refusal, |_| "150 here we go\r\n".to_owned()).await?;
        if matches!(next, Next::End) || matches!(refusal, Some(How::Say(_))) {
            return Ok(next);
        }
        let socket = socket.into_std()?;
        let raw = TcpStream::from_std(socket.try_clone()?)?;
        let mut data: Box<dyn Stream> = Box::new(TcpStream::from_std(socket)?);
        if self.secure && how != Some(How::Plain) {
            let config = self.script.tls().ok_or(io::ErrorKind::NotConnected)?;
            data = Box::new(TlsAcceptor::from(config).accept(data).await?);
        }
        let said = if upload { receive(&mut data, &path, how).await } else { send(&mut data, &path, how).await };
        if matches!(how, Some(How::CutReset(_))) {
            raw.set_zero_linger()?;
            drop((data, raw));
            return self.say(b"426 the connection broke\r\n").await;
        }
        let _ = data.shutdown().await;
        drop((data, raw));
        let said = said.unwrap_or_else(|_| "426 the connection broke\r\n".to_owned());
        self.step(At::Done(verb), |_| said).await
    }
}

/// Takes an upload into `path`.
async fn receive(data: &mut Box<dyn Stream>, path: &std::path::Path, how: Option<How>) -> io::Result<String> {
    let mut bytes = Vec::new();
    let well = "226 stored\r\n".to_owned();
    match how {
        Some(How::CutReset(count) | How::CutSay(count, _) | How::CutStall(count)) => {
            data.take(count as u64).read_to_end(&mut bytes).await?;
            fs::write(path, &bytes)?;
            match how {
                Some(How::CutStall(_)) => pending().await,
                Some(How::CutSay(_, text)) => Ok(text.to_owned()),
                _ => Ok(well),
            }
        }
        Some(How::Drip(pause)) => {
            // Held open, as servers do: a file that is deleted meanwhile does not come back.
            let mut file = fs::File::create(path)?;
            let mut piece = [0; 100];
            loop {
                let count = data.read(&mut piece).await?;
                if count == 0 {
                    return Ok(well);
                }
                io::Write::write_all(&mut file, &piece[..count])?;
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        }
        _ => {
            data.read_to_end(&mut bytes).await?;
            match how {
                Some(How::Truncate(count)) => bytes.truncate(count),
                Some(How::Flip) => flip(&mut bytes),
                Some(How::Other) => bytes.iter_mut().for_each(|byte| *byte = b'o'),
                Some(How::Longer) => bytes.extend_from_slice(b"and more"),
                _ => {}
            }
            fs::write(path, &bytes)?;
            Ok(well)
        }
    }
}

/// Sends the file at `path`.
async fn send(data: &mut Box<dyn Stream>, path: &std::path::Path, how: Option<How>) -> io::Result<String> {
    let mut bytes = fs::read(path)?;
    let well = "226 sent\r\n".to_owned();
    match how {
        Some(How::Truncate(count) | How::CutReset(count) | How::CutSay(count, _) | How::CutStall(count)) => {
            data.write_all(&bytes[..count.min(bytes.len())]).await?;
            data.flush().await?;
            match how {
                Some(How::CutStall(_)) => pending().await,
                Some(How::CutSay(_, text)) => Ok(text.to_owned()),
                _ => Ok(well),
            }
        }
        Some(How::Drip(pause)) => {
            for piece in bytes.chunks(100) {
                data.write_all(piece).await?;
                data.flush().await?;
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            Ok(well)
        }
        _ => {
            match how {
                Some(How::Flip) => flip(&mut bytes),
                Some(How::Other) => bytes.iter_mut().for_each(|byte| *byte = b'o'),
                Some(How::Longer) => bytes.extend_from_slice(b"and more"),
                _ => {}
            }
            data.write_all(&bytes).await?;
            data.flush().await?;
            Ok(well)
        }
    }
}

fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
}
