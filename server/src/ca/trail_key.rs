//! The key that signs the audit trail's checkpoints: Ed25519, made at the first start, `trail.key` in the authority's folder under the same
//! passphrase as the authority's own. Replicas share the folder, so they sign alike.
//!
//! Notes are written as C2SP's signed-note says: a text, an empty line, and `— <name> <base64 of key hash and signature>`.

use std::path::Path;

use base64ct::{Base64, Encoding};
use der::zeroize::Zeroizing;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::error::{AuthorityError, build};
use super::{folder, key_file};

/// The key's name in notes.
pub const NAME: &str = "signet-trail";

const FILE: &str = "trail.key";

/// Ed25519, as signed notes number it.
const ALGORITHM: u8 = 1;

/// Signs checkpoints.
pub struct TrailKey(Ed25519KeyPair);

impl TrailKey {
    /// Opens the key in the authority's folder, or makes it there.
    ///
    /// # Errors
    /// One clear line, as for the authority's own keys.
    pub fn open(folder: &Path, passphrase: Option<&str>) -> Result<Self, AuthorityError> {
        let path = folder.join(FILE);
        if !path.exists() {
            let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(build)?;
            match folder::write(&path, key_file::pem_of(key.as_ref(), passphrase)?.as_bytes(), key_file::MODE) {
                // another process was first: its key counts
                Err(AuthorityError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::AlreadyExists => {}
                done => done?,
            }
        }
        let key: Zeroizing<Vec<u8>> = key_file::open_der(&path, passphrase)?;
        Ed25519KeyPair::from_pkcs8(&key).map(Self).map_err(|_| AuthorityError::Unreadable(path, "Ed25519 private key (PKCS#8 PEM)"))
    }

    /// The public half, for whoever verifies: `signet-trail+<key hash>+<base64>`.
    pub fn verifier(&self) -> Verifier {
        let public: [u8; 32] = self.0.public_key().as_ref().try_into().expect("an Ed25519 public key has 32 bytes");
        Verifier(public)
    }

    /// A note: the text, which ends with an end of line, and the signature over it.
    pub fn note(&self, text: &str) -> String {
        let mut signed = self.verifier().hash().to_vec();
        signed.extend_from_slice(self.0.sign(text.as_bytes()).as_ref());
        format!("{text}\n\u{2014} {NAME} {}\n", Base64::encode_string(&signed))
    }
}

/// Checks notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verifier([u8; 32]);

impl Verifier {
    /// The text of a note that this key signed.
    ///
    /// # Errors
    /// In words: what is wrong with it.
    pub fn text<'n>(&self, note: &'n str) -> Result<&'n str, String> {
        let end = note.rfind("\n\n").ok_or("it is no signed note")? + 1;
        let (text, lines) = (&note[..end], &note[end + 1..]);
        for line in lines.lines() {
            let Some((NAME, signature)) = line.strip_prefix("\u{2014} ").and_then(|line| line.split_once(' ')) else { continue };
            let Ok(signature) = Base64::decode_vec(signature) else { continue };
            let Some((hash, signature)) = signature.split_first_chunk::<4>() else { continue };
            if *hash == self.hash() && UnparsedPublicKey::new(&ED25519, &self.0).verify(text.as_bytes(), signature).is_ok() {
                return Ok(text);
            }
        }
        Err("it is not signed by the trail's key".to_owned())
    }

    fn hash(&self) -> [u8; 4] {
        let digest = Sha256::new().chain_update(NAME).chain_update([b'\n', ALGORITHM]).chain_update(self.0).finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }
}

impl std::fmt::Display for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = [&[ALGORITHM], &self.0[..]].concat();
        write!(f, "{NAME}+{}+{}", hex::encode(self.hash()), Base64::encode_string(&key))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_note_verifies_by_its_key_alone_and_no_other_text_does() {
        let folder = tempfile::tempdir().unwrap();
        let key = TrailKey::open(folder.path(), Some("secret words")).unwrap();
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(TrailKey::open(folder.path(), None).is_err() && TrailKey::open(folder.path(), Some("wrong")).is_err());
        let same = TrailKey::open(folder.path(), Some("secret words")).unwrap();
        assert_eq!(same.verifier(), key.verifier());
        let note = key.note("signet/main/00\n7\nAAAA\n");
        assert_eq!(key.verifier().text(&note).unwrap(), "signet/main/00\n7\nAAAA\n");
        assert!(key.verifier().text(&note.replace("\n7\n", "\n8\n")).is_err());
        let other = TrailKey::open(tempfile::tempdir().unwrap().path(), None).unwrap();
        assert!(other.verifier().text(&note).is_err() && key.verifier().text("no note").is_err());
        assert!(key.verifier().to_string().starts_with("signet-trail+"));
    }
}
