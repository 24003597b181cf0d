//! An outside time-stamp authority (RFC 3161 §3.4 over HTTP): asked at the one address that the administrator set, believed only after
//! every check.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use http::Method;
use pades::Trust;
use url::Url;

use super::authority::pem;
use super::client::{Client, Question};
use super::error::AuthorityError;

/// Longest answer that is read: some send five certificates.
const LARGEST: usize = 64 * 1024;
/// Longest revocation list that is read: it goes into every document.
const LARGEST_LIST: usize = 1024 * 1024;
/// How long a revocation list is kept, milliseconds.
const KEPT: i64 = 10 * 60 * 1000;
/// After a failure it is left alone for this long, milliseconds, where nothing depends on it: one approver waits, not all.
const PAUSE: i64 = 30_000;

/// What the last question came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// When, unix milliseconds.
    pub at: i64,
    /// Why it failed, where it did.
    pub failure: Option<String>,
}

/// The outside authority.
pub struct OutsideAuthority {
    url: Url,
    anchors: Vec<Vec<u8>>,
    lists: Vec<Url>,
    client: Client,
    last: Mutex<Option<Last>>,
    kept: Mutex<Option<(i64, Vec<Vec<u8>>)>>,
}

impl OutsideAuthority {
    /// The authority at `url`, certified by those in the PEM file `anchors`; `lists` are where the revocation lists about its certificates are.
    ///
    /// # Errors
    /// What is wrong with the file, in a sentence.
    pub fn new(url: Url, anchors: &Path, lists: Vec<Url>) -> Result<Self, String> {
        let shown = anchors.display();
        let text = std::fs::read_to_string(anchors).map_err(|error| format!("{shown} cannot be read ({error})"))?;
        let anchors = pades::certificates_from_pem(&text).map_err(|error| format!("{shown} holds no certificates in PEM ({error})"))?;
        if anchors.is_empty() {
            return Err(format!("{shown} holds no certificate in PEM"));
        }
        Ok(Self { client: Client::new(&anchors)?, url, anchors, lists, last: Mutex::new(None), kept: Mutex::new(None) })
    }

    /// The authorities that its certificates must lead to, DER.
    pub fn anchors(&self) -> &[Vec<u8>] {
        &self.anchors
    }

    /// The same, PEM.
    ///
    /// # Errors
    /// Never for certificates that were read.
    pub fn anchors_pem(&self) -> Result<String, AuthorityError> {
        self.anchors.iter().map(|der| pem(der)).collect()
    }

    /// Its address without what may be secret in it.
    pub fn address(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{}://{host}:{port}", self.url.scheme()),
            None => format!("{}://{host}", self.url.scheme()),
        }
    }

    /// What the last question came to.
    pub fn last(&self) -> Option<Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it failed a moment ago.
    pub fn rests(&self, now: i64) -> bool {
        self.last().is_some_and(|last| last.failure.is_some() && (last.at..last.at + PAUSE).contains(&now))
    }

    /// A checked token over a SHA-256 digest. `now` is unix milliseconds.
    ///
    /// # Errors
    /// Why there is none, for the log and the health page.
    pub async fn token(&self, imprint: [u8; 32], now: i64) -> Result<Vec<u8>, String> {
        let token = self.asked(imprint, now).await;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Last { at: now, failure: token.as_ref().err().cloned() });
        token
    }

    async fn asked(&self, imprint: [u8; 32], now: i64) -> Result<Vec<u8>, String> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|error| error.to_string())?;
        let question = Question {
            method: Method::POST,
            media: Some(("application/timestamp-query", "application/timestamp-reply")),
            body: pades::tsp::request(&imprint, &nonce),
            largest: LARGEST,
        };
        let answer = self.client.ask(&self.url, question).await?;
        let trust = Trust { time_stamp_anchors: self.anchors.clone(), at: now.div_euclid(1000), ..Trust::default() };
        let stamp = pades::tsp::check_response(&answer, &imprint, &nonce, &trust).map_err(|error| error.to_string())?;
        Ok(stamp.token)
    }

    /// The revocation lists about its certificates, DER, at most ten minutes old. They are evidence for whoever validates, who checks them.
    /// `now` is unix milliseconds.
    ///
    /// # Errors
    /// Which one could not be had.
    pub async fn crls(&self, now: i64) -> Result<Vec<Vec<u8>>, String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, lists)) = kept.filter(|(at, _)| (*at..*at + KEPT).contains(&now)) {
            return Ok(lists);
        }
        let ask = |url| async move {
            let question = Question { method: Method::GET, media: None, body: Vec::new(), largest: LARGEST_LIST };
            self.client.ask(url, question).await.map_err(|error| format!("the revocation list at {}: {error}", url.host_str().unwrap_or_default()))
        };
        let lists = futures::future::try_join_all(self.lists.iter().map(ask)).await?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, lists.clone()));
        Ok(lists)
    }
}
