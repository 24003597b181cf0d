//! Encrypted uploads that open without a password (ISO 32000-2 §7.6): the standard security handler with the empty user password.
//!
//! What is opened so keeps nothing secret, and every viewer opens it. The permission bits (`/P`, §7.6.4.2) are not asked: they hold nobody
//! back who has the file, revision 0 is a document of its own that bears none of them, so that nobody takes it for protected, and whoever
//! uploads a file answers for being allowed to, as with one that says nothing. A file with a real password is refused.

mod key;
mod rc4;

use std::rc::Rc;

use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use cbc::cipher::block_padding::NoPadding;
use md5::{Digest, Md5};

use super::object::{Dictionary, Kind, Reference, Stream, Value};
use super::view::View;
use crate::Error;

/// What a file is encrypted with.
pub struct Cipher {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    files: Method,
    /// Methods that streams may ask for by name.
    named: Vec<(Rc<[u8]>, Method)>,
    /// Whether descriptions are encrypted, too.
    metadata: bool,
    /// The dictionary that says all this, which is not.
    own: Option<Reference>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Identity,
    Rc4,
    /// With a key of each object's own.
    Aes,
    /// With the file's key.
    Aes256,
}

impl Cipher {
    /// How the file is encrypted; `None` where it is not.
    ///
    /// # Errors
    /// `Error::Refused` where it takes a password, a certificate or another program to open it.
    pub fn of(view: View<'_>) -> Result<Option<Self>, Error> {
        let value = view.get(view.trailer(), "Encrypt")?;
        if value.is_null() {
            return Ok(None);
        }
        let Some(dictionary) = value.dictionary() else { return Err(foreign()) };
        let whole = |key: &str| view.get(dictionary, key).map(|value| value.integer());
        let name = |key: &str| view.get(dictionary, key).map(|value| value.name().map(Rc::<[u8]>::from));
        if name("Filter")?.as_deref() != Some(b"Standard") {
            return Err(foreign());
        }
        let version = whole("V")?.unwrap_or(0);
        let mut cipher = Self {
            key: Vec::new(),
            strings: Method::Rc4,
            streams: Method::Rc4,
            files: Method::Rc4,
            named: Vec::new(),
            metadata: !matches!(view.get(dictionary, "EncryptMetadata")?.kind, Kind::Boolean(false)),
            own: view.trailer().get("Encrypt").and_then(Value::reference),
        };
        let mut bits = whole("Length")?;
        if matches!(version, 4 | 5) {
            let filters = view.get(dictionary, "CF")?;
            for (name, filter) in filters.dictionary().iter().flat_map(|filters| filters.entries.iter().take(16)) {
                let filter = view.resolve(filter)?;
                let Some(filter) = filter.dictionary() else { continue };
                let method = match view.get(filter, "CFM")?.name() {
                    Some(b"V2") => Method::Rc4,
                    Some(b"AESV2") => Method::Aes,
                    Some(b"AESV3") => Method::Aes256,
                    _ => return Err(foreign()),
                };
                cipher.named.push((name.clone(), method));
            }
            let asked = |name: Option<Rc<[u8]>>, otherwise| name.map_or(Ok(otherwise), |name| cipher.method(&name));
            let strings = asked(name("StrF")?, Method::Identity)?;
            let streams = asked(name("StmF")?, Method::Identity)?;
            let files = asked(name("EFF")?, streams)?;
            (cipher.strings, cipher.streams, cipher.files) = (strings, streams, files);
            bits = Some(bits.filter(|_| version == 4).unwrap_or(128));
        } else if !matches!(version, 1..=3) {
            return Err(foreign());
        }
        let length = if version == 1 { 5 } else { usize::try_from(bits.unwrap_or(40) / 8).unwrap_or(0) };
        let handler = key::Handler::read(view, dictionary, length, cipher.metadata)?.ok_or_else(foreign)?;
        cipher.key = handler.key().ok_or_else(|| {
            let text = "The PDF opens with a password only. Open it with the password, save or print it into a new PDF without one, and upload that.";
            Error::refused("encrypted", "trailer", text)
        })?;
        Ok(Some(cipher))
    }

    fn method(&self, name: &[u8]) -> Result<Method, Error> {
        let named = self.named.iter().find(|(known, _)| **known == *name).map(|(_, method)| *method);
        named.or((name == b"Identity").then_some(Method::Identity)).ok_or_else(foreign)
    }

    /// An object as it stands in the file, its strings and its data decrypted.
    pub fn decrypted(&self, view: View<'_>, reference: Reference, value: &Value) -> Result<Value, Error> {
        if self.own == Some(reference) {
            return Ok(value.clone());
        }
        let Kind::Stream(stream) = &value.kind else { return Ok(self.strings(reference, value)) };
        let kind = view.get(&stream.dictionary, "Type").ok();
        let kind = kind.as_ref().and_then(Value::name);
        // a cross-reference stream is what all this is found by
        if kind == Some(b"XRef") {
            return Ok(value.clone());
        }
        let dictionary = self.dictionary(reference, &stream.dictionary);
        let (method, dictionary) = match self.asked(view, &dictionary)? {
            Some((method, plain)) => (method, Rc::new(plain)),
            None if kind == Some(b"Metadata") && !self.metadata => (Method::Identity, dictionary),
            None if kind == Some(b"EmbeddedFile") => (self.files, dictionary),
            None => (self.streams, dictionary),
        };
        let raw = if method == Method::Identity { stream.raw.clone() } else { self.bytes(method, reference, &stream.raw).into() };
        Ok(Value { span: value.span.clone(), kind: Kind::Stream(Rc::new(Stream { dictionary, raw })) })
    }

