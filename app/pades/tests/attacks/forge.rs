//! CMS by hand, part by part, so that each part can be wrong; and files whose signature is put in last.

use common::pki::{key, raw};
use der::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::who::Signer;

pub const ID_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
pub const SHA256: &[u8] = &[0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
pub const SHA1: &[u8] = &[0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a];
pub const ECDSA_SHA256: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
pub const ECDSA_SHA1: &[u8] = &[0x30, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
const ID_SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const CONTENT_TYPE: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

/// One element in DER.
pub fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let inside = parts.concat();
    let length = match inside.len() {
        short @ 0..=0x7f => vec![short as u8],
        middle @ 0x80..=0xff => vec![0x81, middle as u8],
        long => vec![0x82, (long >> 8) as u8, long as u8],
    };
    [&[tag][..], &length, &inside].concat()
}

pub fn attribute(oid: &[u8], values: &[&[u8]]) -> Vec<u8> {
    der(0x30, &[oid, &der(0x31, values)])
}

pub fn content_type() -> Vec<u8> {
    attribute(CONTENT_TYPE, &[ID_DATA])
}

pub fn message_digest(digest: &[u8]) -> Vec<u8> {
    attribute(MESSAGE_DIGEST, &[&der(4, &[digest])])
}

pub fn signing_time() -> Vec<u8> {
    attribute(SIGNING_TIME, &[&der(0x17, &[b"261123000000Z"])])
}

pub fn signing_certificate(certificate: &[u8]) -> Vec<u8> {
    let hash: [u8; 32] = Sha256::digest(certificate).into();
    attribute(SIGNING_CERTIFICATE_V2, &[&der(0x30, &[&der(0x30, &[&der(0x30, &[&der(4, &[&hash])])])])])
}

/// Makes attributes from a digest and a certificate.
pub type Made = fn(&[u8], &[u8]) -> Vec<Vec<u8>>;

/// All that a CMS is made of. `Recipe::of` gives a good one.
#[derive(Clone)]
pub struct Recipe {
    pub version: Vec<u8>,
    pub signer_version: Vec<u8>,
    pub digest_set: Vec<u8>,
    pub digest_algorithm: Vec<u8>,
    pub signature_algorithm: Vec<u8>,
    /// EncapsulatedContentInfo.
    pub content: Vec<u8>,
    pub certificates: Vec<Vec<u8>>,
    pub sort_certificates: bool,
    pub crls: Vec<u8>,
    /// SignerIdentifier; `None` is issuer and serial number of the first certificate.
    pub identifier: Option<Vec<u8>>,
    /// The signed attributes; `None` are the good ones.
    pub attributes: Option<Made>,
    pub sort_attributes: bool,
    pub seed: u8,
    /// The signature's r and s to its DER.
    pub signature: fn(&[u8; 64]) -> Vec<u8>,
    pub unsigned: Vec<u8>,
    pub signers: usize,
    /// What goes over the finished CMS.
    pub after: fn(Vec<u8>) -> Vec<u8>,
}

impl Recipe {
    pub fn of(signer: &Signer) -> Self {
        Self {
            version: vec![2, 1, 1],
            signer_version: vec![2, 1, 1],
            digest_set: SHA256.to_vec(),
            digest_algorithm: SHA256.to_vec(),
            signature_algorithm: ECDSA_SHA256.to_vec(),
            content: der(0x30, &[ID_DATA]),
            certificates: vec![signer.certificate.clone()],
            sort_certificates: true,
            crls: Vec::new(),
            identifier: None,
            attributes: None,
            sort_attributes: true,
            seed: signer.seed,
            signature: ecdsa,
            unsigned: Vec::new(),
            signers: 1,
            after: |cms| cms,
        }
    }

    /// The CMS over a document's digest.
    pub fn cms(&self, digest: &[u8]) -> Vec<u8> {
        let own = &self.certificates[0];
        let mut attributes = match self.attributes {
            Some(attributes) => attributes(digest, own),
            None => vec![content_type(), message_digest(digest), signing_certificate(own)],
        };
        if self.sort_attributes {
            attributes.sort();
        }
        let attributes: Vec<u8> = attributes.concat();
        let value = (self.signature)(&raw(&key(self.seed), &der(0x31, &[&attributes])));
        let identifier = self.identifier.clone().unwrap_or_else(|| issuer_and_serial(own));
        let signer = der(
            0x30,
            &[
                &self.signer_version,
                &identifier,
                &self.digest_algorithm,
                &der(0xa0, &[&attributes]),
                &self.signature_algorithm,
                &der(4, &[&value]),
                &self.unsigned,
            ],
        );
        let mut certificates = self.certificates.clone();
        if self.sort_certificates {
            certificates.sort();
        }
        let data = der(
            0x30,
            &[
                &self.version,
                &der(0x31, &[&self.digest_set]),
                &self.content,
                &der(0xa0, &[&certificates.concat()]),
                &self.crls,
                &der(0x31, &[&signer.repeat(self.signers)]),
            ],
        );
        (self.after)(der(0x30, &[ID_SIGNED_DATA, &der(0xa0, &[&data])]))
    }
}

/// ECDSA-Sig-Value, its numbers as short as DER wants them.
pub fn ecdsa(raw: &[u8; 64]) -> Vec<u8> {
    der(0x30, &[&integer(&raw[..32]), &integer(&raw[32..])])
}

/// A positive INTEGER.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let skip = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[skip..];
    if bytes.first().is_none_or(|first| *first >= 0x80) { der(2, &[&[0], bytes]) } else { der(2, &[bytes]) }
}

