//! Which validation data belongs to one signature: its chains by name, and the lists and responses about them.

use super::{Item, Kind};
use crate::attributes::{self, SIGNATURE_TIME_STAMP};
use crate::certificate::Certificate;
use crate::cms::Cms;
use crate::ocsp::OcspResponse;
use crate::revocation::RevocationList;
use crate::{ordered, tsp};

/// What of `items` a verifier of this signature will ask for, as indices.
pub(super) fn related(cms: &[u8], items: &[Item]) -> Vec<usize> {
    let carried = carried(cms);
    let parsed: Vec<Option<Certificate>> =
        items.iter().map(|item| if item.kind == Kind::Certificate { Certificate::parse(&item.bytes).ok() } else { None }).collect();
    let all: Vec<&Certificate> = carried.iter().chain(parsed.iter().flatten()).collect();
    // from each certificate in the signature up to where the names end
    let mut names = ordered::set(carried.iter().flat_map(|certificate| [certificate.subject(), certificate.issuer()]));
    loop {
        let issuers: Vec<&[u8]> = all.iter().filter(|certificate| names.contains(certificate.subject())).map(|certificate| certificate.issuer()).collect();
        let before = names.len();
        names.extend(issuers);
        if names.len() == before {
            break;
        }
    }
    let path: Vec<&Certificate> = all.iter().copied().filter(|certificate| names.contains(certificate.subject())).collect();
    let about = |response: &OcspResponse<'_>| {
        path.iter().any(|one| path.iter().any(|issuer| one.issuer() == issuer.subject() && response.about(one, issuer).is_some()))
    };
    let wanted = |index: usize| match items[index].kind {
        Kind::Certificate => parsed[index].as_ref().is_some_and(|certificate| names.contains(certificate.subject())),
        Kind::List => RevocationList::parse(&items[index].bytes).is_ok_and(|list| names.contains(list.issuer())),
        Kind::Response => OcspResponse::parse(&items[index].bytes).is_ok_and(|response| about(&response)),
    };
    (0..items.len()).filter(|&index| wanted(index)).collect()
}

/// The certificates in a signature and in its time stamp.
fn carried(cms: &[u8]) -> Vec<Certificate> {
    let read = |list: &[&[u8]]| list.iter().filter_map(|der| Certificate::parse(der).ok()).collect::<Vec<_>>();
    if let Ok(token) = Cms::parse_carrying(cms, tsp::ID_TST_INFO) {
        return read(&token.certificates);
    }
    let Ok(signature) = Cms::parse(cms) else { return Vec::new() };
    let mut found = read(&signature.certificates);
    let unsigned = signature.unsigned_attributes.and_then(|unsigned| attributes::list(unsigned.inside()).ok()).unwrap_or_default();
    for (_, values) in unsigned.into_iter().filter(|(oid, _)| *oid == SIGNATURE_TIME_STAMP) {
        if let Ok(token) = Cms::parse_carrying(values.value, tsp::ID_TST_INFO) {
            found.extend(read(&token.certificates));
        }
    }
    found
}
