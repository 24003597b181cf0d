//! A revision that adds validation data. Nothing is taken out of an older store, and nothing is stored twice.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha1::{Digest as _, Sha1};

use super::related::related;
use super::{Item, Kind, stored};
use crate::certificate::Certificate;
use crate::document_time_stamp::appendable;
use crate::ocsp::OcspResponse;
use crate::pdf::revision::Update;
use crate::pdf::{Dictionary, Pdf, Reference, Value, View, write};
use crate::report::{SubIndication, Verdict};
use crate::revocation::RevocationList;
use crate::{Error, Limits, locate_signatures};

/// What a later verifier will need, each DER.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Certificates of the signers, the time-stamp authorities and all their issuers.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses (OCSPResponse, RFC 6960 §4.2.1).
    pub ocsps: Vec<Vec<u8>>,
}

/// The whole next revision of `pdf` with `evidence` in its `/DSS`, and for every signature what concerns it in `/VRI`. Where all of it is there
/// already, the file as it was. Deterministic.
///
/// # Errors
/// `Error::Signature` when a piece of evidence cannot be read, or what keeps the file from being read or added to.
pub fn dss(pdf: &[u8], evidence: &Evidence) -> Result<Vec<u8>, Error> {
    check(evidence)?;
    let file = Pdf::parse(pdf, &Limits::default())?;
    appendable(&file)?;
    let view = file.latest();
    let mut update = Update::new(&file);
    let mut items = stored(&file)?;
    let before = items.len();
    for (kind, list) in [(Kind::Certificate, &evidence.certificates), (Kind::List, &evidence.crls), (Kind::Response, &evidence.ocsps)] {
        for bytes in list {
            if !items.iter().any(|item| item.kind == kind && item.bytes == *bytes) {
                let reference = update.reserve();
                update.put(reference, write::stream("", bytes));
                items.push(Item { kind, reference, bytes: bytes.clone(), revision: file.revisions().len() });
            }
        }
    }
    if items.len() == before {
        return Ok(pdf.to_vec());
    }
    let text = store(view, &items)?;
    let missing = || Error::malformed(0, "the file has no catalogue");
    let root = view.trailer().get("Root").and_then(Value::reference).ok_or_else(missing)?;
    let catalog = view.indirect(root)?.ok_or_else(missing)?;
    let dictionary = catalog.value.dictionary().ok_or_else(missing)?;
    let own = dictionary.get("DSS").and_then(Value::reference);
    // the store keeps its object, unless it was somebody else's way to write it into the catalogue
    let place = match own {
        Some(own) if view.indirect(own)?.is_some_and(|indirect| indirect.source.is_none()) => own,
        _ => update.reserve(),
    };
    update.put(place, text);
    if Some(place) != own {
        let mut added = vec![("DSS", place.to_string().into_bytes())];
        // EN 319 142-1 §5.6: before PDF 2.0 the store is an extension, and says so
        let version = dictionary.get("Version").and_then(Value::name).unwrap_or_default();
        if !dictionary.has("Extensions") && file.version() < "2.0" && version < &b"2.0"[..] {
            added.push(("Extensions", b"<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>".to_vec()));
        }
        update.put(root, write::spliced(&file, &catalog, &[], &added));
    }
    Ok([pdf, &update.finish()?.bytes].concat())
}

fn check(evidence: &Evidence) -> Result<(), Error> {
    let wrong = |rule: &str, text: &str| Error::from(Verdict::new(SubIndication::FormatFailure, rule, "validation data", text));
    for der in &evidence.certificates {
        Certificate::parse(der).map_err(|text| wrong("certificate-unreadable", text))?;
    }
    for der in &evidence.crls {
        RevocationList::parse(der).map_err(|text| wrong("crl-unreadable", text))?;
    }
    for der in &evidence.ocsps {
        OcspResponse::parse(der).map_err(|text| wrong("ocsp-unreadable", text))?;
    }
    Ok(())
}

/// The dictionary of the store.
fn store(view: View<'_>, items: &[Item]) -> Result<Vec<u8>, Error> {
    let mut out = String::from("<</Type/DSS");
    for (kind, key, _) in Kind::ALL {
        let list: Vec<Reference> = items.iter().filter(|item| item.kind == kind).map(|item| item.reference).collect();
        write_list(&mut out, key, &list);
    }
    out.push_str("/VRI<<");
    for (name, lists) in signatures(view, items)? {
        let _ = write!(out, "/{name}<<");
        for (at, (_, _, key)) in Kind::ALL.into_iter().enumerate() {
            write_list(&mut out, key, &lists[at]);
        }
        out.push_str(">>");
    }
    out.push_str(">>>>");
    Ok(out.into_bytes())
}

/// What concerns each signature, under its name: the SHA-1 of its `/Contents`, zeros at the end included, in capital hexadecimal digits. SHA-1
/// is a name here and proves nothing.
fn signatures(view: View<'_>, items: &[Item]) -> Result<BTreeMap<String, [Vec<Reference>; 3]>, Error> {
    let mut found = earlier(view)?;
    for located in locate_signatures(view.pdf())? {
        let Some(signature) = located.signature.filter(|_| located.unsound().is_none()) else { continue };
        let value = view.object(signature)?;
        let Some(contents) = value.dictionary().and_then(|dictionary| dictionary.get("Contents")).and_then(Value::string) else { continue };
        let name = crate::certificate::hex(&Sha1::digest(contents)).to_uppercase();
        let lists = found.entry(name).or_default();
        for index in related(&located.cms, items) {
            let list = &mut lists[items[index].kind as usize];
            if !list.contains(&items[index].reference) {
                list.push(items[index].reference);
            }
        }
    }
    Ok(found)
}

/// What an older store said for each signature.
fn earlier(view: View<'_>) -> Result<BTreeMap<String, [Vec<Reference>; 3]>, Error> {
    let mut found = BTreeMap::new();
    let catalog = view.catalog()?;
    let store = view.get(&catalog, "DSS")?;
    let related = store.dictionary().map_or(Ok(Value::NULL), |store| view.get(store, "VRI"))?;
    for (key, value) in related.dictionary().map(|related| related.entries.clone()).unwrap_or_default() {
        let value = view.resolve(&value)?;
        let (Some(one), Ok(name)) = (value.dictionary(), std::str::from_utf8(&key)) else { continue };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        let mut lists: [Vec<Reference>; 3] = Default::default();
        for (at, (_, _, key)) in Kind::ALL.into_iter().enumerate() {
            lists[at] = references(view, one, key)?;
        }
        found.insert(name.to_owned(), lists);
    }
    Ok(found)
}

fn references(view: View<'_>, holder: &Dictionary, key: &str) -> Result<Vec<Reference>, Error> {
    Ok(view.get(holder, key)?.array().unwrap_or_default().iter().filter_map(Value::reference).collect())
}

fn write_list(out: &mut String, key: &str, list: &[Reference]) {
    if !list.is_empty() {
        let list: Vec<String> = list.iter().map(Reference::to_string).collect();
        let _ = write!(out, "/{key}[{}]", list.join(" "));
    }
}
