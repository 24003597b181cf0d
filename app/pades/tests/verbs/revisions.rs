//! Revisions that others append: one filled field is allowed, everything else is named, and broken places of signatures are found.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use pades::pdf::{Pdf, Value};
use pades::{Appearance, Coverage, EmptyField, Error, Issue, Limits, SignatureParameters, compare, issue, locate_signatures, prepare};

/// A one-page file, its offsets counted here.
fn original(catalog: &str) -> Vec<u8> {
    let objects = [
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595.27559055118 841.8898]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>>>".to_owned(),
        "<</Length 10>>\nstream\n0 0 9 9 re\nendstream".to_owned(),
    ];
    let mut out = "%PDF-1.7\n".to_owned();
    let mut table = "xref\n0 5\n0000000000 65535 f\r\n".to_owned();
    for (index, body) in objects.iter().enumerate() {
        let _ = write!(table, "{:010} 00000 n\r\n", out.len());
        let _ = write!(out, "{} 0 obj\n{body}\nendobj\n", index + 1);
    }
    let xref = out.len();
    let _ = write!(out, "{table}trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF");
    out.into_bytes()
}

fn zero() -> Vec<u8> {
    let field = |name: &str| EmptyField { name: name.to_owned(), page: 1, rect: Some([50, 50, 150, 100]), tooltip: String::new() };
    let issued = Issue {
        number: "WO-2026-000001".to_owned(),
        title: "Repair".to_owned(),
        author: "李娜".to_owned(),
        created_at: 1_795_435_200,
        fields: vec![field("a"), field("b")],
        stamp: None,
    };
    issue(&original(""), &issued).unwrap()
}

fn parameters(field: &str) -> SignatureParameters {
    SignatureParameters {
        field: field.to_owned(),
        new_field: None,
        signer_name: "Wang".to_owned(),
        reason: None,
        location: None,
        signed_at: 1_795_435_200,
        utc_offset_minutes: 0,
        appearance: Appearance { width: 10, height: 10, content: "0 0 10 10 re f".to_owned() },
        placement: [50, 50, 150, 100],
        contents_reserve: 512,
    }
}

fn signed(original: &[u8], field: &str) -> Vec<u8> {
    [original, &prepare(original, &parameters(field)).unwrap().embed(&[0x30, 3, 2, 1, 5]).unwrap()].concat()
}

/// Appends an update with these objects.
fn append(file: &[u8], objects: &[(u32, String)]) -> Vec<u8> {
    let pdf = Pdf::parse(file, &Limits::default()).unwrap();
    let last = pdf.revisions().last().unwrap();
    let reference = |key: &str| last.trailer.get(key).and_then(Value::reference).unwrap();
    let mut out = file.to_vec();
    let mut table = "xref\n".to_owned();
    let mut size = pdf.latest().size();
    for (number, body) in objects {
        let _ = write!(table, "{number} 1\n{:010} 00000 n\r\n", out.len());
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
        size = size.max(number + 1);
    }
    let xref = out.len();
    let trailer = format!("<</Size {size}/Root {}/Info {}/Prev {}>>", reference("Root"), reference("Info"), last.xref);
    out.extend_from_slice(format!("{table}trailer\n{trailer}\nstartxref\n{xref}\n%%EOF\n").as_bytes());
    out
}

/// The rules that the newest revision breaks.
fn broken_rules(file: &[u8]) -> Vec<String> {
    let pdf = Pdf::parse(file, &Limits::default()).unwrap();
    compare(&pdf, pdf.revisions().len() - 1).unwrap().forbidden.into_iter().map(|finding| finding.rule).collect()
}

fn number_of(file: &[u8], field: &str) -> (u32, String) {
    let pdf = Pdf::parse(file, &Limits::default()).unwrap();
    let field = pades::pdf::field::fields(pdf.latest()).unwrap().into_iter().find(|found| found.name == field).unwrap();
    let object = pdf.latest().indirect(field.reference).unwrap().unwrap();
    (field.reference.number, String::from_utf8(object.source(&pdf)[object.value.span.clone()].to_vec()).unwrap())
}

