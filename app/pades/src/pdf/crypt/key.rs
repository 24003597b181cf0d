//! The file's key under the empty user password (ISO 32000-2 §7.6.4.3, algorithms 2, 2.A and 2.B).

use std::rc::Rc;

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::cipher::block_padding::NoPadding;
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::super::object::{Dictionary, Kind, Value};
use super::super::view::View;
use super::rc4;
use crate::Error;

/// What an empty password is filled up with.
const PADDING: &[u8; 32] = b"\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A";

/// What the encryption dictionary says of the key.
pub struct Handler {
    revision: i64,
    length: usize,
    owner: Rc<[u8]>,
    user: Rc<[u8]>,
    user_key: Rc<[u8]>,
    permissions: u32,
    identifier: Rc<[u8]>,
    metadata: bool,
}

impl Handler {
    /// `length` of the key, bytes, where the revision does not fix it. `None` where there is no such handler.
    pub fn read(view: View<'_>, dictionary: &Dictionary, length: usize, metadata: bool) -> Result<Option<Self>, Error> {
        let string = |key: &str| view.get(dictionary, key).map(|value| Rc::<[u8]>::from(value.string().unwrap_or_default()));
        let Some(revision @ 2..=6) = view.get(dictionary, "R")?.integer() else { return Ok(None) };
        let (owner, user, user_key) = (string("O")?, string("U")?, string("UE")?);
        let permissions = view.get(dictionary, "P")?.number().unwrap_or(0.0) as i64 as u32;
        let identifier = match &view.get(view.trailer(), "ID")?.kind {
            Kind::Array(parts) => parts.first().map_or(Ok(Value::NULL), |first| view.resolve(first))?,
            _ => Value::NULL,
        };
        let identifier = identifier.string().unwrap_or_default().into();
        let sound = if revision < 5 { owner.len() >= 32 && user.len() >= 32 && (5..=16).contains(&length) } else { user.len() >= 48 && user_key.len() >= 32 };
        Ok(sound.then_some(Self { revision, length, owner, user, user_key, permissions, identifier, metadata }))
    }

    /// The key, where the empty password is the user's.
    pub fn key(&self) -> Option<Vec<u8>> {
        if self.revision >= 5 { self.key_256() } else { self.key_128() }
    }

    fn key_128(&self) -> Option<Vec<u8>> {
        let hash = Md5::new_with_prefix(PADDING).chain_update(&self.owner[..32]).chain_update(self.permissions.to_le_bytes());
        let hash = hash.chain_update(&self.identifier);
        let mut hash = if self.revision >= 4 && !self.metadata { hash.chain_update([0xFF; 4]) } else { hash }.finalize().to_vec();
        let length = if self.revision == 2 { 5 } else { self.length };
        if self.revision >= 3 {
            for _ in 0..50 {
                hash = Md5::digest(&hash[..length]).to_vec();
            }
        }
        hash.truncate(length);
        let expected = if self.revision == 2 {
            rc4::applied(&hash, PADDING)
        } else {
            let first = Md5::new_with_prefix(PADDING).chain_update(&self.identifier).finalize().to_vec();
            (0..20_u8).fold(first, |data, round| rc4::applied(&hash.iter().map(|byte| byte ^ round).collect::<Vec<_>>(), &data))
        };
        // of 16 bytes in later revisions, the rest is arbitrary
        self.user.starts_with(&expected).then_some(hash)
    }

    fn key_256(&self) -> Option<Vec<u8>> {
        let hash = |salt: &[u8]| if self.revision == 5 { Sha256::digest(salt).to_vec() } else { hardened(salt) };
        if hash(&self.user[32..40]) != self.user[..32] {
            return None;
        }
        let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(&hash(&self.user[40..48]), &[0; 16]).ok()?;
        cipher.decrypt_padded_vec::<NoPadding>(&self.user_key[..32]).ok()
    }
}

/// Algorithm 2.B for the empty password.
fn hardened(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    // the last byte ends it, after 287 rounds at most
    for round in 1_u32.. {
        let repeated = key.repeat(64);
        let Ok(cipher) = cbc::Encryptor::<aes::Aes128>::new_from_slices(&key[..16], &key[16..32]) else { break };
        let mixed = cipher.encrypt_padded_vec::<NoPadding>(&repeated);
        key = match mixed[..16].iter().map(|&byte| u32::from(byte)).sum::<u32>() % 3 {
            0 => Sha256::digest(&mixed).to_vec(),
            1 => Sha384::digest(&mixed).to_vec(),
            _ => Sha512::digest(&mixed).to_vec(),
        };
        let last = mixed.last().copied().unwrap_or(0);
        if round >= 64 && u32::from(last) <= round - 32 {
            break;
        }
    }
    key.truncate(32);
    key
}
