//! The answer of a time-stamp authority, taken only when all of it fits (RFC 3161 §2.2).

use super::request::positive;
use super::response::read_response;
use super::{TstInfo, examine};
use crate::report::{SubIndication, Verdict};
use crate::trust::{CLOCK_TOLERANCE, Trusted};
use crate::{Error, Trust};

/// A token that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStamp {
    /// The token, DER.
    pub token: Vec<u8>,
    /// What it says.
    pub info: TstInfo,
    /// Common name of the authority.
    pub authority: String,
}

/// Takes the token out of an answer: it is over `imprint` (SHA-256), echoes `nonce`, was made now, and by an authority that
/// `trust.time_stamp_anchors` lead to.
///
/// # Errors
/// `Error::Refused` with the rule `time-stamp-rejected` when the authority says no, `Error::Signature` when the token does not hold.
pub fn check_response(response: &[u8], imprint: &[u8; 32], nonce: &[u8], trust: &Trust) -> Result<TimeStamp, Error> {
    let format = |text: &'static str| Verdict::new(SubIndication::FormatFailure, "time-stamp-answer", "time stamp", text);
    let constraint = |rule: &str, text: &str| Verdict::new(SubIndication::SigConstraintsFailure, rule, "time stamp", text);
    let token = read_response(response)
        .map_err(format)?
        .map_err(|words| Error::refused("time-stamp-rejected", "time stamp", format!("The time-stamp authority refused: {words}.")))?;
    let trusted = Trusted::read(trust)?;
    let examined = examine(token, &trusted.intermediates);
    if let Some(verdict) = &examined.verdict {
        return Err(verdict.clone().into());
    }
    examined.check_imprint("time stamp", |_| Some(imprint.to_vec()))?;
    let (Some(info), Some(signer)) = (examined.info, examined.signer) else { return Err(format("the token is incomplete").into()) };
    if info.nonce.as_deref() != Some(&positive(nonce)) {
        return Err(constraint("time-stamp-nonce", "the time stamp answers another request than this one").into());
    }
    if (info.at - trust.at).abs() > CLOCK_TOLERANCE {
        return Err(constraint("time-stamp-time", "the time of the authority and the time here are more than five minutes apart").into());
    }
    trusted.judge_authority(&signer, &examined.others)?;
    Ok(TimeStamp { token: token.to_vec(), info, authority: signer.common_name() })
}
