//! Randomness from the system's generator, as bytes and as text over an alphabet. Never seeded, never
//! predictable.

use aws_lc_rs::rand;

/// That many random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system gives randomness");
    bytes
}

/// A text of `len` characters, each drawn uniformly from an ASCII alphabet of 1 to 256 characters.
pub fn random_text(len: usize, alphabet: &[u8]) -> String {
    assert!(!alphabet.is_empty() && alphabet.len() <= 256 && alphabet.is_ascii(), "an ASCII alphabet");

    // Bytes past the last whole multiple of the alphabet are thrown away: folding them back would favour its
    // start.
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(len);
    while text.len() < len {
        let drawn = random_bytes::<64>();
        let indices = drawn.iter().map(|byte| usize::from(*byte)).filter(|index| *index < fair);
        text.extend(indices.take(len - text.len()).map(|index| char::from(alphabet[index % alphabet.len()])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_its_length_and_its_alphabet() {
        for len in [0, 1, 21, 32, 64, 65, 1000] {
            let text = random_text(len, b"abcXYZ019");
            assert_eq!(text.len(), len);
            assert!(text.bytes().all(|byte| b"abcXYZ019".contains(&byte)));
        }
        assert_eq!(random_text(3, b"a"), "aaa");
        assert_ne!(random_text(32, b"0123456789"), random_text(32, b"0123456789"));
        assert_ne!(random_bytes::<16>(), random_bytes::<16>());
    }

    #[test]
    fn every_character_is_as_likely_as_another() {
        // 100 does not divide 256, so a fold would give the first 56 characters half again as many draws.
        let alphabet: Vec<u8> = (0..100).collect();
        let text = random_text(200_000, &alphabet);
        let low = text.bytes().filter(|byte| *byte < 56).count();
        assert!((110_000..114_000).contains(&low), "{low}");
    }
}
