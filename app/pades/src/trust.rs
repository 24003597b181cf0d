//! Whether a signer's certificate is to be trusted at a time: chain, uses, revocation, validity (EN 319 102-1 §5.2.6).

use crate::certificate::Certificate;
use crate::chain::{self, Rules};
use crate::report::{SubIndication, Verdict};
use crate::revocation::{self, RevocationList, Status};
use crate::{Error, Finding, tsp};

/// How far a claimed time may lie in the future, seconds: clocks differ.
pub(crate) const CLOCK_TOLERANCE: i64 = 300;

/// What a verification trusts.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Certificates of the authorities that are trusted, DER.
    pub anchors: Vec<Vec<u8>>,
    /// More certificates that chains may lead through, DER.
    pub intermediates: Vec<Vec<u8>>,
    /// Certificates of the authorities whose time stamps are trusted, DER. Apart from `anchors`: who may say who somebody is may not, by that
    /// alone, say when something was. Without any, time stamps prove nothing here, and the report says so.
    pub time_stamp_anchors: Vec<Vec<u8>>,
    /// Revocation lists, DER. Without one for an issuer, revocation is not checked, and the report says so.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses, DER.
    pub ocsps: Vec<Vec<u8>>,
    /// The time to judge at, unix seconds.
    pub at: i64,
}

/// `Trust`, read once for all signatures of a file.
pub(crate) struct Trusted<'a> {
    anchors: Vec<Certificate>,
    time_stamp_anchors: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    lists: Vec<RevocationList<'a>>,
    at: i64,
}

impl<'a> Trusted<'a> {
    pub fn read(trust: &'a Trust) -> Result<Self, Error> {
        let certificates = |list: &[Vec<u8>]| list.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>();
        let lists = trust.crls.iter().map(|der| RevocationList::parse(der)).collect::<Result<Vec<_>, _>>();
        let lists = lists.map_err(|text| Verdict::new(SubIndication::NoCertificateChainFound, "crl-unreadable", "revocation list", text))?;
        Ok(Self {
            anchors: certificates(&trust.anchors)?,
            time_stamp_anchors: certificates(&trust.time_stamp_anchors)?,
            intermediates: certificates(&trust.intermediates)?,
            lists,
            at: trust.at,
        })
    }

    /// The certificates that chains may lead through.
    pub fn known(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// Judges the authority of a time stamp that was made just now.
    pub fn judge_authority(&self, signer: &Certificate, others: &[Certificate]) -> Result<Vec<Finding>, Verdict> {
        let intermediates: Vec<_> = others.iter().chain(&self.intermediates).cloned().collect();
        let chain = chain::find(signer, &intermediates, &self.time_stamp_anchors, &Rules::new(tsp::check_purpose, self.at))?;
        let known: Vec<_> = chain.iter().chain(&self.time_stamp_anchors).chain(&self.intermediates).cloned().collect();
        chain::check_carried(others, &known)?;
        let mut remarks = Vec::new();
        let status = self.revoked(&chain, &intermediates, None, &mut remarks)?;
        self.valid(&chain, None, status)?;
        Ok(remarks)
    }

    /// Judges `signer`, who claims to have signed at `claimed`. `Ok` carries remarks that do not decide.
    pub fn judge(&self, signer: &Certificate, others: &[Certificate], claimed: Option<i64>) -> Result<Vec<Finding>, Verdict> {
        let intermediates: Vec<_> = others.iter().chain(&self.intermediates).cloned().collect();
        let chain = chain::find(signer, &intermediates, &self.anchors, &Rules::new(chain::signs_documents, self.at))?;
        let known: Vec<_> = chain.iter().chain(&self.anchors).chain(&self.intermediates).cloned().collect();
        chain::check_carried(others, &known)?;
        let mut remarks = Vec::new();
        let status = self.revoked(&chain, &intermediates, claimed, &mut remarks)?;
        if claimed.is_some_and(|time| time > self.at + CLOCK_TOLERANCE) {
            let text = "the signature claims to be made at a time that is still to come";
            return Err(Verdict::new(SubIndication::SigConstraintsFailure, "time-in-future", "M", text));
        }
        self.valid(&chain, claimed, status)?;
        Ok(remarks)
    }

    /// Asks the lists about every certificate of the chain but the trusted authority; gives the signer's status.
    fn revoked(&self, chain: &[Certificate], others: &[Certificate], claimed: Option<i64>, remarks: &mut Vec<Finding>) -> Result<Status, Verdict> {
        let mut signer_status = Status::Unknown;
        for (depth, certificate) in chain[..chain.len() - 1].iter().enumerate() {
            let serial = certificate.serial_hex();
            let status = revocation::status(chain, depth, &self.lists, others, self.at);
            match status {
                Status::Revoked(when) if when <= self.at => return Err(revoked(depth, serial, claimed, when)),
                Status::Revoked(_) | Status::Good => {}
                Status::Stale => {
                    remarks.push(Finding::new("revocation-stale", serial, "the revocation list is too old to say whether this certificate was revoked"));
                }
                Status::Unknown => {
                    remarks.push(Finding::new("revocation-not-checked", serial, "no revocation list was given for the issuer of this certificate"));
                }
            }
            if depth == 0 {
                signer_status = status;
            }
        }
        Ok(signer_status)
    }

    fn valid(&self, chain: &[Certificate], claimed: Option<i64>, status: Status) -> Result<(), Verdict> {
        let signer = &chain[0];
        let at = claimed.unwrap_or(self.at);
        if at < signer.not_before() {
            return Err(Verdict::new(
                SubIndication::NotYetValid,
                "validity",
                signer.serial_hex(),
                "the signature was made before the signer's certificate began",
            ));
        }
        if at > signer.not_after() {
            return Err(Verdict::new(
                SubIndication::Expired,
                "validity",
                signer.serial_hex(),
                "the signature was made after the signer's certificate had ended",
            ));
        }
        let outside = chain.iter().find(|c| self.at < c.not_before() || self.at > c.not_after());
        match outside {
            None => Ok(()),
            Some(certificate) => {
                let known_good = matches!(status, Status::Good | Status::Revoked(_));
                let sub_indication = if known_good { SubIndication::OutOfBoundsNotRevoked } else { SubIndication::OutOfBoundsNoPoe };
                let text = "a certificate of the chain is outside its validity, and nothing proves that the signature was made within";
                Err(Verdict::new(sub_indication, "validity", certificate.serial_hex(), text))
            }
        }
    }
}

/// A claim to have signed after the revocation condemns itself; an earlier claim is only not proven.
fn revoked(depth: usize, serial: String, claimed: Option<i64>, when: i64) -> Verdict {
    if depth > 0 {
        return Verdict::new(SubIndication::RevokedCaNoPoe, "revoked", serial, "an authority of the chain is revoked");
    }
    if claimed.is_some_and(|time| time >= when) {
        return Verdict::new(SubIndication::Revoked, "revoked", serial, "the signature was made after its certificate was revoked");
    }
    Verdict::new(SubIndication::RevokedNoPoe, "revoked", serial, "the certificate is revoked, and nothing proves that the signature was made before")
}
