//! CMS and revocation lists against openssl both ways: it reads what is made here, and what it makes is read here, until a byte changes.

use std::time::{SystemTime, UNIX_EPOCH};

use common::file::{original, parameters};
use common::pki::{DAY, NOW, authority, certificate, crl, key, person, raw};
use common::tool::{Folder, must, openssl, openssl_there};
use pades::{Certificate, Indication, Prepared, SignatureParameters, SignatureReport, SubIndication, Trust, certificates_from_pem, prepare, verify};

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// The bytes that a signature in `prepared` covers.
fn covered(document: &[u8], prepared: &Prepared) -> Vec<u8> {
    let whole = prepared.preview(document);
    let [start, length, again, rest] = prepared.byte_range().map(|n| n as usize);
    [&whole[start..start + length], &whole[again..again + rest]].concat()
}

#[test]
fn openssl_takes_our_cms() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("cms-ours");
    let root = certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1);
    let ming = certificate(&person("Ming", 2, 9), "Signet Authority", 1);
    let (ca, at) = (folder.pem("ca.pem", &[&root]), NOW.to_string());
    for chain in [&[&root[..]][..], &[]] {
        let document = original();
        let prepared = prepare(&document, &parameters("head")).unwrap();
        let content = folder.write("content", &covered(&document, &prepared));
        let stage = prepared.to_be_signed(&ming).unwrap();
        let signature = raw(&key(2), stage.signed_attributes());
        let cms = stage.signed(&signature, chain).unwrap().cms().to_vec();
        let given = folder.write("cms", &cms);
        let judge = |given: &str, content: &str| {
            let out = folder.path("out");
            openssl(&["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", given, "-content", content, "-CAfile", &ca, "-attime", &at, "-out", &out])
        };
        let (sound, said) = judge(&given, &content);
        assert!(sound && said.contains("CAdES Verification successful"), "{said}");
        let other = folder.write("other", b"another document");
        assert!(!judge(&given, &other).0);
        let mut broken = cms.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert!(!judge(&folder.write("broken", &broken), &content).0);
    }
}

/// How openssl is told to sign.
struct Way {
    name: &'static str,
    key: &'static [&'static str],
    sign: &'static [&'static str],
}

const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const RSA_3072: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"];
const RSA_PSS: &[&str] = &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"];
const RSA_PSS_BOUND: &[&str] = &[
    "-algorithm",
    "RSA-PSS",
    "-pkeyopt",
    "rsa_keygen_bits:2048",
    "-pkeyopt",
    "rsa_pss_keygen_md:sha384",
    "-pkeyopt",
    "rsa_pss_keygen_mgf1_md:sha384",
    "-pkeyopt",
    "rsa_pss_keygen_saltlen:32",
];

