//! What a certificate may be used for: key usage, basic constraints, extended key usage (RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.12).

use const_oid::ObjectIdentifier;

use crate::asn1::{self, Read};

/// Most purposes that are read.
const MAX_PURPOSES: usize = 64;

/// KeyUsage, the first bit highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyUsage(u16);

impl KeyUsage {
    pub(super) fn read(der: &[u8]) -> Read<Self> {
        const WRONG: &str = "the key usage of the certificate cannot be read";
        let value = asn1::whole(der, asn1::BIT_STRING).map_err(|_| WRONG)?.value;
        match *value {
            // no use at all: against the profile, but plain enough
            [0] => Ok(Self(0)),
            [0..=7, first] => Ok(Self(u16::from(first) << 8)),
            [0..=7, first, second] => Ok(Self(u16::from(first) << 8 | u16::from(second))),
            _ => Err(WRONG),
        }
    }

    fn bit(self, number: u32) -> bool {
        self.0 >> (15 - number) & 1 == 1
    }

    /// Bit 0.
    pub fn digital_signature(self) -> bool {
        self.bit(0)
    }

    /// Bit 1, also called content commitment.
    pub fn non_repudiation(self) -> bool {
        self.bit(1)
    }

    /// Bit 5.
    pub fn key_cert_sign(self) -> bool {
        self.bit(5)
    }

    /// Bit 6.
    pub fn crl_sign(self) -> bool {
        self.bit(6)
    }
}

/// BasicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BasicConstraints {
    /// Whether the subject is an authority.
    pub ca: bool,
    /// How many authorities may be below it; more than 255 count as 255.
    pub path_len_constraint: Option<u8>,
}

impl BasicConstraints {
    pub(super) fn read(der: &[u8]) -> Read<Self> {
        const WRONG: &str = "the basic constraints of the certificate cannot be read";
        let mut parts = asn1::whole(der, asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
        // DER leaves out a false; many write it, and it cannot be misread
        let ca = parts.optional(asn1::BOOLEAN).map_err(|_| WRONG)?.is_some_and(|truth| truth.value == [0xff]);
        let length = parts.optional(asn1::INTEGER).map_err(|_| WRONG)?;
        parts.end().map_err(|_| WRONG)?;
        let path_len_constraint = match length.map(|length| length.value) {
            None => None,
            Some([first, ..]) if *first >= 0x80 => return Err(WRONG),
            Some([length] | [0, length]) => Some(*length),
            Some(_) => Some(u8::MAX),
        };
        Ok(Self { ca, path_len_constraint })
    }
}

/// The purposes of an ExtKeyUsageSyntax.
pub(super) fn purposes(der: &[u8]) -> Read<Vec<ObjectIdentifier>> {
    const WRONG: &str = "the extended key usage of the certificate cannot be read";
    let mut list = asn1::whole(der, asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
    let mut purposes = Vec::new();
    while !list.is_empty() {
        let purpose = list.next(asn1::OID).map_err(|_| WRONG)?;
        purposes.push(ObjectIdentifier::from_bytes(purpose.value).map_err(|_| WRONG)?);
        if purposes.len() > MAX_PURPOSES {
            return Err(WRONG);
        }
    }
    if purposes.is_empty() { Err(WRONG) } else { Ok(purposes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_no_permission() {
        let usage = KeyUsage::read(&[3, 2, 6, 0xc0]).unwrap();
        assert!(usage.digital_signature() && usage.non_repudiation() && !usage.key_cert_sign() && !usage.crl_sign());
        assert!(KeyUsage::read(&[3, 2, 1, 0x06]).unwrap().key_cert_sign());
        assert!(KeyUsage::read(&[3, 3, 7, 0x02, 0x80]).unwrap().crl_sign());
        assert_eq!(KeyUsage::read(&[3, 1, 0]), Ok(KeyUsage(0)));
        for wrong in [&[][..], &[3, 1, 1], &[3, 2, 8, 0], &[4, 2, 0, 6], &[3, 2, 1, 6, 0], &[3, 0x81, 2, 1, 6]] {
            assert!(KeyUsage::read(wrong).is_err(), "{wrong:02x?}");
        }
        assert_eq!(BasicConstraints::read(&[0x30, 0]), Ok(BasicConstraints { ca: false, path_len_constraint: None }));
        assert_eq!(BasicConstraints::read(&[0x30, 3, 1, 1, 0xff]), Ok(BasicConstraints { ca: true, path_len_constraint: None }));
        assert_eq!(BasicConstraints::read(&[0x30, 6, 1, 1, 0xff, 2, 1, 0]).unwrap().path_len_constraint, Some(0));
        assert_eq!(BasicConstraints::read(&[0x30, 7, 1, 1, 0xff, 2, 2, 1, 0]).unwrap().path_len_constraint, Some(255));
        for wrong in [&[0x30, 3, 1, 1, 1][..], &[0x30, 6, 1, 1, 0xff, 2, 1, 0x80], &[0x30, 6, 2, 1, 0, 1, 1, 0xff], &[0x30, 0x80, 0, 0]] {
            assert!(BasicConstraints::read(wrong).is_err(), "{wrong:02x?}");
        }
        assert!(purposes(&[0x30, 0]).is_err());
        assert_eq!(purposes(&[0x30, 6, 6, 4, 0x55, 0x1d, 0x25, 0]).unwrap(), [ObjectIdentifier::new_unwrap("2.5.29.37.0")]);
    }
}
