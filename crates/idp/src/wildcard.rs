//! The one wildcard that addresses of applications may have: in the left-most label of the host, where it stands for
//! letters, digits and hyphens of that label. All else is compared byte for byte.

/// Whether an address is the one that a client registered, or one of those that its wildcard stands for.
pub fn matches(registered: &str, address: &str) -> bool {
    if !is_pattern(registered) {
        return registered == address;
    }
    let Some((before, after)) = registered.split_once('*').filter(|(before, after)| is_sound(before, after))
    else {
        return false;
    };
    let label = address.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    label.is_some_and(|label| !label.is_empty() && label.bytes().all(is_of_label))
}

/// Whether a registered address stands for several, and so for none by itself. What a placeholder stands for is only known
/// in an organization, or on a domain that says so.
pub fn is_pattern(registered: &str) -> bool {
    let is_web = registered.starts_with("https://") || registered.starts_with("http://");
    is_web && registered.contains(['*', '{'])
}

/// Whether the star stands where one may stand: in the first label, below a domain of two labels or more.
fn is_sound(before: &str, after: &str) -> bool {
    let first = before.strip_prefix("https://").or_else(|| before.strip_prefix("http://"));
    let host = after.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let mut labels = host.split('.');
    let rest_of_first = labels.next().unwrap_or_default();
    let above: Vec<&str> = labels.collect();
    first.is_some_and(|first| first.bytes().all(is_of_label))
        && rest_of_first.bytes().all(is_of_label)
        && above.len() >= 2
        && above.iter().all(|label| !label.is_empty() && label.bytes().all(is_of_label))
        && !after.contains(['*', '{'])
}

fn is_of_label(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_one_label_or_a_part_of_it() {
        for (registered, address) in [
            ("https://a.example/cb", "https://a.example/cb"),
            ("https://*.example.com/cb", "https://a.example.com/cb"),
            ("https://pr-*-web.example.com", "https://pr-12-web.example.com"),
            ("http://*.app.localhost:3000/cb?a=b", "http://x-1.app.localhost:3000/cb?a=b"),
            ("app:/cb*", "app:/cb*"),
        ] {
            assert!(matches(registered, address), "{registered} {address}");
        }
    }

    #[test]
    fn and_nothing_else() {
        for (registered, address) in [
            ("https://*.example.com/cb", "https://example.com/cb"),
            ("https://*.example.com/cb", "https://.example.com/cb"),
            ("https://*.example.com/cb", "https://a.b.example.com/cb"),
            ("https://*.example.com/cb", "https://evil.test/.example.com/cb"),
            ("https://*.example.com/cb", "https://evil.test?.example.com/cb"),
            ("https://*.example.com/cb", "https://evil.test#.example.com/cb"),
            ("https://*.example.com/cb", "https://evil.test\\.example.com/cb"),
            ("https://*.example.com/cb", "https://evil.test%2f.example.com/cb"),
            ("https://*.example.com/cb", "https://user@a.example.com/cb"),
            ("https://*.example.com/cb", "https://A.example.com/cb"),
            ("https://*.example.com/cb", "http://a.example.com/cb"),
            ("https://*.example.com/cb", "https://a.example.com/cb/"),
            ("https://*.example.com/cb", "https://a.example.com:444/cb"),
            ("https://*.example.com", "https://a.example.com.evil.test"),
            ("https://*.com", "https://evil.com"),
            ("https://*", "https://evil.test"),
            ("https://a.*.com/", "https://a.evil.com/"),
            ("https://a.example.com/*", "https://a.example.com/x"),
            ("https://*.*.example.com", "https://a.b.example.com"),
            ("*://a.example.com", "https://a.example.com"),
            ("app://*.example.com/", "app://a.example.com/"),
            ("https://*@b.example.com/", "https://evil.test/@b.example.com/"),
            ("https://*.example.com/cb", "https://*.example.com/cb"),
            ("https://{organization_name}.example.com/cb", "https://{organization_name}.example.com/cb"),
            ("https://{organization_name}.example.com/cb", "https://acme.example.com/cb"),
        ] {
            assert!(!matches(registered, address), "{registered} {address}");
        }
    }
}