const ACCEPTED: [Way; 14] = [
    Way { name: "P-256 and SHA-256", key: P256, sign: &["-md", "sha256"] },
    Way { name: "P-256 and SHA-384", key: P256, sign: &["-md", "sha384"] },
    Way { name: "P-256 and SHA-512", key: P256, sign: &["-md", "sha512"] },
    Way { name: "P-384 and SHA-256", key: P384, sign: &["-md", "sha256"] },
    Way { name: "P-384 and SHA-384", key: P384, sign: &["-md", "sha384"] },
    Way { name: "P-384 and SHA-512", key: P384, sign: &["-md", "sha512"] },
    Way { name: "RSA and SHA-256", key: RSA, sign: &["-md", "sha256"] },
    Way { name: "RSA and SHA-384", key: RSA_3072, sign: &["-md", "sha384"] },
    Way { name: "RSA and SHA-512", key: RSA, sign: &["-md", "sha512"] },
    Way { name: "RSASSA-PSS", key: RSA, sign: &["-md", "sha256", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"] },
    Way { name: "RSASSA-PSS, the longest salt", key: RSA, sign: &["-md", "sha512", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:max"] },
    Way { name: "RSASSA-PSS, no salt", key: RSA, sign: &["-md", "sha384", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:0"] },
    Way { name: "a key for RSASSA-PSS", key: RSA_PSS, sign: &["-md", "sha256", "-keyopt", "rsa_pss_saltlen:digest"] },
    Way { name: "a key for RSASSA-PSS with SHA-384", key: RSA_PSS_BOUND, sign: &["-md", "sha384", "-keyopt", "rsa_pss_saltlen:48"] },
];

const REFUSED: [Way; 3] = [
    Way { name: "SHA-1", key: RSA, sign: &["-md", "sha1"] },
    Way { name: "SHA-224", key: P256, sign: &["-md", "sha224"] },
    Way { name: "a mask with another digest", key: RSA, sign: &["-md", "sha256", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha512"] },
];

/// An authority with a key of this kind, and one signer below it; both as names of files without ending.
fn authority_with(folder: &Folder, kind: &[&str]) -> Trust {
    let (ca, ca_key, own, own_key) = (folder.path("ca.pem"), folder.path("ca.key"), folder.path("own.pem"), folder.path("own.key"));
    for key in [&ca_key, &own_key] {
        must(&[&["genpkey", "-out", key][..], kind].concat());
    }
    let purpose = folder.write("purpose", b"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n");
    must(&[
        "req",
        "-new",
        "-x509",
        "-key",
        &ca_key,
        "-out",
        &ca,
        "-days",
        "3650",
        "-subj",
        "/O=Elsewhere/CN=Root",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    ]);
    let request = folder.path("own.csr");
    must(&["req", "-new", "-key", &own_key, "-out", &request, "-subj", "/O=Elsewhere/CN=Li Na"]);
    must(&["x509", "-req", "-in", &request, "-CA", &ca, "-CAkey", &ca_key, "-set_serial", "4711", "-days", "365", "-extfile", &purpose, "-out", &own]);
    let root = certificates_from_pem(&String::from_utf8(folder.read("ca.pem")).unwrap()).unwrap();
    Trust { anchors: root, at: now(), ..Trust::default() }
}

/// A document signed by openssl, and the CMS in it.
fn signed_by_openssl(folder: &Folder, sign: &[&str]) -> (Vec<u8>, Vec<u8>) {
    let document = original();
    let parameters = SignatureParameters { signed_at: now(), ..parameters("head") };
    let prepared = prepare(&document, &parameters).unwrap();
    let content = folder.write("content", &covered(&document, &prepared));
    let (own, key, ca, out) = (folder.path("own.pem"), folder.path("own.key"), folder.path("ca.pem"), folder.path("cms"));
    let arguments = ["cms", "-sign", "-cades", "-binary", "-in", &content, "-signer", &own, "-inkey", &key, "-certfile", &ca, "-outform", "DER", "-out", &out];
    must(&[&arguments[..], sign].concat());
    let cms = folder.read("cms");
    ([&document[..], &prepared.embed(&cms).unwrap()].concat(), cms)
}

fn only(file: &[u8], trust: &Trust) -> SignatureReport {
    let mut report = verify(file, trust).unwrap();
    assert_eq!(report.signatures.len(), 1);
    report.signatures.remove(0)
}

#[test]
fn we_take_openssls_cms() {
    if !openssl_there() {
        return;
    }
    for (number, way) in ACCEPTED.iter().enumerate() {
        let folder = Folder::new(&format!("cms-theirs-{number}"));
        let trust = authority_with(&folder, way.key);
        let (signed, cms) = signed_by_openssl(&folder, way.sign);
        let report = only(&signed, &trust);
        assert_eq!(report.indication, Indication::TotalPassed, "{}: {report:#?}", way.name);
        assert_eq!((report.signer.as_str(), report.serial.as_str()), ("Li Na", "1267"), "{}", way.name);
        // openssl writes the time into the signed attributes, which PAdES forbids
        assert_eq!(report.level, "none");
        assert!(report.findings.iter().any(|finding| finding.rule == "signing-time"), "{}: {:#?}", way.name, report.findings);
        // no byte of it may change
        let at = signed.windows(2 * cms.len()).position(|window| window == hex(&cms)).unwrap();
        for changed in (0..cms.len()).step_by(if number == 0 { 1 } else { 13 }) {
            let mut broken = cms.clone();
            broken[changed] ^= 1;
            let mut file = signed.clone();
            file[at..at + 2 * cms.len()].copy_from_slice(&hex(&broken));
            let passed = verify(&file, &trust).is_ok_and(|report| report.passed());
            assert!(!passed, "{}: byte {changed} changed unnoticed", way.name);
        }
    }
}

#[test]
fn other_algorithms_are_refused() {
    if !openssl_there() {
        return;
    }
    for (number, way) in REFUSED.iter().enumerate() {
        let folder = Folder::new(&format!("cms-refused-{number}"));
        let trust = authority_with(&folder, way.key);
        let (signed, _) = signed_by_openssl(&folder, way.sign);
        let report = only(&signed, &trust);
        assert_eq!(report.sub_indication, Some(SubIndication::CryptoConstraintsFailure), "{}: {report:#?}", way.name);
    }
    for (number, (name, kind)) in
        [("P-521", "EC ec_paramgen_curve:P-521"), ("RSA-1024", "RSA rsa_keygen_bits:1024"), ("secp256k1", "EC ec_paramgen_curve:secp256k1")].iter().enumerate()
    {
        let folder = Folder::new(&format!("cms-keys-{number}"));
        let (algorithm, option) = kind.split_once(' ').unwrap();
        let trust = authority_with(&folder, &["-algorithm", algorithm, "-pkeyopt", option]);
        let (signed, _) = signed_by_openssl(&folder, &["-md", "sha256"]);
        let report = only(&signed, &trust);
        assert_eq!(report.sub_indication, Some(SubIndication::CryptoConstraintsFailure), "{name}: {report:#?}");
    }
}

/// Upper- or lower-case does not matter to a reader; the file has the lower.
fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

const CONFIGURATION: &str = "[ca]\ndefault_ca=own\n[own]\ndatabase=DIR/index.txt\ncrlnumber=DIR/crlnumber\ndefault_md=sha256\ncertificate=DIR/ca.pem\n\
                             private_key=DIR/ca.key\ncrl_extensions=ext\ndefault_crl_days=7\n[ext]\nauthorityKeyIdentifier=keyid\n";

#[test]
fn openssls_lists_are_read_until_a_byte_changes() {
    if !openssl_there() {
        return;
    }
    for (number, kind) in [P256, P384, RSA].into_iter().enumerate() {
        let folder = Folder::new(&format!("crl-{number}"));
        let trust = authority_with(&folder, kind);
        let (signed, _) = signed_by_openssl(&folder, &["-md", "sha256"]);
        let configuration = folder.write("ca.cnf", CONFIGURATION.replace("DIR", &folder.path("")).as_bytes());
        folder.write("index.txt", b"");
        folder.write("crlnumber", b"01\n");
        let list = |name: &str| {
            let pem = folder.path("crl.pem");
            must(&["ca", "-config", &configuration, "-gencrl", "-out", &pem]);
            must(&["crl", "-in", &pem, "-outform", "DER", "-out", &folder.path(name)]);
            folder.read(name)
        };
        let clean = list("clean.crl");
        let own = folder.path("own.pem");
        must(&["ca", "-config", &configuration, "-revoke", &own, "-crl_reason", "keyCompromise"]);
        let revoking = list("revoking.crl");
        let later = Trust { at: now() + 60, ..trust };
        let with = |crl: &[u8]| Trust { crls: vec![crl.to_vec()], ..later.clone() };
        let good = only(&signed, &with(&clean));
        assert_eq!((good.indication, unchecked(&good)), (Indication::TotalPassed, false), "{good:#?}");
        let bad = only(&signed, &with(&revoking));
        assert!(matches!(bad.sub_indication, Some(SubIndication::Revoked | SubIndication::RevokedNoPoe)), "{bad:#?}");
        for crl in [&clean, &revoking] {
            for changed in 0..crl.len() {
                let mut broken = crl.clone();
                broken[changed] ^= 0x01;
                // unreadable, or as good as no list: said to be neither good nor revoked
                if let Ok(report) = verify(&signed, &with(&broken)) {
                    let report = &report.signatures[0];
                    assert!(report.indication == Indication::TotalPassed && unchecked(report), "byte {changed}: {report:#?}");
                }
            }
        }
    }
}

/// Whether the report says that no list was asked.
fn unchecked(report: &SignatureReport) -> bool {
    report.findings.iter().any(|finding| finding.rule == "revocation-not-checked")
}

#[test]
fn openssl_takes_lists_as_the_authority_makes_them() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("crl-ours");
    let root = certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1);
    let ca = folder.pem("ca.pem", &[&root]);
    for revoked in [&[][..], &[(9, NOW - DAY), (200, NOW - 60)]] {
        let given = folder.write("crl", &crl(&root, 1, NOW - DAY, NOW + DAY, revoked));
        let (sound, said) = openssl(&["crl", "-verify", "-inform", "DER", "-in", &given, "-CAfile", &ca, "-noout", "-text"]);
        assert!(sound && said.contains("verify OK"), "{said}");
        assert_eq!(said.contains("Serial Number: 09"), !revoked.is_empty(), "{said}");
        let forged = folder.write("forged", &crl(&root, 5, NOW - DAY, NOW + DAY, revoked));
        let (_, said) = openssl(&["crl", "-verify", "-inform", "DER", "-in", &forged, "-CAfile", &ca, "-noout"]);
        assert!(said.contains("verify failure"), "{said}");
    }
    assert_eq!(Certificate::read(&root).unwrap().serial_hex(), "01");
}
