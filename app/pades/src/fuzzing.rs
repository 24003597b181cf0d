//! Doors for fuzzing: every parser with whatever bytes, and what must hold of any file. Built for `fuzz/` and the tests only.

use crate::certificate::Certificate;
use crate::chain::{self, Rules};
use crate::cms::Cms;
use crate::examine::examine;
use crate::parameters::{Appearance, EmptyField, Issue, NewField, Stamp};
use crate::pdf::field::fields;
use crate::pdf::page::pages;
use crate::pdf::{Pdf, Reference, door};
use crate::revocation::RevocationList;
use crate::{Expected, Limits, SignatureParameters, Trust, tsp};

/// The document that the targets `diff` and `outside` put their bytes after.
const DOCUMENT: &[u8] = include_bytes!("../fuzz/document.pdf");
/// The same, signed.
const SIGNED: &[u8] = include_bytes!("../fuzz/seeds/verify/signed");
/// The authority that issued what is in the seeds.
const AUTHORITY: &[u8] = include_bytes!("../fuzz/authority.der");

/// The authority of time in the seeds.
const TIME_AUTHORITY: &[u8] = include_bytes!("../fuzz/time-authority.der");

/// Small amounts, so that a run finds faults and not only the limits.
fn limits() -> Limits {
    Limits { max_bytes: 1 << 20, max_pages: 50, max_objects: 2_000, max_inflated: 1 << 20, max_depth: 16 }
}

fn trust() -> Trust {
    let (anchors, time_stamp_anchors) = (vec![AUTHORITY.to_vec()], vec![TIME_AUTHORITY.to_vec()]);
    Trust { anchors, time_stamp_anchors, at: 1_795_392_000, ..Trust::default() }
}

/// A whole file: everything of every revision is read, and what may become a document becomes one that can be signed.
pub fn reader(data: &[u8]) {
    let Ok(pdf) = Pdf::parse(data, &limits()) else { return };
    for index in 0..pdf.revisions().len() {
        let view = pdf.view(index);
        let _ = (pages(view), fields(view));
        for &number in pdf.revisions()[index].entries.keys() {
            let value = view.object(Reference { number, generation: 0 });
            if let Some(stream) = value.ok().as_ref().and_then(|value| value.stream()) {
                let _ = view.inflate(stream);
            }
        }
    }
    let Ok(inspection) = crate::inspect(data, &limits()) else { return };
    let [left, bottom, ..] = inspection.pages[0].crop.map(|side| side as i32);
    let appearance = Appearance { width: 1, height: 1, content: "0 0 1 1 re f".to_owned() };
    let issue = Issue {
        number: "N-1".to_owned(),
        title: "题".to_owned(),
        author: "A".to_owned(),
        created_at: 0,
        fields: vec![EmptyField { name: "signet-step".to_owned(), page: 1, rect: None, tooltip: String::new() }],
        stamp: Some(Stamp { page: 1, rect: [left, bottom, left + 1, bottom + 1], appearance: appearance.clone(), strip: 0 }),
    };
    let Ok(zero) = crate::issue(data, &issue) else { return };
    let issued = Pdf::parse(&zero, &Limits::default()).expect("what is issued can be read");
    assert_eq!(pages(issued.latest()).expect("revision 0 has pages").len(), inspection.pages.len());
    let parameters = SignatureParameters {
        field: "signet-step".to_owned(),
        new_field: Some(NewField { page: 1, tooltip: String::new() }),
        signer_name: "S".to_owned(),
        reason: None,
        location: None,
        signed_at: 0,
        utc_offset_minutes: 0,
        appearance,
        placement: [left, bottom, left + 1, bottom + 1],
        contents_reserve: 256,
    };
    let Ok(prepared) = crate::prepare(&zero, &parameters) else { return };
    let next = prepared.preview(&zero);
    let pdf = Pdf::parse(&next, &Limits::default()).expect("what is prepared can be read");
    assert_eq!(pdf.revisions().len(), 2);
    let comparison = crate::compare(&pdf, 1).expect("what is prepared can be compared");
    assert_eq!(comparison.forbidden, [], "our own revision is allowed");
}

/// An upload that may be damaged or encrypted: what is made of it can be read strictly, and needs nothing done a second time.
pub fn upload(data: &[u8]) {
    let Ok(once) = crate::normalized(data, &limits()) else { return };
    if let std::borrow::Cow::Owned(once) = once {
        let again = Limits { max_bytes: 2 << 20, ..limits() };
        Pdf::parse(&once, &again).expect("what is repaired can be read");
        assert!(!matches!(crate::normalized(&once, &again), Ok(std::borrow::Cow::Owned(_))), "what is repaired needs no repair");
    }
    let _ = crate::attachments(data);
}

