//! Names of machines and mailboxes as name constraints compare them (RFC 5280 §4.2.1.10).

use std::net::IpAddr;

/// Whether the DNS name is `base` or below it; a base with a leading dot is met only below.
pub(super) fn dns_within(name: &str, base: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    let (name, base) = (lower(name), lower(base));
    match base.strip_prefix('.') {
        Some(_) => name.len() > base.len() && name.ends_with(&base),
        None => name == base || name.strip_suffix(&base).is_some_and(|above| above.ends_with('.') && above.len() > 1),
    }
}

/// Whether a mailbox is in `base`: one mailbox, all of a host, or (with a leading dot) all of a domain's hosts.
pub(super) fn mail_within(address: &str, base: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    match base.rsplit_once('@') {
        Some((base_local, base_host)) => local == base_local && lower(host) == lower(base_host),
        None if base.starts_with('.') => dns_within(host, base),
        None => lower(host) == lower(base),
    }
}

/// Whether a host is `base`, or (with a leading dot) below it.
pub(super) fn host_within(host: &str, base: &str) -> bool {
    if base.starts_with('.') { dns_within(host, base) } else { lower(host) == lower(base) }
}

/// The host of a URI with an authority, where it is a name.
pub(super) fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty() && !host.starts_with('[') && host.parse::<IpAddr>().is_err()).then_some(host)
}

/// Whether an address (4 or 16 bytes) is in a range of address and mask (8 or 32 bytes).
pub(super) fn address_within(address: &[u8], range: &[u8]) -> bool {
    let (base, mask) = range.split_at(range.len() / 2);
    address.len() == base.len() && address.iter().zip(base).zip(mask).all(|((a, b), m)| a & m == b & m)
}

/// One dot at the end is the same name.
fn lower(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_machines() {
        for (name, base) in [
            ("a.example.com", "example.com"),
            ("example.com", "EXAMPLE.com"),
            ("a.b.example.com.", "example.com"),
            ("x", ""),
            ("a.example.com", ".example.com"),
        ] {
            assert!(dns_within(name, base), "{name} {base}");
        }
        for (name, base) in
            [("myexample.com", "example.com"), ("example.com", ".example.com"), ("example.com.evil.org", "example.com"), (".example.com", "example.com")]
        {
            assert!(!dns_within(name, base), "{name} {base}");
        }
    }

    #[test]
    fn mailboxes_and_hosts() {
        for (name, base) in [
            ("Ming@Example.com", "Ming@example.com"),
            ("a@example.com", "example.com"),
            ("a@x.example.com", ".example.com"),
            ("\"a@b\"@example.com", "example.com"),
        ] {
            assert!(mail_within(name, base), "{name} {base}");
        }
        for (name, base) in
            [("ming@example.com", "Ming@example.com"), ("a@x.example.com", "example.com"), ("a@example.com", ".example.com"), ("example.com", "example.com")]
        {
            assert!(!mail_within(name, base), "{name} {base}");
        }
        for (uri, host) in [
            ("http://example.com/a?b#c", Some("example.com")),
            ("https://u:p@example.com:80", Some("example.com")),
            ("ldap://a.b?x@y", Some("a.b")),
            ("urn:x", None),
            ("http:///a", None),
            ("http://192.0.2.1/", None),
            ("http://[2001:db8::1]/", None),
        ] {
            assert_eq!(host_of(uri), host, "{uri}");
        }
        assert!(host_within("a.example.com", ".example.com") && !host_within("a.example.com", "example.com") && host_within("Example.com", "example.com"));
    }

    #[test]
    fn addresses() {
        assert!(address_within(&[192, 0, 2, 7], &[192, 0, 2, 0, 255, 255, 255, 0]));
        assert!(!address_within(&[192, 0, 3, 7], &[192, 0, 2, 0, 255, 255, 255, 0]));
        assert!(!address_within(&[0; 16], &[0; 8]) && address_within(&[9; 16], &[0; 32]));
    }
}
