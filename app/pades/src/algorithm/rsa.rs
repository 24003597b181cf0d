//! RSA signatures checked with the public key alone (RFC 8017 §8.1.2, §8.2.2): no secret goes in here, so nothing has to take equal time.
//!
//! The crate `rsa` brings private keys with it and made the browser's module 45 KB larger; it is what the tests compare with.

use super::Digest;
use super::identifier::Scheme;

/// DigestInfo before the digest, without its two lengths and the identifier's last byte (RFC 8017 §9.2 note 1).
const ID_SHA2: [u8; 10] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/// Whether the holder of a key made `signature` over what was `hashed`. The numbers of the key, most significant byte first, are checked: odd,
/// without leading zeros, and not short.
pub(super) fn verify(modulus: &[u8], exponent: &[u8], scheme: Scheme, hashed: &[u8], signature: &[u8]) -> bool {
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    let Some(encoded) = public_operation(modulus, exponent, signature) else { return false };
    match scheme {
        Scheme::Pkcs1(digest) => Some(encoded) == pkcs1(digest, hashed, modulus.len()),
        Scheme::Pss(digest, salt) => pss(digest, salt, hashed, &encoded, bits - 1).unwrap_or(false),
        Scheme::Ecdsa(_) => false,
    }
}

/// RSAVP1: the signature to the power of the exponent; `None` unless it is as long as the modulus, and smaller.
fn public_operation(modulus: &[u8], exponent: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let number = Montgomery::new(modulus);
    let base = limbs(signature);
    if signature.len() != modulus.len() || !less(&base, &number.modulus) {
        return None;
    }
    let result = number.power(&base, exponent);
    let bytes: Vec<u8> = result.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
    Some(bytes[bytes.len() - modulus.len()..].to_vec())
}

/// EMSA-PKCS1-v1_5: what the signature must come to, byte for byte.
fn pkcs1(digest: Digest, hashed: &[u8], length: usize) -> Option<Vec<u8>> {
    let last = match digest {
        Digest::Sha256 => 1,
        Digest::Sha384 => 2,
        Digest::Sha512 => 3,
    };
    let size = digest.length() as u8;
    let info = [&[0x30, size + 17, 0x30, 13][..], &ID_SHA2, &[last, 5, 0, 4, size], hashed].concat();
    let padding = length.checked_sub(info.len() + 3).filter(|padding| *padding >= 8)?;
    Some([&[0, 1], &vec![0xff; padding][..], &[0], &info].concat())
}

/// EMSA-PSS-VERIFY (RFC 8017 §9.1.2) with MGF1 over the same digest; `bits` is one less than the modulus has. `None` where it does not fit.
fn pss(digest: Digest, salt: usize, hashed: &[u8], encoded: &[u8], bits: usize) -> Option<bool> {
    let length = bits.div_ceil(8);
    // a modulus of eight times so many bits and one gives a byte more, which must be zero
    let (above, encoded) = encoded.split_at(encoded.len() - length);
    let zeros = length.checked_sub(digest.length() + salt + 2)?;
    let (body, trailer) = encoded.split_at(length - 1);
    let (masked, hash) = body.split_at(length - 1 - digest.length());
    let unused = 8 * length - bits;
    let top = 0xff_u8.checked_shr(unused as u32).unwrap_or(0);
    if above.iter().any(|byte| *byte != 0) || trailer != [0xbc] || masked[0] & !top != 0 {
        return Some(false);
    }
    let mask = (0_u32..).flat_map(|counter| digest.of(&[hash, &counter.to_be_bytes()]));
    let mut block: Vec<u8> = masked.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    block[0] &= top;
    let (padding, rest) = block.split_at(zeros);
    Some(padding.iter().all(|byte| *byte == 0) && rest[0] == 1 && digest.of(&[&[0; 8], hashed, &rest[1..]]) == hash)
}

/// Numbers modulo an odd one, multiplied after Montgomery: `R` is two to the power of 32 times the number of limbs.
struct Montgomery {
    /// Least significant limb first, as all numbers here.
    modulus: Vec<u32>,
    /// The negative inverse of the modulus modulo 2^32.
    inverse: u32,
    /// R modulo the modulus, that is one.
    one: Vec<u32>,
}

