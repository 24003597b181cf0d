//! A signature time stamp put into the signature it is over (ETSI EN 319 142-1 §6.3, EN 319 122-1 §5.3): same revision, same digest.

use crate::asn1::{self, Read};
use crate::attributes::SIGNATURE_TIME_STAMP;
use crate::cms::{Cms, ID_SIGNED_DATA};
use crate::locate::{Coverage, Located, SubFilter};
use crate::pdf::Pdf;
use crate::report::{SubIndication, Verdict};
use crate::{Error, Limits, locate_signatures, tsp};

/// The signature value in `field`: what its time stamp is over.
///
/// # Errors
/// `Error::FieldMissing` when nothing is signed there, `Error::Signature` when the signature cannot be read.
pub fn signature_value(pdf: &[u8], field: &str) -> Result<Vec<u8>, Error> {
    let located = located(&Pdf::parse(pdf, &Limits::default())?, field)?;
    Ok(Cms::parse(&located.cms).map_err(format)?.signature.to_vec())
}

/// The file with `token` in the signature of `field`, as the unsigned attribute id-aa-signatureTimeStampToken. The signature must close the
/// last revision: what a later one covers cannot change any more. No byte outside `/Contents` changes, so the digest stays.
///
/// # Errors
/// `Error::ContentsTooSmall` when the room does not suffice; `Error::Refused` when there is a time stamp already (`time-stamped`) or a later
/// revision (`covered`); `Error::Signature` when the token is not over this signature.
pub fn add_time_stamp(pdf: &[u8], field: &str, token: &[u8]) -> Result<Vec<u8>, Error> {
    let file = Pdf::parse(pdf, &Limits::default())?;
    let located = located(&file, field)?;
    let refused = |rule, text: &str| Err(Error::refused(rule, field, text));
    if located.sub_filter == Some(SubFilter::DocTimeStamp) {
        return refused("field", "A document time stamp takes no time stamp of its own.");
    }
    if located.coverage != Coverage::WholeFile {
        return refused("covered", "A later revision covers this signature; it cannot take a time stamp any more.");
    }
    let cms = Cms::parse(&located.cms).map_err(format)?;
    let examined = tsp::examine(token, &[]);
    // a bare token is as good here: who made it was asked when it was taken
    examined.holds_or_is_bare()?;
    examined.check_imprint(field, |digest| Some(digest.of(&[cms.signature])))?;
    let Some(stamped) = stamped(&located.cms, token).map_err(format)? else {
        return refused("time-stamped", "The signature has a time stamp already.");
    };
    let [start, end] = [located.byte_range[1] as usize + 1, located.byte_range[2] as usize - 1];
    let room = (end - start) / 2;
    if stamped.len() > room {
        return Err(Error::ContentsTooSmall { needed: stamped.len(), reserved: room });
    }
    let mut out = pdf.to_vec();
    let digits = crate::certificate::hex(&stamped);
    out[start..start + digits.len()].copy_from_slice(digits.as_bytes());
    Ok(out)
}

/// The signature in a field, sound in its place.
fn located(file: &Pdf<'_>, field: &str) -> Result<Located, Error> {
    let located = locate_signatures(file)?.into_iter().find(|signature| signature.field == field);
    let located = located.ok_or_else(|| Error::FieldMissing(field.to_owned()))?;
    match located.unsound() {
        Some(fault) => Err(Verdict { sub_indication: SubIndication::FormatFailure, finding: fault.clone() }.into()),
        None => Ok(located),
    }
}

/// The CMS with one more unsigned attribute; `None` where a time stamp is there. All other bytes but the lengths around stay.
fn stamped(cms: &[u8], token: &[u8]) -> Read<Option<Vec<u8>>> {
    let mut outer = asn1::whole(cms, asn1::SEQUENCE)?.inside();
    outer.next(asn1::OID)?;
    let data = asn1::whole(outer.next(0xa0)?.value, asn1::SEQUENCE)?;
    let (mut parts, mut fields) = (Vec::new(), data.inside());
    while !fields.is_empty() {
        parts.push(fields.any()?);
    }
    let signers = parts.pop().ok_or("there is no signer in the signature")?;
    let mut signer: Vec<&[u8]> = Vec::new();
    let mut unsigned: Vec<Vec<u8>> = Vec::new();
    let mut fields = signers.inside().next(asn1::SEQUENCE)?.inside();
    let mut position = 0;
    while !fields.is_empty() {
        let field = fields.any()?;
        position += 1;
        // version, identifier, digest algorithm, signed attributes, algorithm, signature, and then the unsigned attributes
        if position < 7 {
            signer.push(field.raw);
            continue;
        }
        let mut attributes = field.inside();
        while !attributes.is_empty() {
            let attribute = attributes.next(asn1::SEQUENCE)?;
            if attribute.inside().next(asn1::OID)?.raw == SIGNATURE_TIME_STAMP {
                return Ok(None);
            }
            unsigned.push(attribute.raw.to_vec());
        }
    }
    unsigned.push(asn1::encode(asn1::SEQUENCE, &[SIGNATURE_TIME_STAMP, &asn1::encode(asn1::SET, &[token])]));
    // a set is ordered by its encodings (X.690 §11.6)
    asn1::order(&mut unsigned);
    let unsigned: Vec<&[u8]> = unsigned.iter().map(Vec::as_slice).collect();
    let unsigned = asn1::encode(0xa1, &unsigned);
    signer.push(&unsigned);
    let signers = asn1::encode(asn1::SET, &[&asn1::encode(asn1::SEQUENCE, &signer)]);
    let mut data: Vec<&[u8]> = parts.iter().map(|part| part.raw).collect();
    data.push(&signers);
    let data = asn1::encode(asn1::SEQUENCE, &data);
    Ok(Some(asn1::encode(asn1::SEQUENCE, &[ID_SIGNED_DATA, &asn1::encode(0xa0, &[&data])])))
}

fn format(text: &'static str) -> Verdict {
    Verdict::new(SubIndication::FormatFailure, "cms-format", "CMS", text)
}
