//! An outside authority above the issuing level: a request for it to certify, and taking what it sends back.

use std::path::Path;

use der::pem::LineEnding;
use der::{Encode, EncodePem};
use p256::ecdsa::DerSignature;
use x509_cert::builder::{Builder, RequestBuilder};

use super::authority::{self, Authority};
use super::error::{AuthorityError, build};
use super::issue::{authority_extensions, authority_name};
use super::level::{mark, mark_of};
use super::{folder, issue, key_file, rollover};

impl Authority {
    /// A certificate request (PKCS#10, PEM) for the key of the issuing level, or with `fresh` for a new key that waits for its
    /// certificate. Nothing counts until the certificate is imported.
    ///
    /// # Errors
    /// `NotNow` for an authority of one level, whose key is its root's.
    pub fn request(folder: &Path, passphrase: Option<&str>, public_url: &str, fresh: bool, now: i64) -> Result<String, AuthorityError> {
        let authority = Self::open_existing(folder, passphrase, public_url, now)?;
        let level = authority.current();
        let (drawn, subject);
        let key = if fresh {
            drawn = key_file::draw()?;
            subject = authority_name("Signet Issuing", &drawn)?;
            folder::write(&folder::issuing_key(folder, &mark_of(&drawn)?), key_file::pem(&drawn, passphrase)?.as_bytes(), key_file::MODE)?;
            &drawn
        } else if level.is_single() {
            let why = "this authority has one level, and its key is the root's; ask with --new-key, or run `signet ca rollover` first";
            return Err(AuthorityError::NotNow(why.to_owned()));
        } else {
            subject = level.certificate.tbs_certificate().subject().clone();
            level.key()?
        };
        let mut request = RequestBuilder::new(subject.clone()).map_err(build)?;
        for extension in authority_extensions(&subject, 0).map_err(build)? {
            request.add_extension(extension).map_err(build)?;
        }
        request.build::<_, DerSignature>(key).map_err(build)?.to_pem(LineEnding::LF).map_err(build)
    }

    /// Takes the certificate that an outside authority made for a key of this folder, with the certificates above it up to its root, as
    /// PEM in any order. It issues from the server's next start. Gives what was understood: the issuing certificate's mark and the
    /// name of the root.
    ///
    /// # Errors
    /// `Import` with the reason.
    pub fn import(folder: &Path, passphrase: Option<&str>, public_url: &str, pem: &str, now: i64) -> Result<Imported, AuthorityError> {
        Self::open_existing(folder, passphrase, public_url, now)?;
        let refuse = |why: &str| AuthorityError::Import(why.to_owned());
        let mut given = pades::certificates_from_pem(pem).map_err(|error| AuthorityError::Import(error.to_string()))?;
        // 1. The certificate of a key that is here.
        let keys = given.iter().map(|der| Ok(mark(pades::Certificate::read(der).map_err(build)?.spki()))).collect::<Result<Vec<_>, AuthorityError>>()?;
        let position = keys.iter().position(|mark| folder::issuing_key(folder, mark).exists());
        let position = position.ok_or_else(|| refuse("none of the certificates is for a key of this authority; `signet ca request` asks for one"))?;
        let key = key_file::open(&folder::issuing_key(folder, &keys[position]), passphrase)?;
        let own = given.swap_remove(position);
        let public = issue::public(&key)?.to_der().map_err(build)?;
        if pades::Certificate::read(&own).map_err(build)?.spki() != public {
            return Err(AuthorityError::Mismatch(folder::issuing_key(folder, &keys[position])));
        }
        if authority::certificates(folder)?.unwrap_or_default().contains(&own) {
            return Err(refuse("it is there already"));
        }
        // 2. The way up to a root, in order.
        let mut chain = vec![own];
        while let Some(last) = chain.last().filter(|last| !pades::is_issued_by(last, last)) {
            let above = given.iter().position(|der| pades::is_issued_by(last, der));
            let above =
                above.ok_or_else(|| refuse("the certificates above it are incomplete; put every one up to the outside authority's root into the file"))?;
            chain.push(given.swap_remove(above));
        }
        if chain.len() < 2 {
            return Err(refuse("it is signed by its own key; send the request to an outside authority"));
        }
        // 3. It may do what it is for.
        pades::check_authority(&chain, now).map_err(|error| AuthorityError::Import(error.to_string()))?;
        // 4. The file; with it the level counts.
        let text = chain.iter().map(|der| authority::pem(der)).collect::<Result<String, _>>()?;
        folder::write(&folder::issuing(folder, rollover::next(folder)?), text.as_bytes(), 0o644)?;
        let root = chain.last().map(|der| pades::Certificate::read(der)).transpose().map_err(build)?;
        Ok(Imported { mark: keys[position].clone(), root: root.map(|root| root.common_name()).unwrap_or_default(), length: chain.len() })
    }
}

/// What an import took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The mark of the issuing key.
    pub mark: String,
    /// The common name of the outside authority's root.
    pub root: String,
    /// How many certificates, the root included.
    pub length: usize,
}
