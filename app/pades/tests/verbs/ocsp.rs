//! OCSP against openssl both ways, and every way an answer must be refused.

use std::time::{SystemTime, UNIX_EPOCH};

use common::pki::{DAY, NOW, Wish, authority, certificate, key, person, raw};
use common::tool::{Folder, must, openssl, openssl_there};
use pades::Error;
use pades::ocsp::{self, Answer, CertificateStatus, Refusal};

const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
const NONCE: [u8; 16] = [9; 16];

fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

fn responder() -> Vec<u8> {
    certificate(&wish(), "Signet Authority", 1)
}

fn wish() -> Wish<'static> {
    Wish { usage: 0b1, purpose: Some(OCSP_SIGNING), ..person("Signet Status", 7, 50) }
}

fn ming() -> Vec<u8> {
    certificate(&person("Ming", 2, 9), "Signet Authority", 1)
}

/// The answer to `request` by `responder` with the key `seed`.
fn answer(request: &[u8], status: CertificateStatus, responder: &[u8], seed: u8, at: i64) -> Vec<u8> {
    let request = ocsp::read_request(request).unwrap();
    let answers: Vec<Answer> = request.questions.into_iter().map(|id| Answer { id, status, this_update: at, next_update: Some(at + 3_600) }).collect();
    let stage = ocsp::response(&answers, at, request.nonce.as_deref(), responder).unwrap();
    let signature = raw(&key(seed), stage.data());
    stage.signed(&signature, seed != 1).unwrap()
}

fn rule(error: Error) -> String {
    match error {
        Error::Signature { rule, .. } => rule,
        Error::Refused { rule, .. } => rule.to_owned(),
        other => panic!("{other}"),
    }
}

#[test]
fn openssl_takes_our_answers() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("ocsp-ours");
    let (ca, own) = (folder.pem("ca.pem", &[&root()]), folder.pem("ming.pem", &[&ming()]));
    let at = NOW.to_string();
    let revoked = CertificateStatus::Revoked { at: NOW - 60, reason: Some(1) };
    for (responder, seed) in [(responder(), 7), (root(), 1)] {
        for (status, word) in [(CertificateStatus::Good, "good"), (revoked, "revoked"), (CertificateStatus::Unknown, "unknown")] {
            for digest in ["-sha1", "-sha256"] {
                let query = folder.path("query");
                must(&["ocsp", digest, "-issuer", &ca, "-cert", &own, "-nonce", "-reqout", &query]);
                let request = folder.read("query");
                let read = ocsp::read_request(&request).unwrap();
                assert_eq!((read.questions.len(), read.questions[0].serial()), (1, &[9][..]));
                assert!(read.questions[0].is_issued_by(&pades::Certificate::read(&root()).unwrap()));
                assert!(!read.questions[0].is_issued_by(&pades::Certificate::read(&ming()).unwrap()));
                assert!(read.nonce.is_some());
                let given = folder.write("answer", &answer(&request, status, &responder, seed, NOW));
                let said = must(&[
                    "ocsp",
                    "-no_nonce",
                    digest,
                    "-issuer",
                    &ca,
                    "-cert",
                    &own,
                    "-reqin",
                    &query,
                    "-respin",
                    &given,
                    "-CAfile",
                    &ca,
                    "-attime",
                    &at,
                    "-validity_period",
                    "9999999999",
                    "-resp_text",
                ]);
                assert!(said.contains("Response verify OK") && said.contains(&format!("ming.pem: {word}")), "{said}");
                assert!(!said.contains("no nonce in response"), "{said}");
                assert_eq!(said.contains("Reason: keyCompromise"), status == revoked, "{said}");
            }
        }
    }
    let stranger = certificate(&Wish { purpose: None, ..wish() }, "Signet Authority", 1);
    let query = folder.path("query");
    let given = folder.write("answer", &answer(&folder.read("query"), CertificateStatus::Good, &stranger, 7, NOW));
    let (_, said) = openssl(&[
        "ocsp",
        "-no_nonce",
        "-sha256",
        "-issuer",
        &ca,
        "-cert",
        &own,
        "-reqin",
        &query,
        "-respin",
        &given,
        "-CAfile",
        &ca,
        "-attime",
        &at,
        "-validity_period",
        "9999999999",
    ]);
    assert!(said.contains("Response Verify Failure"), "{said}");
}

