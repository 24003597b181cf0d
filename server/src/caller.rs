//! Who asks: the outcome of a cookie or a token, the language, and the address.

use std::net::{IpAddr, Ipv6Addr};

use app::model::{Lang, Me};

/// One request's caller. Made by the session layer, consumed by the desk.
#[derive(Clone, Debug)]
pub struct Caller {
    /// By what the caller is signed in.
    pub session: Option<Proof>,
    /// Who it is, when signed in.
    pub account: Option<Person>,
    /// The language it reads.
    pub lang: Lang,
    /// The address the request came from.
    pub peer: IpAddr,
    /// SHA-256 of the secret that the browser keeps since a sign-in before, hexadecimal.
    pub device: Option<String>,
}

/// What proved who the caller is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A browser session; the id is the SHA-256 of the cookie's secret in hexadecimal.
    Session(String),
    /// An API token's row id.
    Token(String),
}

/// A signed-in account with its row's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Row id.
    pub id: String,
    /// What the account itself sees.
    pub me: Me,
    /// Type codes it may read without taking part.
    pub reads: Vec<String>,
}

impl Caller {
    /// A caller who has not signed in.
    pub fn anonymous(lang: Lang, peer: IpAddr) -> Self {
        Self { session: None, account: None, lang, peer, device: None }
    }

    /// A caller who has.
    pub fn signed_in(session: Proof, account: Person, lang: Lang, peer: IpAddr) -> Self {
        Self { session: Some(session), account: Some(account), lang, peer, device: None }
    }
}

/// The address that is counted: one household has a whole /64 of IPv6 addresses.
pub fn household(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}
