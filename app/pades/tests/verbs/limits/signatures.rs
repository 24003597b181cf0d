//! Files that are expensive for who looks for signatures, and for what they bring as evidence.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::SignedData;
use common::pki::{NOW, authority, certificate, key, person, raw};
use der::{Any, Decode, Encode};
use pades::{Appearance, SignatureParameters, prepare};

use crate::limits::build::{File, fill, stream};

/// Signature fields whose byte ranges all close the one revision.
pub fn signatures() -> Vec<u8> {
    let count = 5_000;
    let form: String = (0..count).map(|index| format!(" {} 0 R", 10 + index)).collect();
    let mut file = File::document("", "", &form);
    (0..count).for_each(|index| file.object(10 + index, format!("<</FT/Sig/T({index})/V {} 0 R/Rect[0 0 1 1]>>", 10_000 + index)));
    signed(&mut file, &(0..count).map(|index| 10_000 + index).collect::<Vec<_>>(), 2 << 20, &sound_cms());
    file.done()
}

/// Every revision has a signature of its own, whose ranges are what they must be.
pub fn signed_revisions(count: u32, padding: usize) -> Vec<u8> {
    let form: String = (0..count).map(|index| format!(" {} 0 R", 10 + index)).collect();
    let mut file = File::document("", "", &form);
    (0..count).for_each(|index| file.object(10 + index, format!("<</FT/Sig/T({index})/Rect[0 0 1 1]>>")));
    file.out.extend_from_slice(fill("%padding\n", padding).as_bytes());
    file.table("", None);
    let cms = sound_cms();
    for index in 0..count {
        file.object(10 + index, format!("<</FT/Sig/T({index})/V {} 0 R/Rect[0 0 1 1]>>", 10_000 + index));
        signed(&mut file, &[10_000 + index], 0, &cms);
    }
    file.done()
}

/// A signature that carries as many authorities of one name as fit, each of which could have issued any other.
pub fn crowd() -> Vec<u8> {
    let info = ContentInfo::from_der(&sound_cms()).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    let mut certificates: Vec<CertificateChoices> = data.certificates.take().unwrap().0.into_vec();
    for seed in 3..=250 {
        for serial in 1..=2 {
            let der = certificate(&authority("Signet Authority", seed, serial), "Signet Authority", if seed == 250 { 3 } else { seed + 1 });
            certificates.push(CertificateChoices::Certificate(Decode::from_der(&der).unwrap()));
        }
    }
    data.certificates = Some(certificates.try_into().unwrap());
    let cms = ContentInfo { content_type: info.content_type, content: Any::encode_from(&data).unwrap() }.to_der().unwrap();
    let mut file = File::document("", "", "");
    file.table("", None);
    file.object(5, "<</FT/Sig/T(a)/V 6 0 R/Type/Annot/Subtype/Widget/Rect[0 0 100 100]/P 3 0 R>>");
    signed(&mut file, &[6], 0, &cms);
    file.done()
}

pub fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

/// A signature, and a `/DSS` with the same list again and again.
pub fn validation_data(list: &[u8], times: usize) -> Vec<u8> {
    let mut file = File::document("", "", "");
    file.table("", None);
    file.object(5, "<</FT/Sig/T(a)/V 6 0 R/Type/Annot/Subtype/Widget/Rect[0 0 100 100]/P 3 0 R>>");
    signed(&mut file, &[6], 0, &sound_cms());
    file.object(7, stream("", list));
    file.object(8, stream("", &root()));
    let (lists, certificates) = ("7 0 R ".repeat(times), "8 0 R ".repeat(times));
    file.object(9, format!("<</CRLs[{lists}]/Certs[{certificates}]/OCSPs[{lists}]>>"));
    file.object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/DSS 9 0 R>>");
    file.table("", None).done()
}

/// The CMS of a person's signature, over another file.
fn sound_cms() -> Vec<u8> {
    let parameters = SignatureParameters {
        field: "a".to_owned(),
        new_field: None,
        signer_name: "Ming".to_owned(),
        reason: None,
        location: None,
        signed_at: NOW,
        utc_offset_minutes: 0,
        appearance: Appearance { width: 1, height: 1, content: String::new() },
        placement: [1, 1, 2, 2],
        contents_reserve: 4_096,
    };
    let original = File::document("", "", "").table("", None).done();
    let stage = prepare(&original, &parameters).unwrap().to_be_signed(&certificate(&person("Ming", 2, 9), "Signet Authority", 3)).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    stage.signed(&signature, &[]).unwrap().cms().to_vec()
}

/// Puts signature dictionaries of these numbers into the revision and ends it, their ranges filled in.
fn signed(file: &mut File, numbers: &[u32], padding: usize, cms: &[u8]) {
    let contents: String = cms.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut gaps = Vec::new();
    for &number in numbers {
        let body =
            format!("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 ---------- ---------- ----------]/Contents<{contents}>>>");
        let start = file.out.len() + format!("{number} 0 obj\n").len();
        gaps.push((start + body.find("---").unwrap_or(0), start + body.find("/Contents").unwrap_or(0) + 9));
        file.object(number, body);
    }
    file.out.extend_from_slice(fill("%padding\n", padding.max(9)).as_bytes());
    file.table("", None);
    let end = file.out.len();
    for (at, gap) in gaps {
        let after = gap + contents.len() + 2;
        let range = format!("{gap:010} {after:010} {:010}", end - after);
        file.out[at..at + 32].copy_from_slice(range.as_bytes());
    }
}