#[test]
fn openssl_reads_refusals() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("ocsp-refusals");
    for (refusal, word) in [
        (Refusal::MalformedRequest, "malformedrequest"),
        (Refusal::InternalError, "internalerror"),
        (Refusal::TryLater, "trylater"),
        (Refusal::Unauthorized, "unauthorized"),
    ] {
        let given = folder.write("answer", &ocsp::refused(refusal));
        let (_, said) = openssl(&["ocsp", "-respin", &given, "-noverify", "-resp_text"]);
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn we_take_openssls_answers() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("ocsp-theirs");
    let kinds: [(&str, &[&str]); 2] = [("rsa", &["-newkey", "rsa:2048"]), ("p384", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"])];
    let extensions = folder.write("ext.cnf", b"keyUsage=critical,digitalSignature\n");
    let appointed = folder.write("ocsp.cnf", b"keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n");
    for (kind, new_key) in kinds {
        let [ca_key, ca, own_key, csr, own, ocsp_key, ocsp_pem] =
            ["ca.key", "ca.pem", "own.key", "own.csr", "own.pem", "ocsp.key", "ocsp.pem"].map(|name| folder.path(name));
        let usage = ["-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
        must(&[&["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=Outside CA", "-keyout", &ca_key, "-out", &ca], new_key, &usage].concat());
        for (name, key, pem, file) in [("Someone", &own_key, &own, &extensions), ("Responder", &ocsp_key, &ocsp_pem, &appointed)] {
            must(&[&["req", "-new", "-nodes", "-subj", &format!("/CN={name}"), "-keyout", key, "-out", &csr], new_key].concat());
            must(&["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-days", "20", "-extfile", file, "-out", pem]);
        }
        let der = |name: &str| pades::certificates_from_pem(&String::from_utf8(folder.read(name)).unwrap()).unwrap().remove(0);
        let (certificate, issuer) = (der("own.pem"), der("ca.pem"));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let serial = pades::Certificate::read(&certificate).unwrap().serial_hex().to_uppercase();
        for (line, expected) in [
            (format!("V\t350101000000Z\t\t{serial}\tunknown\t/CN=Someone\n"), Some(CertificateStatus::Good)),
            (format!("R\t350101000000Z\t260101000000Z,superseded\t{serial}\tunknown\t/CN=Someone\n"), None),
            (String::new(), Some(CertificateStatus::Unknown)),
        ] {
            let index = folder.write("index.txt", line.as_bytes());
            folder.write("index.txt.attr", b"unique_subject = no\n");
            let query = folder.write("query", &ocsp::request(&certificate, &issuer, &NONCE, false).unwrap());
            for (signer, signer_key) in [(&ocsp_pem, &ocsp_key), (&ca, &ca_key)] {
                let given = folder.path("answer");
                must(&["ocsp", "-index", &index, "-CA", &ca, "-rsigner", signer, "-rkey", signer_key, "-reqin", &query, "-respout", &given, "-nmin", "5"]);
                let given = folder.read("answer");
                let check = |nonce: &[u8], at| ocsp::check_response(&given, &certificate, &issuer, nonce, at);
                let status = check(&NONCE, now).unwrap_or_else(|error| panic!("{kind}: {error}"));
                match expected {
                    Some(expected) => assert_eq!(status, expected),
                    None => assert_eq!(status, CertificateStatus::Revoked { at: 1_767_225_600, reason: Some(4) }),
                }
                assert!(check(&[1; 16], now).is_err(), "another nonce");
                assert!(check(&NONCE, now + 3_600).is_err(), "too old");
                assert!(ocsp::check_response(&given, &issuer, &issuer, &NONCE, now).is_err(), "another certificate");
                assert!(ocsp::check_response(&given, &certificate, &root(), &NONCE, now).is_err(), "another issuer");
            }
        }
    }
}

#[test]
fn no_byte_of_an_answer_may_change() {
    let question = ocsp::request(&ming(), &root(), &NONCE, false).unwrap();
    let good = answer(&question, CertificateStatus::Good, &responder(), 7, NOW);
    let check = |given: &[u8]| ocsp::check_response(given, &ming(), &root(), &NONCE, NOW);
    assert_eq!(check(&good).unwrap(), CertificateStatus::Good);
    for at in 0..good.len() {
        let mut broken = good.clone();
        broken[at] ^= 1;
        assert!(check(&broken).is_err(), "byte {at}");
    }
    for end in 0..good.len() {
        assert!(check(&good[..end]).is_err());
    }
}

#[test]
fn responders_that_were_not_appointed() {
    let question = ocsp::request(&ming(), &root(), &NONCE, true).unwrap();
    let refused = |responder: Vec<u8>| {
        let given = answer(&question, CertificateStatus::Good, &responder, 7, NOW);
        rule(ocsp::check_response(&given, &ming(), &root(), &NONCE, NOW).unwrap_err())
    };
    assert_eq!(refused(certificate(&Wish { purpose: None, ..wish() }, "Signet Authority", 1)), "ocsp-answer");
    assert_eq!(refused(certificate(&Wish { purpose: Some("1.3.6.1.5.5.7.3.8"), ..wish() }, "Signet Authority", 1)), "ocsp-answer");
    assert_eq!(refused(certificate(&wish(), "Signet Authority", 5)), "ocsp-answer");
    assert_eq!(refused(certificate(&Wish { from: NOW - 9 * DAY, to: NOW - DAY, ..wish() }, "Signet Authority", 1)), "ocsp-answer");
}

#[test]
fn requests_are_read_strictly() {
    let good = ocsp::request(&ming(), &root(), &NONCE, false).unwrap();
    assert_eq!(ocsp::read_request(&good).unwrap().nonce.as_deref(), Some(&NONCE[..]));
    assert_eq!(ocsp::read_request(&ocsp::request(&ming(), &root(), &[], false).unwrap()).unwrap().nonce, None);
    assert!(ocsp::read_request(&ocsp::request(&ming(), &root(), &[1; 129], false).unwrap()).is_err());
    for end in 0..good.len() {
        assert_eq!(rule(ocsp::read_request(&good[..end]).unwrap_err()), "ocsp-format");
    }
    assert!(ocsp::read_request(&[&good[..], &[0]].concat()).is_err());
    assert!(ocsp::read_request(&[0x30, 4, 0x30, 2, 0x30, 0]).is_err(), "no question");
    assert!(ocsp::read_request(&vec![0x30; 20_000]).is_err());
    let answers = [Answer {
        id: ocsp::read_request(&good).unwrap().questions.remove(0),
        status: CertificateStatus::Revoked { at: 0, reason: Some(7) },
        this_update: 0,
        next_update: None,
    }];
    assert!(matches!(ocsp::response(&answers, NOW, None, &responder()), Err(Error::Parameter(_))));
    assert!(matches!(ocsp::response(&[], NOW, None, &responder()), Err(Error::Parameter(_))));
}
