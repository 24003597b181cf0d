//! What one FTP step came back with, before anyone decides what that means for the caller.

use suppaftp::{FtpError, Status};

use super::error::{Refusal, StoreError};

/// Longest piece of a server's reply that is kept for the log.
const LONGEST_TEXT: usize = 160;

/// A step that did not do what was asked.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The connection can no longer be trusted; a fresh one may do better.
    Doubt(String),
    /// A clean negative reply; the connection is in order.
    Reply { status: Status, text: String },
    /// The server has as many connections as it allows.
    Limit(String),
    /// User or password.
    Login(String),
    /// The server's certificate, or TLS altogether.
    Tls(String),
    /// This machine's own disk.
    Local(String),
}

impl From<FtpError> for Fault {
    fn from(error: FtpError) -> Self {
        match error {
            FtpError::UnexpectedResponse(reply) => {
                let text = clean(&String::from_utf8_lossy(&reply.body));
                match reply.status {
                    // The server is about to hang up.
                    Status::NotAvailable => Self::Doubt(text),
                    status if (400..600).contains(&status.code()) => Self::Reply { status, text },
                    _ => Self::Doubt(text),
                }
            }
            other => Self::Doubt(clean(&other.to_string())),
        }
    }
}

impl Fault {
    /// Nothing came in time.
    pub(super) fn silence(limit: std::time::Duration) -> Self {
        Self::Doubt(format!("no answer within {} s", limit.as_secs_f32()))
    }

    /// A fault while greeting or signing in: 421 here is a limit, and so is ProFTPD's 530 that talks of too many.
    pub(super) fn at_login(self) -> Self {
        match self {
            Self::Reply { status: Status::NotLoggedIn, text } if speaks_of_limit(&text) => Self::Limit(text),
            Self::Reply { status: Status::NotLoggedIn | Status::InvalidCredentials, text } => Self::Login(text),
            Self::Doubt(text) if text.starts_with("421") => Self::Limit(text),
            other => other,
        }
    }

    /// A fault while the connection becomes TLS. A bad certificate stays bad; anything else may have been the line.
    pub(super) fn at_tls(self) -> Self {
        match self {
            Self::Reply { text, .. } => Self::Tls(format!("the file server does not offer TLS: {text}")),
            Self::Doubt(text) if text.contains("certificate") || text.contains("ProtocolVersion") || text.contains("HandshakeFailure") => Self::Tls(text),
            other => other,
        }
    }

    /// True when a fresh connection or a second try may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Doubt(_) | Self::Limit(_) => true,
            Self::Reply { status, .. } => {
                matches!(status, Status::CannotOpenDataConnection | Status::TransferAborted | Status::RequestFileActionIgnored | Status::ActionAborted)
            }
            Self::Login(_) | Self::Tls(_) | Self::Local(_) => false,
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Doubt(cause) | Fault::Limit(cause) => Self::Unavailable { cause },
            Fault::Login(cause) => Self::Refused { refusal: Refusal::Login, cause },
            Fault::Tls(cause) => Self::Refused { refusal: Refusal::Tls, cause },
            Fault::Local(cause) => Self::Local { cause },
            Fault::Reply { status, text } => match status {
                // 451 is what most servers say when the disk is full; 452 and 552 say so themselves.
                Status::ActionAborted | Status::RequestedActionNotTaken | Status::ExceededStorage => Self::Full { cause: text },
                Status::FileUnavailable | Status::BadFilename | Status::NotLoggedIn | Status::StoringNeedAccount => {
                    Self::Refused { refusal: Refusal::Permission, cause: text }
                }
                _ => Self::Unavailable { cause: text },
            },
        }
    }
}

fn speaks_of_limit(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["too many", "maximum", "limit", "connections"].iter().any(|word| text.contains(word))
}

/// A server's words are untrusted: no control characters, no endless lines in our log.
fn clean(text: &str) -> String {
    text.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use suppaftp::types::Response;

    fn reply(status: Status, body: &str) -> Fault {
        Fault::from(FtpError::UnexpectedResponse(Response::new(status, body.as_bytes().to_vec())))
    }

    #[test]
    fn a_limit_is_not_called_a_bad_password() {
        let limit = reply(Status::NotLoggedIn, "530 Sorry, the maximum number of clients (2) are already connected.").at_login();
        assert!(matches!(limit, Fault::Limit(_)));
        let limit = reply(Status::NotAvailable, "421 There are too many connected users, please try later.").at_login();
        assert!(matches!(limit, Fault::Limit(_)));
        let password = reply(Status::NotLoggedIn, "530 Login incorrect.").at_login();
        assert!(matches!(password, Fault::Login(_)));
    }

    #[test]
    fn a_servers_words_are_cleaned() {
        let Fault::Reply { text, .. } = reply(Status::FileUnavailable, &format!("550 a\u{1b}[2Jb\0{}", "x".repeat(500))) else {
            panic!("a clean refusal is a reply");
        };
        assert!(text.chars().all(|c| !c.is_control()) && text.chars().count() <= LONGEST_TEXT);
    }
}