pub fn issuer_and_serial(certificate: &[u8]) -> Vec<u8> {
    let certificate = x509_cert::Certificate::from_der(certificate).unwrap();
    let tbs = certificate.tbs_certificate();
    der(0x30, &[&tbs.issuer().to_der().unwrap(), &tbs.serial_number().to_der().unwrap()])
}

/// Bytes kept for a forged CMS.
pub const RESERVE: usize = 2048;
/// Where the three numbers of a byte range go.
pub const RANGE: &str = "0 0000000001 0000000002 0000000003";

/// The `/Contents` that waits for a CMS, with its brackets.
pub fn room() -> String {
    format!("<{}>", "00".repeat(RESERVE))
}

/// A signature dictionary that waits for its values.
pub fn dictionary(more: &str) -> String {
    format!("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[{RANGE}]/Contents{}/M(D:20261123080000+08'00'){more}>>", room())
}

/// Where the waiting `/Contents` stands, with its brackets.
pub fn gap(file: &[u8]) -> [usize; 2] {
    let room = room();
    let at = file.windows(room.len()).rposition(|window| window == room.as_bytes()).unwrap();
    [at, at + room.len()]
}

/// Fills in the byte range and the signature of the last waiting dictionary.
pub fn sealed(file: &[u8], recipe: &Recipe) -> Vec<u8> {
    let [start, end] = gap(file);
    sealed_over(file, recipe, [0, start, end, file.len() - end])
}

/// The same with any byte range; the signature is over just these bytes, as far as they are there.
pub fn sealed_over(file: &[u8], recipe: &Recipe, range: [usize; 4]) -> Vec<u8> {
    let mut out = file.to_vec();
    if let Some(at) = file.windows(RANGE.len()).rposition(|window| window == RANGE.as_bytes()) {
        let first = range[0].to_string();
        let text = format!("{first} {:0width$} {:010} {:010}", range[1], range[2], range[3], width = 11 - first.len());
        out[at..at + RANGE.len()].copy_from_slice(text.as_bytes());
    }
    embedded(&out, &recipe.cms(&digest(&out, range)))
}

pub fn digest(file: &[u8], range: [usize; 4]) -> [u8; 32] {
    let part = |start: usize, length: usize| file.get(start..start.saturating_add(length)).unwrap_or_default();
    Sha256::new().chain_update(part(range[0], range[1])).chain_update(part(range[2], range[3])).finalize().into()
}

/// Puts a CMS into the last waiting `/Contents`.
pub fn embedded(file: &[u8], cms: &[u8]) -> Vec<u8> {
    let [start, _] = gap(file);
    let mut out = file.to_vec();
    for (index, byte) in cms.iter().enumerate() {
        let digits = format!("{byte:02x}");
        out[start + 1 + 2 * index..start + 3 + 2 * index].copy_from_slice(digits.as_bytes());
    }
    out
}
