//! The JavaScript face: the same verbs for the browser, built as a module of its own and loaded where a page needs it.
//!
//! Errors are thrown as `Error` objects with the extra properties `rule`, `object`, `indication` and `subIndication` where they apply.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::{Error, Marks, Report, Stored, Trust};

/// A file that is checked first and signed then: its bytes are copied in once, and hashed once for all that is asked of them.
#[wasm_bindgen]
pub struct Opened {
    bytes: Rc<[u8]>,
    marks: Marks,
}

/// A revision of the document that waits for its signature.
#[wasm_bindgen]
pub struct Prepared {
    original: Rc<[u8]>,
    prepared: crate::Prepared,
}

/// Signed attributes that wait for the key.
#[wasm_bindgen]
pub struct ToBeSigned {
    stage: Option<crate::ToBeSigned>,
}

#[wasm_bindgen]
impl Opened {
    /// Takes a file. Nothing is read yet.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), marks: Marks::default() }
    }

    /// The validation report as JSON, at the time `unix` (seconds). `stamps_pem`: whose time stamps count, where it is not the same authority's.
    pub fn verify(&mut self, trust_pem: &str, unix: f64, stamps_pem: Option<String>) -> Result<String, JsValue> {
        let trust = trust(trust_pem, unix, stamps_pem)?;
        self.ask(|stored| crate::verify_stored(stored, &trust)).and_then(|report| json(&report))
    }

    /// The next revision from the offer's parameters.
    pub fn prepare(&mut self, parameters_json: &str) -> Result<Prepared, JsValue> {
        let parameters =
            serde_json::from_str(parameters_json).map_err(|error| JsValue::from(js_sys::Error::new(&format!("the parameters cannot be read: {error}"))))?;
        let prepared = self.ask(|stored| crate::prepare_stored(stored, &parameters))?;
        Ok(Prepared { original: self.bytes.clone(), prepared })
    }
}

impl Opened {
    fn ask<T>(&mut self, verb: impl FnOnce(&Stored<'_>) -> Result<T, Error>) -> Result<T, JsValue> {
        let stored = Stored::resumed(&self.bytes, std::mem::take(&mut self.marks));
        let answer = verb(&stored);
        self.marks = stored.into_marks();
        answer.map_err(thrown)
    }
}

#[wasm_bindgen]
impl Prepared {
    /// The whole revision, not signed yet, for showing: what is shown is what will be hashed.
    pub fn preview(&self) -> Vec<u8> {
        self.prepared.preview(&self.original)
    }

    /// Binds it to the signer's certificate (DER).
    pub fn to_be_signed(&self, certificate_der: &[u8]) -> Result<ToBeSigned, JsValue> {
        let stage = self.prepared.clone().to_be_signed(certificate_der).map_err(thrown)?;
        Ok(ToBeSigned { stage: Some(stage) })
    }
}

#[wasm_bindgen]
impl ToBeSigned {
    /// What `crypto.subtle.sign` gets.
    pub fn attributes(&self) -> Vec<u8> {
        self.stage.as_ref().map(|stage| stage.signed_attributes().to_vec()).unwrap_or_default()
    }

    /// The CMS, from WebCrypto's signature (64 bytes) and the issuers' certificates (PEM). Once only.
    pub fn signed(&mut self, raw_r_s: &[u8], chain_pem: &str) -> Result<Vec<u8>, JsValue> {
        let chain = if chain_pem.trim().is_empty() { Vec::new() } else { crate::certificates_from_pem(chain_pem).map_err(thrown)? };
        let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
        let raw = raw(raw_r_s)?;
        let stage = self.stage.take().ok_or_else(|| js_sys::Error::new("this revision is signed already"))?;
        Ok(stage.signed(&raw, &chain).map_err(thrown)?.cms().to_vec())
    }
}

/// The part of a certificate request that the key signs; `spki` as WebCrypto exports it.
#[wasm_bindgen]
pub fn request_info(common_name: &str, spki: &[u8]) -> Result<Vec<u8>, JsValue> {
    crate::request_info(common_name, spki).map_err(thrown)
}

/// The PKCS#10 request, DER.
#[wasm_bindgen]
pub fn request(info: &[u8], raw_r_s: &[u8]) -> Result<Vec<u8>, JsValue> {
    crate::request(info, &raw(raw_r_s)?).map_err(thrown)
}

fn trust(trust_pem: &str, unix: f64, stamps_pem: Option<String>) -> Result<Trust, JsValue> {
    let read = |pem: &str| if pem.trim().is_empty() { Ok(Vec::new()) } else { crate::certificates_from_pem(pem).map_err(thrown) };
    let (anchors, mut intermediates) = crate::split_anchors(read(trust_pem)?);
    let (time_stamp_anchors, others) = match stamps_pem {
        Some(pem) => crate::split_anchors(read(&pem)?),
        None => (anchors.clone(), Vec::new()),
    };
    intermediates.extend(others);
    Ok(Trust { time_stamp_anchors, anchors, intermediates, at: unix as i64, ..Trust::default() })
}

fn json(report: &Report) -> Result<String, JsValue> {
    serde_json::to_string(report).map_err(|error| js_sys::Error::new(&error.to_string()).into())
}

fn raw(raw_r_s: &[u8]) -> Result<[u8; 64], JsValue> {
    raw_r_s.try_into().map_err(|_| js_sys::Error::new("a signature on P-256 has 64 bytes").into())
}

fn thrown(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    let set = |key: &str, value: &str| {
        // a plain object takes every property
        let _ = Reflect::set(&object, &key.into(), &value.into());
    };
    match &error {
        Error::Refused { rule, object, .. } => {
            set("rule", rule);
            set("object", object);
        }
        Error::Signature { indication, sub_indication, rule, object, .. } => {
            set("rule", rule);
            set("object", object);
            set("indication", indication);
            set("subIndication", sub_indication);
        }
        _ => {}
    }
    object.into()
}