/// One cross-reference section, table or stream, with its trailer.
pub fn xref(data: &[u8]) {
    door::section(data, &limits());
}

/// A stream's dictionary, and its data on the lines after it.
pub fn filter(data: &[u8]) {
    let split = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (dictionary, raw) = data.split_at(split);
    if let Some(decoded) = door::filtered(dictionary, raw.get(1..).unwrap_or_default(), &limits()) {
        assert!(decoded.len() <= limits().max_inflated);
    }
}

/// A signature's CMS.
pub fn cms(data: &[u8]) {
    let _ = examine(data, &|digest| Some(digest.of(&[DOCUMENT])));
    if let Ok(cms) = Cms::parse(data) {
        let _ = cms.signed_bytes();
    }
}

/// An encoding that is made DER: what comes out is DER, and stays as it is.
pub fn ber(data: &[u8]) {
    let Some((der, taken)) = crate::ber::to_der(data) else { return };
    assert!(taken <= data.len() && der.len() <= taken);
    assert_eq!(crate::ber::to_der(&der), Some((der.clone(), der.len())));
}

/// A description of a document, compared with itself.
pub fn xmp(data: &[u8]) {
    crate::diff::fuzz_packet(data);
}

/// A certificate, as signer, as authority, as authority for time stamps, in a chain of its own.
pub fn certificate(data: &[u8]) {
    let Ok(certificate) = Certificate::read(data) else { return };
    assert_eq!(certificate.der(), data);
    let _ = (certificate.common_name(), certificate.serial_hex(), certificate.not_before(), certificate.not_after());
    let _ = (certificate.key(), certificate.signed_by(&certificate), tsp::may_stamp(data));
    let rules = Rules::new(chain::signs_documents, 1_795_392_000);
    let own = std::slice::from_ref(&certificate);
    let _ = (chain::find(&certificate, &[], own, &rules), chain::check_uses(&[own, own].concat()), chain::check_carried(own, own));
    let _ = crate::ocsp::request(data, AUTHORITY, &[1], true);
    let _ = crate::check_request(data);
}

/// A revocation list, alone and as what a signature is judged by.
pub fn crl(data: &[u8]) {
    let _ = RevocationList::parse(data);
    assert!(
        crate::verify(SIGNED, &Trust { crls: vec![data.to_vec()], ..trust() }).is_ok_and(|report| report.signatures.len() == 1)
            || RevocationList::parse(data).is_err()
    );
}

/// What comes to and from a time-stamp authority.
pub fn tsp(data: &[u8]) {
    let _ = tsp::read_request(data);
    let _ = tsp::check_response(data, &[7; 32], &[1, 2, 3], &trust());
    let _ = tsp::examine(data, &[]);
}

/// What comes to and from an OCSP responder.
pub fn ocsp(data: &[u8]) {
    let _ = crate::ocsp::read_request(data);
    let _ = crate::ocsp::check_response(data, AUTHORITY, AUTHORITY, &[1], 1_795_392_000);
}

/// What comes after a document, compared with it.
pub fn diff(data: &[u8]) {
    let whole = [DOCUMENT, data].concat();
    let Ok(pdf) = Pdf::parse(&whole, &limits()) else { return };
    for revision in 1..pdf.revisions().len() {
        let _ = crate::compare(&pdf, revision);
    }
    let _ = crate::locate_signatures(&pdf);
}

/// A whole file, verified. Nothing made by chance is a signature.
pub fn verify(data: &[u8]) {
    if let Ok(report) = crate::verify(data, &trust()) {
        // what can be said of a report can be written down
        assert!(serde_json::to_string(&report).is_ok());
    }
}

/// A revision from another program after a document, as the server takes it.
pub fn outside(data: &[u8]) {
    let whole = [DOCUMENT, data].concat();
    let expected = Expected { certificates: vec![AUTHORITY.to_vec()], issuer: AUTHORITY.to_vec(), at: 1_795_392_000, ..Expected::default() };
    let _ = crate::accept_outside(DOCUMENT, &whole, "head", &expected);
    // the wrong certificate is expected, so that nothing is taken
    assert!(crate::accept_outside(DOCUMENT, &whole, "head", &expected).is_err());
}

#[cfg(test)]
mod seeds;