impl Montgomery {
    fn new(modulus: &[u8]) -> Self {
        let modulus = limbs(modulus);
        // Newton: each step doubles the bits that are right, and an odd number is its own inverse in three
        let mut inverse = modulus[0];
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2_u32.wrapping_sub(modulus[0].wrapping_mul(inverse)));
        }
        let top = modulus[modulus.len() - 1].leading_zeros();
        let mut number = Self { one: vec![0; modulus.len()], modulus, inverse: inverse.wrapping_neg() };
        // the highest power of two below the modulus, doubled until it is R
        let last = number.modulus.len() - 1;
        number.one[last] = 1 << (31 - top);
        for _ in 0..=top {
            number.one = number.double(&number.one);
        }
        number
    }

    /// `base` to the power of `exponent` (most significant byte first, above zero).
    fn power(&self, base: &[u32], exponent: &[u8]) -> Vec<u32> {
        let base = self.multiply(base, &self.square_of_r());
        let mut result = self.one.clone();
        for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
            result = self.multiply(&result, &result);
            if bit == 1 {
                result = self.multiply(&result, &base);
            }
        }
        let mut plain = vec![0; self.modulus.len()];
        plain[0] = 1;
        self.multiply(&result, &plain)
    }

    /// R², which leads into this form: two to the power of R's bits, in this form itself.
    fn square_of_r(&self) -> Vec<u32> {
        let bits = 32 * self.modulus.len();
        let mut result = self.one.clone();
        for bit in (0..usize::BITS - bits.leading_zeros()).rev() {
            result = self.multiply(&result, &result);
            if bits >> bit & 1 == 1 {
                result = self.double(&result);
            }
        }
        result
    }

    /// Twice a number below the modulus.
    fn double(&self, number: &[u32]) -> Vec<u32> {
        let mut carry = 0;
        let doubled: Vec<u32> = number
            .iter()
            .map(|limb| {
                let sum = limb << 1 | carry;
                carry = limb >> 31;
                sum
            })
            .collect();
        self.reduced(doubled, carry)
    }

    /// The product of two numbers below the modulus, divided by R, limb by limb.
    fn multiply(&self, one: &[u32], other: &[u32]) -> Vec<u32> {
        let count = self.modulus.len();
        let mut sum = vec![0_u32; count + 2];
        for limb in one {
            add_product(&mut sum, other, *limb);
            let factor = sum[0].wrapping_mul(self.inverse);
            add_product(&mut sum, &self.modulus, factor);
            // the lowest limb has become zero
            sum.rotate_left(1);
        }
        let carry = sum[count];
        sum.truncate(count);
        self.reduced(sum, carry)
    }

    /// A number below twice the modulus, brought below it.
    fn reduced(&self, mut number: Vec<u32>, carry: u32) -> Vec<u32> {
        if carry != 0 || !less(&number, &self.modulus) {
            let mut borrow = false;
            for (limb, less) in number.iter_mut().zip(&self.modulus) {
                let (difference, first) = limb.overflowing_sub(*less);
                let (difference, second) = difference.overflowing_sub(u32::from(borrow));
                (*limb, borrow) = (difference, first || second);
            }
        }
        number
    }
}

/// Adds `factor` times `number` to a sum that is two limbs longer.
fn add_product(sum: &mut [u32], number: &[u32], factor: u32) {
    let mut carry = 0;
    for (place, limb) in sum.iter_mut().enumerate() {
        let product = u64::from(number.get(place).copied().unwrap_or(0)) * u64::from(factor) + u64::from(*limb) + carry;
        (*limb, carry) = (product as u32, product >> 32);
    }
}

/// Limbs of a number, the least significant first.
fn limbs(bytes: &[u8]) -> Vec<u32> {
    bytes.rchunks(4).map(|chunk| chunk.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte))).collect()
}

/// Whether one number is less than another of as many limbs.
fn less(one: &[u32], other: &[u32]) -> bool {
    one.iter().rev().lt(other.iter().rev())
}

#[cfg(test)]
mod tests {
    use rsa::BoxedUint;
    use rsa::traits::PublicKeyParts;

    use super::*;

    /// Bytes that look random, the same in every run.
    fn bytes(seed: usize, count: usize) -> Vec<u8> {
        (0..count.div_ceil(32)).flat_map(|block| Digest::Sha256.of(&[&seed.to_be_bytes(), &block.to_be_bytes()])).take(count).collect()
    }

    #[test]
    fn powers_are_those_of_another_program() {
        for seed in 0..60 {
            let count = [256, 257, 258, 259, 260, 384, 511, 512][seed % 8];
            let mut modulus = bytes(seed, count);
            modulus[0] = [0x80, 0x01, 0xff, 0x7f][seed % 4] | modulus[0] & 0x0f;
            modulus[count - 1] |= 1;
            if seed % 5 == 0 {
                // close below and above a power of two, where carries run through
                modulus[1..count - 1].fill(if seed % 2 == 0 { 0xff } else { 0 });
            }
            let mut base = bytes(seed + 1000, count);
            base[0] = 0;
            for exponent in [&[3][..], &[1, 0, 1], &[1, 0xff, 0xff, 0xff, 0xff]] {
                let key = rsa::PublicKey::new(BoxedUint::from_be_slice_vartime(&modulus), BoxedUint::from_be_slice_vartime(exponent)).unwrap();
                let number = BoxedUint::from_be_slice(&base, key.n().bits_precision()).unwrap();
                let mut power = number.clone();
                // the first bit is the base itself
                for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).skip_while(|bit| *bit == 0).skip(1) {
                    power = power.mul_mod(&power, key.n());
                    if bit == 1 {
                        power = power.mul_mod(&number, key.n());
                    }
                }
                let ours = public_operation(&modulus, exponent, &base).unwrap();
                assert_eq!(BoxedUint::from_be_slice(&ours, key.n().bits_precision()).unwrap(), power, "{seed}");
            }
        }
    }

    #[test]
    fn lengths_and_sizes_are_checked() {
        let mut modulus = bytes(7, 256);
        modulus[0] |= 0x80;
        modulus[255] |= 1;
        let mut least = vec![0; 256];
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &least).unwrap(), least);
        least[255] = 1;
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &least).unwrap(), least);
        let mut greatest = modulus.clone();
        greatest[255] -= 1;
        // minus one to an odd power
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &greatest).unwrap(), greatest);
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &modulus), None);
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &[0xff; 256]), None);
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &least[1..]), None);
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &[&[0][..], &least].concat()), None);
        assert_eq!(public_operation(&modulus, &[1, 0, 1], &[]), None);
    }
}
