//! What a verification trusts, and at which time.

use crate::certificate::Certificate;
use crate::judge::{Evidence, Judge, Proofs, Question};
use crate::report::{SubIndication, Verdict};
use crate::revocation::RevocationList;
use crate::{Error, Finding, ocsp, tsp};

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
    /// Whether a certificate about which no revocation is known, or not recently enough, is not to be believed (`TRY_LATER`).
    pub revocation_required: bool,
    /// The time to judge at, unix seconds.
    pub at: i64,
}

/// `Trust`, read once for all signatures of a file.
pub(crate) struct Trusted<'a> {
    pub anchors: Vec<Certificate>,
    pub time_stamp_anchors: Vec<Certificate>,
    pub intermediates: Vec<Certificate>,
    pub lists: Vec<RevocationList<'a>>,
    pub responses: Vec<ocsp::OcspResponse<'a>>,
    pub revocation_required: bool,
    pub at: i64,
}

impl<'a> Trusted<'a> {
    pub fn read(trust: &'a Trust) -> Result<Self, Error> {
        let certificates = |list: &[Vec<u8>]| list.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>();
        let unreadable = |rule: &'static str, object: &'static str| move |text| Verdict::new(SubIndication::NoCertificateChainFound, rule, object, text);
        let lists = trust.crls.iter().map(|der| RevocationList::parse(der)).collect::<Result<_, _>>();
        let responses = trust.ocsps.iter().map(|der| ocsp::OcspResponse::parse(der)).collect::<Result<_, _>>();
        Ok(Self {
            anchors: certificates(&trust.anchors)?,
            time_stamp_anchors: certificates(&trust.time_stamp_anchors)?,
            intermediates: certificates(&trust.intermediates)?,
            lists: lists.map_err(unreadable("crl-unreadable", "revocation list"))?,
            responses: responses.map_err(unreadable("ocsp-unreadable", "OCSP response"))?,
            revocation_required: trust.revocation_required,
            at: trust.at,
        })
    }

    /// Judges the authority of a time stamp that was made just now.
    pub fn judge_authority(&self, signer: &Certificate, others: &[Certificate]) -> Result<Vec<Finding>, Verdict> {
        let question = Question { signer, others, anchors: &self.time_stamp_anchors, purpose: tsp::check_purpose, claimed: None, proven: None };
        self.ask(&question)
    }

    /// Judges `signer`, who claims to have signed at `claimed`, by what was given alone. `Ok` carries remarks that do not decide.
    #[cfg(test)]
    pub fn judge(&self, signer: &Certificate, others: &[Certificate], claimed: Option<i64>) -> Result<Vec<Finding>, Verdict> {
        self.ask(&Question { signer, others, anchors: &self.anchors, purpose: crate::chain::signs_documents, claimed, proven: None })
    }

    fn ask(&self, question: &Question<'_>) -> Result<Vec<Finding>, Verdict> {
        let (evidence, proofs) = (Evidence::default(), Proofs::new(self.at));
        Judge::new(self, &evidence).judge(question, &proofs).map(|standing| standing.remarks)
    }
}