#[test]
fn two_approvers_fill_their_fields() {
    let one = signed(&zero(), "a");
    let two = signed(&one, "b");
    assert!(two.starts_with(&one));
    let pdf = Pdf::parse(&two, &Limits::default()).unwrap();
    for revision in [1, 2] {
        let comparison = compare(&pdf, revision).unwrap();
        assert_eq!(comparison.forbidden, []);
        assert_eq!(comparison.filled.len(), 1);
    }
    let located = locate_signatures(&pdf).unwrap();
    let seen: Vec<_> = located.iter().map(|found| (found.field.as_str(), found.coverage, found.faults.len())).collect();
    assert_eq!(seen, [("a", Coverage::Revision, 0), ("b", Coverage::WholeFile, 0)]);
    assert_eq!(prepare(&two, &parameters("a")), Err(Error::FieldTaken("a".to_owned())));
    assert_eq!(prepare(&two, &parameters("c")), Err(Error::FieldMissing("c".to_owned())));
}

#[test]
fn other_changes_are_named() {
    let one = signed(&zero(), "a");
    let content = (4, "<</Length 10>>\nstream\n1 1 9 9 re\nendstream".to_owned());
    let page = (3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>/Rotate 90>>".to_owned());
    let (number, text) = number_of(&one, "a");
    let (empty, empty_text) = number_of(&one, "b");
    let changed = |from: &str, to: &str| (empty, empty_text.replace(from, to));
    for (objects, rule) in [
        (vec![content], "changed"),
        (vec![page], "changed"),
        (vec![(90, "<</Type/Catalog>>".to_owned())], "added"),
        (vec![(1, "<</Type/Catalog/Pages 90 0 R>>".to_owned()), (90, "<<>>".to_owned())], "catalogue"),
        (vec![(number, text.replace("/F 132", "/F 2"))], "field-signed"),
        (vec![changed("/F 132", "/F 2")], "field-flags"),
        (vec![changed("/F 132", "/F 132/V 4 0 R")], "field-value"),
        (vec![changed("/Rect[50", "/Rect[0")], "field"),
        (vec![changed("/AP<<", "/V 90 0 R/AP<</D 91 0 R"), (90, "<</Type/Sig>>".to_owned()), (91, "[4 0 R]".to_owned())], "appearance"),
    ] {
        let rules = broken_rules(&append(&one, &objects));
        assert!(rules.iter().any(|found| found == rule), "{rule}: {rules:?}");
    }
    assert_eq!(broken_rules(&append(&one, &[])), Vec::<String>::new());
}

#[test]
fn broken_places_of_signatures_are_found() {
    let one = signed(&zero(), "a");
    let text = |from: &[u8], to: &[u8]| {
        let at = one.windows(from.len()).rposition(|window| window == from).unwrap();
        [&one[..at], to, &one[at + from.len()..]].concat()
    };
    for (file, rule) in [
        (text(b"/ByteRange[0 ", b"/ByteRange[1 "), "byte-range"),
        (text(b"/ByteRange", b"/ByteRangf"), "byte-range"),
        (text(b"<3003020105", b"<0000000000"), "contents"),
        (text(b"/Contents<", b"/Contentz<"), "contents"),
        (text(b"ETSI.CAdES", b"ETSI.OAdES"), "sub-filter"),
        (text(b"/Type/Sig", b"/Typf/Sig"), "type"),
    ] {
        let pdf = Pdf::parse(&file, &Limits::default()).unwrap();
        let located = locate_signatures(&pdf).unwrap();
        assert!(located[0].faults.iter().any(|fault| fault.rule == rule), "{rule}: {:?}", located[0].faults);
        assert_eq!(located[0].coverage, Coverage::Partial);
    }
    for junk in [&b"x"[..], b"%comment\n", b"\n1 0 obj\n<<>>\nendobj\n"] {
        assert!(matches!(Pdf::parse(&[&one[..], junk].concat(), &Limits::default()), Err(Error::Malformed { .. })));
    }
    // every cut and every flipped byte gives an answer, never a panic
    for at in 0..one.len() {
        let mut flipped = one.clone();
        flipped[at] ^= 0x15;
        for file in [&one[..at], &flipped[..]] {
            if let Ok(pdf) = Pdf::parse(file, &Limits::default()) {
                let _ = locate_signatures(&pdf);
                let _ = pades::inspect(file, &Limits::default());
                (1..pdf.revisions().len()).for_each(|revision| drop(compare(&pdf, revision)));
            }
        }
    }
}

#[test]
fn what_may_not_become_a_document_is_refused_by_rule() {
    for (catalog, expected) in [
        ("/OpenAction<</S/JavaScript/JS(x)>>", "open-action"),
        ("/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>]>>>>", "javascript"),
        ("/AA<</WC<</S/JavaScript/JS(x)>>>>", "action"),
        ("/Names<</EmbeddedFiles<</Names[(a)<</EF<<>>>>]>>>>", "embedded-files"),
        ("/OCProperties<</D<</BaseState/OFF>>>>", "optional-content"),
        ("/AcroForm<</XFA[(a)(b)]>>", "xfa"),
        ("/Perms<<>>", "signed"),
        ("/Outlines<</A<</S/Launch>>>>", "action"),
        ("/Foo 4 1 R", "generations"),
    ] {
        let result = pades::inspect(&original(catalog), &Limits::default());
        assert!(matches!(result, Err(Error::Refused { rule, .. }) if rule == expected), "{expected}: {result:?}");
    }
    for nothing in [
        "/OpenAction[3 0 R/Fit]",
        "/OpenAction<<>>/AA<<>>/OCProperties<</OCGs[]/D<<>>>>/Collection<<>>",
        "/OpenAction null/AA 9 0 R/OCProperties null/Collection null/Outlines<</JS 9 0 R/EF null>>",
        "/Names<</JavaScript<</Names[]>>/EmbeddedFiles<</Kids[<</Names[]>>]>>>>/AcroForm<</Fields[]/XFA[]>>",
        "/Names<</JavaScript 9 0 R/EmbeddedFiles null>>/AcroForm<</Fields[]/XFA()/AA<</K null>>>>",
    ] {
        assert_eq!(pades::inspect(&original(nothing), &Limits::default()).map(|taken| taken.pages.len()), Ok(1), "{nothing}");
    }
}

#[test]
fn pyhanko_fills_a_field_and_nothing_else() {
    let program = r"
import sys, io, datetime
from asn1crypto import keys, x509
from cryptography import x509 as cx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
key = ec.generate_private_key(ec.SECP256R1())
name = cx.Name([cx.NameAttribute(cx.NameOID.COMMON_NAME, 'T')])
at = datetime.datetime(2026, 1, 1)
cert = cx.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7).not_valid_before(at).not_valid_after(at + datetime.timedelta(900)).sign(key, hashes.SHA256())
der = serialization.Encoding.DER
signer = signers.SimpleSigner(x509.Certificate.load(cert.public_bytes(der)), keys.PrivateKeyInfo.load(key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())), SimpleCertificateStore())
writer = IncrementalPdfFileWriter(io.BytesIO(sys.stdin.buffer.read()))
out = signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name='b', subfilter=SigSeedSubFilter.PADES), signer=signer)
sys.stdout.buffer.write(out.getbuffer())
";
    let usable = Command::new("python3").args(["-c", "import pyhanko.sign, cryptography"]).stderr(Stdio::null()).status();
    if !usable.is_ok_and(|status| status.success()) {
        println!("skipped: python3 cannot import pyhanko");
        return;
    }
    let one = signed(&zero(), "a");
    let mut python = Command::new("python3").args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(&one).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let pdf = Pdf::parse(&output.stdout, &Limits::default()).unwrap();
    let comparison = compare(&pdf, 2).unwrap();
    assert_eq!(comparison.forbidden, []);
    assert_eq!(comparison.filled[0].name, "b");
    let located = locate_signatures(&pdf).unwrap();
    assert_eq!(located[1].faults, []);
    assert_eq!(located[1].coverage, Coverage::WholeFile);
}
