//! RC4, in which files were encrypted until PDF 1.6. It protects nothing; it is undone here.

/// The data under `key`, encrypted or decrypted: both are the same.
pub fn applied(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|index| index as u8);
    let mut other = 0_u8;
    for index in 0..256 {
        let part = key.get(index % key.len().max(1)).copied().unwrap_or(0);
        other = other.wrapping_add(state[index]).wrapping_add(part);
        state.swap(index, usize::from(other));
    }
    let (mut index, mut other) = (0_u8, 0_u8);
    let mut next = || {
        index = index.wrapping_add(1);
        other = other.wrapping_add(state[usize::from(index)]);
        state.swap(usize::from(index), usize::from(other));
        state[usize::from(state[usize::from(index)].wrapping_add(state[usize::from(other)]))]
    };
    data.iter().map(|byte| byte ^ next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6229 §2, the first bytes of the key stream, and a well-known text.
    #[test]
    fn key_streams_are_those_of_the_standard() {
        assert_eq!(applied(&[1, 2, 3, 4, 5], &[0; 8]), [0xB2, 0x39, 0x63, 0x05, 0xF0, 0x3D, 0xC0, 0x27]);
        let key: Vec<u8> = (1..=16).collect();
        assert_eq!(applied(&key, &[0; 8]), [0x9A, 0xC7, 0xCC, 0x9A, 0x60, 0x9D, 0x1E, 0xF7]);
        assert_eq!(applied(b"Key", b"Plaintext"), [0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3]);
        assert_eq!(applied(b"", b"x").len(), 1);
    }
}
