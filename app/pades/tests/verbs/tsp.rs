//! Time stamps against openssl both ways, into a signature, and every way they must be refused.

use std::time::{SystemTime, UNIX_EPOCH};

use common::file::{original, parameters};
use common::pki::{DAY, NOW, Wish, authority, certificate, crl, key, person, raw};
use common::tool::{Folder, must, openssl, openssl_there};
use pades::tsp::{self, Accuracy, Failure, Imprint, TstInfo};
use pades::{Error, Trust, add_time_stamp, prepare, signature_value};
use sha2::{Digest, Sha256};

const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
const POLICY: &str = "1.3.6.1.4.1.55555.1.1";
const NONCE: [u8; 8] = [0xf1, 2, 3, 4, 5, 6, 7, 8];

fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

fn stamper() -> Vec<u8> {
    certificate(&wish(), "Signet Authority", 1)
}

fn wish() -> Wish<'static> {
    Wish { usage: 0b1, purpose: Some(TIME_STAMPING), ..person("Signet Time", 6, 40) }
}

fn trust() -> Trust {
    Trust { time_stamp_anchors: vec![root()], at: NOW, ..Trust::default() }
}

fn info(imprint: Imprint, nonce: Option<Vec<u8>>) -> TstInfo {
    let accuracy = Some(Accuracy { seconds: 1, millis: 500, micros: 0 });
    TstInfo { policy: POLICY.to_owned(), imprint, serial: vec![0x80, 1], at: NOW, accuracy, ordering: false, nonce }
}

fn stamped(info: &TstInfo) -> Vec<u8> {
    let stage = tsp::token(info, &stamper()).unwrap();
    let signature = raw(&key(6), stage.signed_attributes());
    stage.signed(&signature, &[&root()]).unwrap()
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn positive_nonce() -> Vec<u8> {
    [&[0][..], &NONCE].concat()
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
    let folder = Folder::new("tsp-ours");
    let (data, ca) = (folder.write("data", b"a document"), folder.pem("ca.pem", &[&root()]));
    let at = NOW.to_string();
    for (digest, arguments) in
        [("-sha256", &["-cert"][..]), ("-sha384", &["-cert", "-tspolicy", POLICY]), ("-sha512", &["-cert", "-no_nonce"]), ("-sha256", &[])]
    {
        let query = folder.path("query");
        must(&[&["ts", "-query", "-data", &data, digest, "-out", &query], arguments].concat());
        let request = tsp::read_request(&folder.read("query")).unwrap();
        assert!(request.imprint.is_of(b"a document"));
        assert_eq!(request.nonce.is_none(), arguments.contains(&"-no_nonce"));
        assert_eq!(request.certificates, arguments.contains(&"-cert"));
        assert_eq!(request.policy.is_some(), arguments.contains(&"-tspolicy"));
        let stage = tsp::token(&info(request.imprint, request.nonce), &stamper()).unwrap();
        let signature = raw(&key(6), stage.signed_attributes());
        let token = if request.certificates { stage.signed(&signature, &[]) } else { stage.signed_bare(&signature) };
        let answer = folder.write("answer", &tsp::granted(&token.unwrap()));
        let own = folder.pem("own.pem", &[&stamper()]);
        let said = must(&["ts", "-verify", "-in", &answer, "-queryfile", &query, "-CAfile", &ca, "-untrusted", &own, "-attime", &at]);
        assert!(said.contains("Verification: OK"), "{said}");
        let said = must(&["ts", "-reply", "-in", &answer, "-text"]);
        assert!(said.contains("Status: Granted.") && said.contains(POLICY) && said.contains("0x01F4 millis"), "{said}");
    }
    let answer = folder.write("rejected", &tsp::rejected(Failure::UnacceptedPolicy));
    let (_, said) = openssl(&["ts", "-reply", "-in", &answer, "-text"]);
    assert!(said.contains("Status: Rejected.") && said.contains("unaccepted policy") || said.contains("not supported"), "{said}");
}

#[test]
fn openssl_reads_every_failure() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("tsp-failures");
    let words = [
        (Failure::BadAlg, "unrecognized or unsupported algorithm identifier"),
        (Failure::BadRequest, "transaction not permitted or supported"),
        (Failure::BadDataFormat, "the data submitted has the wrong format"),
        (Failure::TimeNotAvailable, "the TSA's time source is not available"),
        (Failure::UnacceptedPolicy, "the requested TSA policy is not supported by the TSA"),
        (Failure::UnacceptedExtension, "the requested extension is not supported by the TSA"),
        (Failure::AddInfoNotAvailable, "the additional information requested could not be understood or is not available"),
        (Failure::SystemFailure, "the request cannot be handled due to system failure"),
    ];
    for (failure, expected) in words {
        let answer = folder.write("answer", &tsp::rejected(failure));
        let (_, said) = openssl(&["ts", "-reply", "-in", &answer, "-text"]);
        assert!(said.contains(expected) && said.contains(failure.text()), "{failure:?}: {said}");
        let error = tsp::check_response(&tsp::rejected(failure), &[0; 32], &NONCE, &trust()).unwrap_err();
        assert!(error.to_string().contains(failure.text()), "{error}");
        assert_eq!(rule(error), "time-stamp-rejected");
    }
}

