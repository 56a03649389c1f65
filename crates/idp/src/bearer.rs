//! Texts that whoever holds them may use: cookies, codes, refresh tokens, tickets. They are made at random, and what is
//! remembered of one is its hash.

/// A new one: 43 characters of six random bits each.
pub fn make() -> String {
    jose::random_text(43, ALPHABET)
}

/// What is remembered of one. It was drawn from 2^258, so a fast hash without salt gives nothing away.
pub fn hash(text: &str) -> String {
    jose::b64url_encode(jose::sha256(text.as_bytes()))
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
