//! A signing program of an approver's own, as `/api/docs` describes it, and the pages it signs.

use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer as _;
use pades::{Appearance, NewField, SignatureParameters};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::world::World;

pub struct Signer {
    pub token: String,
    pub serial: String,
    name: String,
    key: SigningKey,
    chain: Vec<Vec<u8>>,
}

impl Signer {
    /// Enrols a key of this account's on replica `n`.
    pub async fn enrol(world: &World, n: usize, name: &str, token: &str, seed: u8) -> Self {
        Self::enrol_seeded(world, n, name, token, [seed; 32]).await
    }

    pub async fn enrol_seeded(world: &World, n: usize, name: &str, token: &str, seed: [u8; 32]) -> Self {
        let key = SigningKey::from_slice(&seed).unwrap();
        let info = pades::request_info(name, key.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
        let request = pades::request(&info, &raw(&key, &info)).unwrap();
        let response =
            world.ask(n, Method::POST, "/api/v1/certificates", token).header("content-type", "application/pkcs10").body(request).send().await.unwrap();
        assert_eq!(response.status(), 201, "{}", response.text().await.unwrap());
        let enrolled: Value = response.json().await.unwrap();
        let chain = pades::certificates_from_pem(enrolled["certificate"].as_str().unwrap()).unwrap();
        Self { token: token.into(), serial: enrolled["serial"].as_str().unwrap().into(), name: name.into(), key, chain }
    }

    /// The bytes to append for this step (`/signing`) to this file.
    pub fn revision(&self, original: &[u8], signing: &Value) -> Vec<u8> {
        let rect: Vec<i32> = signing["rect"].as_array().unwrap().iter().map(|side| side.as_f64().unwrap() as i32).collect();
        let parameters = SignatureParameters {
            field: signing["field"].as_str().unwrap().into(),
            new_field: (signing["exists"] == false).then(|| NewField { page: signing["page"].as_i64().unwrap() as i32, tooltip: String::new() }),
            signer_name: self.name.clone(),
            reason: None,
            location: None,
            signed_at: std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64,
            utc_offset_minutes: 0,
            appearance: Appearance { width: rect[2] - rect[0], height: rect[3] - rect[1], content: "1 w 2 2 30 30 re S".into() },
            placement: [rect[0], rect[1], rect[2], rect[3]],
            contents_reserve: 16_384,
        };
        let to_be_signed = pades::prepare(original, &parameters).unwrap().to_be_signed(&self.chain[0]).unwrap();
        let signature = raw(&self.key, to_be_signed.signed_attributes());
        to_be_signed.signed(&signature, &[&self.chain[1]]).unwrap().tail().to_vec()
    }

    /// Asks replica `n` to take a signature.
    pub fn signature(&self, world: &World, n: usize, number: &str, revision: Vec<u8>) -> RequestBuilder {
        let request = world.ask(n, Method::POST, &format!("/api/v1/documents/{number}/signatures"), &self.token);
        request.header("if-match", "\"0\"").header("content-type", "application/vnd.signet.revision").body(revision)
    }
}

/// The file and what a signer needs to know, as replica `n` gives them.
pub async fn to_sign(world: &World, n: usize, token: &str, number: &str) -> (Vec<u8>, Value) {
    let place = format!("/api/v1/documents/{number}");
    let signing = world.get(n, &format!("{place}/signing"), token).await.json().await.unwrap();
    (world.get(n, &format!("{place}/file"), token).await.bytes().await.unwrap().to_vec(), signing)
}

/// One page with a grey picture of these bytes in it; an empty one without any.
pub fn page(picture: &[u8]) -> Vec<u8> {
    let (resources, content) = if picture.is_empty() { ("", "q Q") } else { ("/XObject<</I 5 0 R>>", "q 500 0 0 500 20 20 cm /I Do Q") };
    let mut bodies = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<{resources}>>/Contents 4 0 R>>").into_bytes(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()).into_bytes(),
    ];
    if !picture.is_empty() {
        let head = format!(
            "<</Type/XObject/Subtype/Image/Width 1024/Height {}/ColorSpace/DeviceGray/BitsPerComponent 8/Length {}>>\nstream\n",
            picture.len() / 1024,
            picture.len()
        );
        bodies.push([head.as_bytes(), picture, b"\nendstream"].concat());
    }
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for body in bodies {
        places.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n", places.len()).as_bytes());
        pdf.extend_from_slice(&body);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let start = pdf.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        end += &format!("{place:010} 00000 n \n");
    }
    end += &format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", places.len() + 1);
    pdf.extend_from_slice(end.as_bytes());
    pdf
}

fn raw(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    let signature: p256::ecdsa::Signature = key.sign(message);
    signature.to_bytes().into()
}
