//! The built-in time-stamp authority (RFC 3161, ETSI EN 319 422): its own key and certificate, answers and tokens.

use pades::tsp::{self, Accuracy, Failure, Imprint, TimeStampRequest, TstInfo};

use super::authority::Authority;
use super::credential::{Kept, Purpose};
use super::error::{AuthorityError, build};

/// The policy of its stamps: the clock of the machine that runs Signet, to the second. The arc 2.25 (Rec. ITU-T X.667) is for numbers that
/// anyone draws.
const POLICY: &str = "2.25.1769834211";

/// The time-stamp authority. Two replicas have two of them, each with a certificate of its own, or share a folder.
pub struct TimeStampAuthority(Kept);

impl TimeStampAuthority {
    /// Opens it in the authority's folder, or makes it there at the first start. `now` is unix seconds.
    ///
    /// # Errors
    /// One clear line, as for the authority itself.
    pub fn open(authority: &Authority, passphrase: Option<&str>, now: i64) -> Result<Self, AuthorityError> {
        Kept::open(authority, passphrase, Purpose::TimeStamps, authority.current(), now).map(Self)
    }

    /// The answer to a request (TimeStampReq, DER): TimeStampResp, DER, granted or rejected with its failure. `now` is unix milliseconds.
    pub fn answer(&self, authority: &Authority, request: &[u8], now: i64) -> Vec<u8> {
        let request = match tsp::read_request(request) {
            Ok(request) => request,
            Err(failure) => return tsp::rejected(failure),
        };
        if request.policy.as_ref().is_some_and(|policy| policy != POLICY) {
            return tsp::rejected(Failure::UnacceptedPolicy);
        }
        match self.stamp(authority, request, now) {
            Ok(token) => tsp::granted(&token),
            Err(error) => {
                tracing::error!(%error, "no time stamp could be made");
                tsp::rejected(Failure::SystemFailure)
            }
        }
    }

    /// A token (DER) with its certificates over a SHA-256 digest. `now` is unix milliseconds.
    ///
    /// # Errors
    /// When the certificate has ended and cannot be renewed.
    pub fn token(&self, authority: &Authority, imprint: [u8; 32], now: i64) -> Result<Vec<u8>, AuthorityError> {
        self.stamp(authority, TimeStampRequest { imprint: Imprint::sha256(imprint), nonce: None, policy: None, certificates: true }, now)
    }

    /// The certificate it signs with now (DER) and its issuers below the trust anchor.
    ///
    /// # Errors
    /// When it has ended and cannot be renewed.
    pub fn chain(&self, authority: &Authority, now: i64) -> Result<Vec<Vec<u8>>, AuthorityError> {
        let credential = self.0.current(authority, authority.current(), now.div_euclid(1000))?;
        Ok(std::iter::once(&credential.certificate).chain(&credential.issuers).cloned().collect())
    }

    /// The end of its certificate's validity, unix seconds.
    ///
    /// # Errors
    /// When it has ended and cannot be renewed.
    pub fn not_after(&self, authority: &Authority, now: i64) -> Result<i64, AuthorityError> {
        Ok(self.0.current(authority, authority.current(), now.div_euclid(1000))?.not_after())
    }

    fn stamp(&self, authority: &Authority, request: TimeStampRequest, now: i64) -> Result<Vec<u8>, AuthorityError> {
        let credential = self.0.current(authority, authority.current(), now.div_euclid(1000))?;
        let info = TstInfo {
            policy: POLICY.to_owned(),
            imprint: request.imprint,
            serial: super::new_serial()?.to_vec(),
            at: now.div_euclid(1000),
            accuracy: Some(Accuracy { seconds: 1, ..Accuracy::default() }),
            ordering: false,
            nonce: request.nonce,
        };
        let stage = tsp::token(&info, &credential.certificate).map_err(build)?;
        let signature = credential.sign(stage.signed_attributes());
        if !request.certificates {
            return stage.signed_bare(&signature).map_err(build);
        }
        let issuers: Vec<&[u8]> = credential.issuers.iter().map(Vec::as_slice).collect();
        stage.signed(&signature, &issuers).map_err(build)
    }
}
