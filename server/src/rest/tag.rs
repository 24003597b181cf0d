//! Entity tags: `ETag` out, `If-None-Match` and `If-Range` in (RFC 9110 §8.8.3, §13.1).

use axum::http::{HeaderMap, HeaderValue, header};

/// `"value"` as a header. `value` is one of ours: ASCII without quotes.
pub fn quoted(value: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{value}\"")).expect("states and digests are plain ASCII")
}

/// Whether `If-None-Match` names the tag, by weak comparison.
pub fn matches(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_weak_tags_and_stars_match() {
        let tag = quoted("1-0-pending-0");
        for (value, expected) in [("\"1-0-pending-0\"", true), ("\"x\", W/\"1-0-pending-0\"", true), ("*", true), ("1-0-pending-0", false), ("\"x\"", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            assert_eq!(matches(&headers, &tag), expected, "{value}");
        }
        assert!(!matches(&HeaderMap::new(), &tag));
    }
}