    /// The method that a stream asks for by its first filter (`/Crypt`, §7.4.10), and its dictionary without that.
    fn asked(&self, view: View<'_>, dictionary: &Dictionary) -> Result<Option<(Method, Dictionary)>, Error> {
        let list = |key: &str| -> Result<Vec<Value>, Error> {
            let value = view.get(dictionary, key)?;
            Ok(value.array().map_or_else(|| if value.is_null() { Vec::new() } else { vec![value.clone()] }, <[Value]>::to_vec))
        };
        let (filters, mut parameters) = (list("Filter")?, list("DecodeParms")?);
        let Some(first) = filters.first() else { return Ok(None) };
        if view.resolve(first)?.name() != Some(b"Crypt") {
            return Ok(None);
        }
        let first = if parameters.is_empty() { Value::NULL } else { view.resolve(&parameters.remove(0))? };
        let name = first.dictionary().map_or(Ok(Value::NULL), |first| view.get(first, "Name"))?;
        let method = name.name().map_or(Ok(Method::Identity), |name| self.method(name))?;
        let kept = dictionary.entries.iter().filter(|(key, _)| !matches!(&**key, b"Filter" | b"DecodeParms")).cloned();
        let array = |items: Vec<Value>| Value { span: 0..0, kind: Kind::Array(Rc::new(items)) };
        let lists = [(b"Filter".as_slice(), filters[1..].to_vec()), (b"DecodeParms", parameters)];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(key, list)| (key.into(), array(list)));
        Ok(Some((method, Dictionary::new(kept.chain(lists).collect()).unwrap_or_default())))
    }

    fn dictionary(&self, reference: Reference, dictionary: &Rc<Dictionary>) -> Rc<Dictionary> {
        if self.strings == Method::Identity {
            return dictionary.clone();
        }
        let entries = dictionary.entries.iter().map(|(key, value)| (key.clone(), self.strings(reference, value))).collect();
        Rc::new(Dictionary::new(entries).unwrap_or_default())
    }

    fn strings(&self, reference: Reference, value: &Value) -> Value {
        let kind = match &value.kind {
            Kind::String(string) => Kind::String(self.bytes(self.strings, reference, string).into()),
            Kind::Array(items) => Kind::Array(Rc::new(items.iter().map(|item| self.strings(reference, item)).collect())),
            Kind::Dictionary(dictionary) => Kind::Dictionary(self.dictionary(reference, dictionary)),
            other => other.clone(),
        };
        Value { span: value.span.clone(), kind }
    }

    fn bytes(&self, method: Method, reference: Reference, data: &[u8]) -> Vec<u8> {
        match method {
            Method::Identity => data.to_vec(),
            Method::Rc4 => rc4::applied(&self.object_key(reference, b""), data),
            Method::Aes => aes::<cbc::Decryptor<aes::Aes128>>(&self.object_key(reference, b"sAlT"), data),
            Method::Aes256 => aes::<cbc::Decryptor<aes::Aes256>>(&self.key, data),
        }
    }

    /// §7.6.3.2, algorithm 1.
    fn object_key(&self, reference: Reference, salt: &[u8]) -> Vec<u8> {
        let hash = Md5::new_with_prefix(&self.key).chain_update(&reference.number.to_le_bytes()[..3]).chain_update(reference.generation.to_le_bytes());
        hash.chain_update(salt).finalize()[..(self.key.len() + 5).min(16)].to_vec()
    }
}

/// AES-CBC with the initialisation vector first. What is padded otherwise than it should be stays as it is, as in other readers.
fn aes<D: BlockModeDecrypt + KeyIvInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let Some((vector, data)) = data.split_at_checked(16) else { return Vec::new() };
    let whole = &data[..data.len() - data.len() % 16];
    let Ok(cipher) = D::new_from_slices(key, vector) else { return Vec::new() };
    let mut plain = cipher.decrypt_padded_vec::<NoPadding>(whole).unwrap_or_default();
    if let Some(&last) = plain.last() {
        let kept = plain.len().saturating_sub(usize::from(last));
        if matches!(last, 1..=16) && plain[kept..].iter().all(|&byte| byte == last) {
            plain.truncate(kept);
        }
    }
    plain
}

fn foreign() -> Error {
    let text = "The PDF is encrypted in a way that only certain people or programs can open. Open it there, save or print it into a new PDF without protection, and upload that.";
    Error::refused("encrypted", "trailer", text)
}
