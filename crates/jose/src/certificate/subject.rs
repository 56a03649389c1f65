//! A distinguished name as lines, the way OpenSSL's multi-line form with RFC 2253 escapes prints it: `C=JP`,
//! newline, `CN=…`. A value can never look like another line or another attribute.

use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// One line for each RDN, in the certificate's order.
pub(super) fn lines(name: &X509Name<'_>) -> String {
    let lines = name.iter_rdn().map(|rdn| rdn.iter().map(attribute).collect::<Vec<_>>().join(" + "));
    lines.collect::<Vec<_>>().join("\n")
}

/// The attributes that have a long name and are text, in the certificate's order.
pub(super) fn names(name: &X509Name<'_>) -> Vec<(&'static str, String)> {
    let named = |attribute: &AttributeTypeAndValue<'_>| {
        let oid = attribute.attr_type().to_id_string();
        let (_, name) = LONG_NAMES.iter().find(|(number, _)| *number == oid)?;
        Some((*name, attribute.as_str().ok()?.to_owned()))
    };
    name.iter_attributes().filter_map(named).collect()
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let name = SHORT_NAMES.iter().find(|(number, _)| *number == oid).map_or(oid.as_str(), |(_, name)| name);
    match attribute.as_str() {
        Ok(value) => format!("{name}={}", escape(value)),
        // RFC 2253 §2.4: a value without a text form is written as the hex of its bytes.
        Err(_) => {
            attribute.as_slice().iter().fold(format!("{name}=#"), |hex, byte| format!("{hex}{byte:02X}"))
        }
    }
}

/// RFC 2253 §2.4, and control characters as hex so that none ends a line.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (place, character) in value.chars().enumerate() {
        match character {
            '\0'..='\x1f' | '\x7f' => text.push_str(&format!("\\{:02X}", character as u32)),
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => text.extend(['\\', character]),
            '#' if place == 0 => text.push_str("\\#"),
            ' ' if place == 0 || place == last => text.push_str("\\ "),
            plain => text.push(plain),
        }
    }
    text
}

/// The short names that OpenSSL prints; an attribute without one is printed by number.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.13", "description"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.20", "telephoneNumber"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "GN"),
    ("2.5.4.43", "initials"),
    ("2.5.4.44", "generationQualifier"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.65", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
];

/// The long names of the attributes that organizations are told apart by (RFC 4519 §2, PKCS #9).
const LONG_NAMES: &[(&str, &str)] = &[
    ("2.5.4.3", "commonName"),
    ("2.5.4.6", "countryName"),
    ("2.5.4.7", "localityName"),
    ("2.5.4.8", "stateOrProvinceName"),
    ("2.5.4.10", "organizationName"),
    ("2.5.4.11", "organizationalUnitName"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_value_stays_within_its_line() {
        for (value, expected) in [
            ("plain", "plain"),
            ("Zoë K.", "Zoë K."),
            ("a\nCN=b", "a\\0ACN=b"),
            ("a, b+c", "a\\, b\\+c"),
            (" a ", "\\ a\\ "),
            ("#a#", "\\#a#"),
            ("back\\slash", "back\\\\slash"),
            ("nul\0", "nul\\00"),
            ("", ""),
            (" ", "\\ "),
        ] {
            assert_eq!(escape(value), expected);
        }
    }
}
