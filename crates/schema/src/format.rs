//! The forms that a text may have to take.

use url::Url;

/// A named form of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An absolute URI of any scheme.
    AbsoluteUri,
    AbsoluteUriOrEmpty,
    /// An https URI, which may hold placeholders in braces, or nothing.
    AbsoluteHttpsUriOrEmpty,
    /// A text without angle brackets, such as a display name.
    NoAngleBrackets,
    /// An e-mail address, or nothing.
    EmailOrEmpty,
    /// An RFC 3339 timestamp.
    DateTime,
    /// An IPv4 or IPv6 address, or a network in CIDR form.
    IpOrCidr,
    /// A name of lower-case letters, digits, hyphens and underscores.
    Slug,
    /// One label of a host's name: lower-case letters, digits, and hyphens except at its ends.
    HostLabel,
    /// The identifier of a credential's key: 10 to 64 of letters, digits, `-` and `_`.
    KeyId,
    /// The name of a hook: letters, digits, blanks and hyphens, the ends letters or digits.
    HookName,
    /// The name of a connection: letters and digits, and single hyphens between them.
    ConnectionName,
    /// An access token's scope: no white space and no control characters.
    Scope,
    /// A UUID in its usual form.
    Uuid,
    /// A colour as `#rgb`, `#rrggbb`, or either with its opacity.
    HexColor,
    /// A telephone number: a plus sign and at most 15 digits (E.164).
    Phone,
}

impl Format {
    /// Whether the text has this form.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Format::AbsoluteUri => Url::parse(text).is_ok(),
            Format::AbsoluteUriOrEmpty => text.is_empty() || Url::parse(text).is_ok(),
            Format::AbsoluteHttpsUriOrEmpty => text.is_empty() || https(text),
            Format::NoAngleBrackets => !text.contains(['<', '>']),
            Format::EmailOrEmpty => text.is_empty() || email(text),
            Format::DateTime => text.parse::<jiff::Timestamp>().is_ok(),
            Format::IpOrCidr => ip_or_cidr(text),
            Format::Slug => of(text, |c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_')),
            Format::HostLabel => {
                of(text, |c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
                    && !text.starts_with('-')
                    && !text.ends_with('-')
            }
            Format::KeyId => {
                (10..=64).contains(&text.len())
                    && of(text, |c| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_'))
            }
            Format::HookName => {
                let plain = |c: char| c.is_ascii_alphanumeric();
                of(text, |c| plain(c) || matches!(c, ' ' | '-'))
                    && text.starts_with(plain)
                    && text.ends_with(plain)
            }
            Format::ConnectionName => {
                of(text, |c| c.is_ascii_alphanumeric() || c == '-')
                    && !text.starts_with('-')
                    && !text.ends_with('-')
                    && !text.contains("--")
            }
            Format::Scope => of(text, |c| !c.is_whitespace() && !c.is_control()),
            Format::Uuid => uuid(text),
            Format::HexColor => hex_color(text),
            Format::Phone => text
                .strip_prefix('+')
                .is_some_and(|digits| digits.len() <= 15 && of(digits, |c| c.is_ascii_digit())),
        }
    }

    /// Why a text that does not fit is refused.
    pub fn complaint(self, text: &str) -> String {
        match self.pattern() {
            Some(pattern) => format!("String does not match pattern {pattern}: {text}"),
            None => format!("Object didn't pass validation for format {}: {text}", self.name()),
        }
    }

    /// The regular expression that a complaint names, for forms that have one. What fits is said by
    /// [`Format::fits`], which differs at the edges: an empty display name, a control character in a scope.
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            Format::NoAngleBrackets => Some("^[^<>]+$"),
            Format::Slug => Some("^[a-z0-9_-]+$"),
            Format::HostLabel => Some("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"),
            Format::KeyId => Some("^([0-9a-zA-Z-_]{10,64})$"),
            Format::HookName => Some("^[a-zA-Z0-9]([ \\-a-zA-Z0-9]*[a-zA-Z0-9])?$"),
            Format::ConnectionName => Some("^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$"),
            Format::Scope => Some("^\\S+$"),
            Format::HexColor => Some("^#(([0-9a-fA-F]{3}){1,2}|([0-9a-fA-F]{4}){1,2})$"),
            Format::Phone => Some("^\\+[0-9]{1,15}$"),
            Format::AbsoluteUri
            | Format::AbsoluteUriOrEmpty
            | Format::AbsoluteHttpsUriOrEmpty
            | Format::EmailOrEmpty
            | Format::DateTime
            | Format::IpOrCidr
            | Format::Uuid => None,
        }
    }

    /// The form's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Format::AbsoluteUri => "absolute-uri",
            Format::AbsoluteUriOrEmpty => "absolute-uri-or-empty",
            Format::AbsoluteHttpsUriOrEmpty => "absolute-https-uri-or-empty",
            Format::NoAngleBrackets => "no-angle-brackets",
            Format::EmailOrEmpty => "email-or-empty",
            Format::DateTime => "date-time",
            Format::IpOrCidr => "ip-or-cidr",
            Format::Slug => "slug",
            Format::HostLabel => "host-label",
            Format::KeyId => "key-id",
            Format::HookName => "hook-name",
            Format::ConnectionName => "connection-name",
            Format::Scope => "scope",
            Format::Uuid => "uuid",
            Format::HexColor => "hex-color",
            Format::Phone => "phone",
        }
    }
}

fn https(text: &str) -> bool {
    // Placeholders such as {organization_name} stand where a host label would.
    let filled = text.replace(['{', '}'], "");
    Url::parse(&filled).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}

fn email(text: &str) -> bool {
    text.len() <= 254
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.len() <= 64
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        })
}

fn ip_or_cidr(text: &str) -> bool {
    text.parse::<std::net::IpAddr>().is_ok() || text.parse::<ipnet::IpNet>().is_ok()
}

fn hex_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

fn of(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(allowed)
}
