//! An approver's own signing program: a key, its certificate, and the bytes that it appends to a document.

use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer as _;
use pades::{Appearance, NewField, SignatureParameters};
use serde_json::Value;

/// A key with its certificate.
#[derive(Clone)]
pub struct Signer {
    secret: SigningKey,
    certificate: Vec<u8>,
    issuer: Vec<u8>,
    pub serial: String,
}

impl Signer {
    /// The PKCS#10 request of the key that grows from `seed`.
    pub fn request(seed: &str) -> Vec<u8> {
        let secret = secret(seed);
        let info = pades::request_info("A program", secret.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
        pades::request(&info, &raw(&secret, &info)).unwrap()
    }

    /// With the answer to that request.
    pub fn certified(seed: &str, enrolment: &Value) -> Self {
        let mut chain = pades::certificates_from_pem(enrolment["certificate"].as_str().unwrap()).unwrap().into_iter();
        let serial = enrolment["serial"].as_str().unwrap().to_owned();
        Self { secret: secret(seed), certificate: chain.next().unwrap(), issuer: chain.next().unwrap(), serial }
    }

    /// What is appended to the revision `original`, for the field that `GET …/signing` named.
    pub fn appended(&self, original: &[u8], signing: &Value, now: i64) -> Vec<u8> {
        let number = |value: &Value| value.as_f64().unwrap() as i32;
        let rect: Vec<i32> = signing["rect"].as_array().unwrap().iter().map(number).collect();
        let parameters = SignatureParameters {
            field: signing["field"].as_str().unwrap().to_owned(),
            new_field: (signing["exists"] == false).then(|| NewField { page: signing["page"].as_i64().unwrap() as i32, tooltip: String::new() }),
            signer_name: pades::Certificate::read(&self.certificate).unwrap().common_name(),
            reason: None,
            location: None,
            signed_at: now,
            utc_offset_minutes: 0,
            appearance: Appearance { width: 100, height: 100, content: "1 0 0 RG 5 5 90 90 re S".to_owned() },
            placement: rect.try_into().unwrap(),
            contents_reserve: 16 * 1024,
        };
        let to_be_signed = pades::prepare(original, &parameters).unwrap().to_be_signed(&self.certificate).unwrap();
        let signature = raw(&self.secret, to_be_signed.signed_attributes());
        to_be_signed.signed(&signature, &[&self.issuer]).unwrap().tail().to_vec()
    }
}

fn secret(seed: &str) -> SigningKey {
    SigningKey::from_slice(&<sha2::Sha256 as sha2::Digest>::digest(seed)).unwrap()
}

fn raw(secret: &SigningKey, message: &[u8]) -> [u8; 64] {
    let signature: p256::ecdsa::Signature = secret.sign(message);
    signature.to_bytes().into()
}
