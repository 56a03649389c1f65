//! Patterns over claims, against their definition.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some((pattern, text)) = text.split_once('\n') else { return };
    if pattern.len() + text.len() > 64 {
        let _ = idp::federation::matches(pattern, text);
        return;
    }
    let characters = |text: &str| text.chars().collect::<Vec<_>>();
    let expected = defined(&characters(pattern), &characters(text));
    assert_eq!(idp::federation::matches(pattern, text), expected, "{pattern:?} {text:?}");
});

/// Fills one row of answers for each character of the pattern: which beginnings of the text fit so far.
fn defined(pattern: &[char], text: &[char]) -> bool {
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        for (i, found) in text.iter().enumerate() {
            next[i + 1] = match wanted {
                '*' => !['/', ':'].contains(found) && (fits[i] || next[i]),
                wanted => wanted == found && fits[i],
            };
        }
        fits = next;
    }
    fits[text.len()]
}