#[test]
fn we_take_openssls_answers() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("tsp-theirs");
    let kinds: [(&str, &[&str]); 3] = [
        ("rsa", &["-newkey", "rsa:2048"]),
        ("p256", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ("p384", &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ];
    let extensions = folder.write("ext.cnf", b"basicConstraints=CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n");
    for (kind, new_key) in kinds {
        let [ca_key, ca, tsa_key, csr, tsa] = ["ca.key", "ca.pem", "tsa.key", "tsa.csr", "tsa.pem"].map(|name| folder.path(name));
        let usage = ["-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign"];
        must(&[&["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=Outside CA", "-keyout", &ca_key, "-out", &ca], new_key, &usage].concat());
        must(&[&["req", "-new", "-nodes", "-subj", "/CN=Outside Time", "-keyout", &tsa_key, "-out", &csr], new_key].concat());
        must(&["x509", "-req", "-in", &csr, "-CA", &ca, "-CAkey", &ca_key, "-days", "20", "-extfile", &extensions, "-out", &tsa]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let anchor = pades::certificates_from_pem(&String::from_utf8(folder.read("ca.pem")).unwrap()).unwrap();
        let outside = Trust { time_stamp_anchors: anchor.clone(), at: now, ..Trust::default() };
        for (digest, alg) in [("sha256", "sha1"), ("sha384", "sha256"), ("sha512", "sha512")] {
            let serial = folder.write("serial", b"0FF0");
            let config = format!(
                "[tsa]\ndefault_tsa=t\n[t]\nserial={serial}\nsigner_cert={tsa}\ncerts={ca}\nsigner_key={tsa_key}\nsigner_digest={digest}\n\
                 default_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\naccuracy=secs:1,millisecs:500,microsecs:100\nclock_precision_digits=3\n\
                 ordering=yes\ntsa_name=yes\ness_cert_id_chain=no\ness_cert_id_alg={alg}\n"
            );
            let config = folder.write("tsa.cnf", config.as_bytes());
            let query = folder.write("query", &tsp::request(&hash(b"a document"), &NONCE));
            must(&["ts", "-reply", "-config", &config, "-queryfile", &query, "-out", &folder.path("answer")]);
            let answer = folder.read("answer");
            let taken = tsp::check_response(&answer, &hash(b"a document"), &NONCE, &outside).unwrap_or_else(|error| panic!("{kind} {digest} {alg}: {error}"));
            assert_eq!((taken.authority.as_str(), taken.info.policy.as_str()), ("Outside Time", "1.2.3.4.1"));
            assert_eq!(taken.info.accuracy, Some(Accuracy { seconds: 1, millis: 500, micros: 100 }));
            assert!(taken.info.ordering && (taken.info.at - now).abs() < 300);
            let refused = |imprint: &[u8], nonce: &[u8], trust: &Trust| rule(tsp::check_response(&answer, &hash(imprint), nonce, trust).unwrap_err());
            assert_eq!(refused(b"another", &NONCE, &outside), "time-stamp-imprint");
            assert_eq!(refused(b"a document", &[1; 8], &outside), "time-stamp-nonce");
            assert_eq!(refused(b"a document", &NONCE, &Trust { at: now + 3_600, ..outside.clone() }), "time-stamp-time");
            // trusted to say who somebody is, not when something was
            let only_people = Trust { anchors: anchor.clone(), time_stamp_anchors: Vec::new(), ..outside.clone() };
            assert_eq!(refused(b"a document", &NONCE, &only_people), "chain-not-found");
            let mut broken = answer.clone();
            let last = broken.len() - 1;
            broken[last] ^= 1;
            assert!(tsp::check_response(&broken, &hash(b"a document"), &NONCE, &outside).is_err());
        }
    }
}

#[test]
fn no_byte_of_an_answer_may_change() {
    let answer = tsp::granted(&stamped(&info(Imprint::sha256(hash(b"x")), Some(positive_nonce()))));
    let taken = tsp::check_response(&answer, &hash(b"x"), &NONCE, &trust()).unwrap();
    assert_eq!((taken.info.at, taken.info.serial.as_slice(), taken.authority.as_str()), (NOW, &[0, 0x80, 1][..], "Signet Time"));
    for at in 0..answer.len() {
        let mut broken = answer.clone();
        broken[at] ^= 1;
        if let Ok(other) = tsp::check_response(&broken, &hash(b"x"), &NONCE, &trust()) {
            // the answer's own status is not signed: granted, or granted with changes
            assert!(other == taken && at == 8, "byte {at}");
        }
    }
    for end in 0..answer.len() {
        assert!(tsp::check_response(&answer[..end], &hash(b"x"), &NONCE, &trust()).is_err());
    }
}

#[test]
fn authorities_that_may_not_stamp() {
    let info = info(Imprint::sha256(hash(b"x")), Some(positive_nonce()));
    let answer = |wish: &Wish<'_>| {
        // made with a proper certificate, then presented with this one: the maker itself refuses
        let improper = certificate(wish, "Signet Authority", 1);
        assert_eq!(rule(tsp::token(&info, &improper).unwrap_err()), "time-stamp-purpose");
        assert!(tsp::may_stamp(&improper).is_err());
    };
    assert!(tsp::may_stamp(&stamper()).is_ok());
    answer(&Wish { purpose: None, ..wish() });
    answer(&Wish { purpose: Some("1.3.6.1.5.5.7.3.4"), ..wish() });
    answer(&Wish { usage: 0b100, ..wish() });
    answer(&Wish { authority: true, ..wish() });
    let answer = tsp::granted(&stamped(&info));
    let refused = |trust: Trust| rule(tsp::check_response(&answer, &hash(b"x"), &NONCE, &trust).unwrap_err());
    let revoked = crl(&root(), 1, NOW - DAY, NOW + DAY, &[(40, NOW - 60)]);
    assert_eq!(refused(Trust { crls: vec![revoked], ..trust() }), "revoked");
    assert_eq!(refused(Trust { time_stamp_anchors: vec![], ..trust() }), "chain-not-found");
    let stage = tsp::token(&info, &stamper()).unwrap();
    let signature = raw(&key(7), stage.signed_attributes());
    assert_eq!(rule(stage.signed(&signature, &[]).unwrap_err()), "signature-value");
}

#[test]
fn requests_are_read_strictly() {
    let good = tsp::request(&[7; 32], &NONCE);
    let read = tsp::read_request(&good).unwrap();
    assert_eq!((read.imprint.hash(), read.nonce, read.policy, read.certificates), (&[7; 32][..], Some(positive_nonce()), None, true));
    let replaced = |from: &[u8], to: &[u8]| {
        let at = good.windows(from.len()).position(|window| window == from).unwrap();
        [&good[..at], to, &good[at + from.len()..]].concat()
    };
    assert_eq!(tsp::read_request(&replaced(&[2, 1, 1], &[2, 1, 2])), Err(Failure::BadRequest));
    // SHA-224 has the same length of identifier; MD5 and SHA-1 other ones
    assert_eq!(tsp::read_request(&replaced(&[4, 2, 1, 4], &[4, 2, 4, 4])), Err(Failure::BadAlg));
    assert_eq!(tsp::read_request(&replaced(&[4, 2, 1, 4], &[4, 2, 2, 4])), Err(Failure::BadDataFormat));
    assert_eq!(tsp::read_request(&replaced(&[1, 1, 0xff], &[1, 1, 0x01])), Err(Failure::BadDataFormat));
    assert_eq!(tsp::read_request(&[&good[..], &[0]].concat()), Err(Failure::BadDataFormat));
    assert_eq!(tsp::read_request(&[]), Err(Failure::BadDataFormat));
    assert_eq!(tsp::read_request(&vec![0x30; 20_000]), Err(Failure::BadRequest));
    for end in 0..good.len() {
        assert!(tsp::read_request(&good[..end]).is_err());
    }
}

/// A signed file and its signer's key; room for a token where `reserve` is large.
fn signed(original: &[u8], field: &str, reserve: usize) -> Vec<u8> {
    let ming = certificate(&person("王小明 Ming", 2, 9), "Signet Authority", 1);
    let mut parameters = parameters(field);
    parameters.contents_reserve = reserve;
    let stage = prepare(original, &parameters).unwrap().to_be_signed(&ming).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    [original, stage.signed(&signature, &[&root()]).unwrap().tail()].concat()
}

#[test]
fn a_stamp_goes_into_the_signature_it_is_over() {
    let file = signed(&original(), "head", 8192);
    let value = signature_value(&file, "head").unwrap();
    let token = stamped(&info(Imprint::sha256(hash(&value)), None));
    let with = add_time_stamp(&file, "head", &token).unwrap();
    assert_eq!(with.len(), file.len());
    let changed: Vec<usize> = (0..file.len()).filter(|&at| file[at] != with[at]).collect();
    let contents = file.windows(9).position(|window| window == b"/Contents").map(|at| at + 10).filter(|at| file[at - 1] == b'<');
    let last = file.windows(9).rposition(|window| window == b"/Contents").unwrap();
    assert!(changed.iter().all(|at| (last + 10..last + 10 + 2 * 8192).contains(at)), "{contents:?}");
    assert_eq!(signature_value(&with, "head").unwrap(), value);
    assert_eq!(with, add_time_stamp(&file, "head", &token).unwrap(), "deterministic");
    let refused = |file: &[u8], field: &str, token: &[u8]| add_time_stamp(file, field, token).unwrap_err();
    assert_eq!(rule(refused(&with, "head", &token)), "time-stamped");
    let other = stamped(&info(Imprint::sha256(hash(b"other")), None));
    assert_eq!(rule(refused(&file, "head", &other)), "time-stamp-imprint");
    assert_eq!(rule(refused(&file, "head", &[0x30, 0])), "time-stamp-format");
    assert!(matches!(refused(&file, "finance", &token), Error::FieldMissing(_)));
    let narrow = signed(&original(), "head", 1500);
    let value = signature_value(&narrow, "head").unwrap();
    let token = stamped(&info(Imprint::sha256(hash(&value)), None));
    assert!(matches!(refused(&narrow, "head", &token), Error::ContentsTooSmall { reserved: 1500, .. }));
    let twice = signed(&with, "finance", 8192);
    let value = signature_value(&twice, "head").unwrap();
    let token = stamped(&info(Imprint::sha256(hash(&value)), None));
    assert_eq!(rule(refused(&twice, "head", &token)), "covered");
}

#[test]
fn openssl_reads_the_stamp_in_the_signature() {
    if !openssl_there() {
        return;
    }
    let folder = Folder::new("tsp-inside");
    let file = signed(&original(), "head", 8192);
    let value = signature_value(&file, "head").unwrap();
    let token = stamped(&info(Imprint::sha256(hash(&value)), None));
    let (token, value, ca) = (folder.write("token", &token), folder.write("value", &value), folder.pem("ca.pem", &[&root()]));
    let said = must(&["ts", "-verify", "-in", &token, "-token_in", "-data", &value, "-CAfile", &ca, "-attime", &NOW.to_string()]);
    assert!(said.contains("Verification: OK"), "{said}");
}
